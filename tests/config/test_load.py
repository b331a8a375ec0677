"""Loading the settings: layers, sources, and every mistake with its place."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voiceos.config.fields import Setting, settings, unknown, value_of
from voiceos.config.load import LARGEST_BYTES, read_config, read_toml
from voiceos.config.settings import Config
from voiceos.errors import ConfigError


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith("VOICEOS_"):
            monkeypatch.delenv(variable)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def mistakes(file: Path, **overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_config(file, overrides).right()
    return str(caught.value).replace(f"{file}", "FILE").split("\n")


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    loaded = read_config(file).right()
    assert loaded.config == Config()
    assert set(loaded.sources) == set(settings())
    assert set(loaded.sources.values()) == {"default"}


def test_later_layers_win_and_say_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("# mine\n[audio]\nvolume = 1\nspeaker = 'USB'\nearcons = false\n")
    monkeypatch.setenv("VOICEOS_AUDIO_VOLUME", "0.5")
    monkeypatch.setenv("VOICEOS_AUDIO_SPEAKER", "Jabra")
    loaded = read_config(file, {"audio.speaker": "HDMI"}).right()
    assert (loaded.config.audio.volume, loaded.config.audio.speaker, loaded.config.audio.earcons) == (
        0.5,
        "HDMI",
        False,
    )
    assert loaded.sources["audio.volume"] == "VOICEOS_AUDIO_VOLUME"
    assert loaded.sources["audio.speaker"] == "command line"
    assert loaded.sources["audio.earcons"] == f"{file}:5"


def test_every_setting_can_be_set_by_its_variable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"mind.base_url": "http://a/v1", "recognition.hotwords": "Ada, Grace", "wake.thresholds": "alexa=0.4"}
    for key, text in texts.items():
        monkeypatch.setenv(settings()[key].variable, text)
    config = read_config(file).right().config
    assert config.mind.base_url == "http://a/v1"
    assert config.recognition.hotwords == ("Ada", "Grace")
    assert config.wake.thresholds == {"alexa": 0.4}


def test_all_mistakes_are_told_at_once_with_line_and_range(file: Path) -> None:
    file.write_text(
        'volume = 3\n[audio]\nvolume = 9\nvolum = 1\necho = "on"\n[wake]\nwords = [\n  "a",\n  3,\n]\n'
        "[wake.thresholds]\na = 4\n[audoi]\nx = 1\n[mind]\nmax_tokens = 1.5\nname = ''\napi_key = 77\n"
    )
    assert mistakes(file, **{"mnd.base_url": "x", "audio.earcons": "maybe"}) == [
        "FILE:1: unknown setting 'volume'; did you mean 'audio.volume'?",
        "FILE:3: audio.volume must be a number from 0.0 to 2.0 (factor), not 9",
        "FILE:4: unknown setting 'audio.volum'; did you mean 'audio.volume'?",
        "FILE:5: audio.echo must be one of 'webrtc', 'off', not \"on\"",
        'FILE:7: wake.words must be a list of texts, not ["a", 3]',
        "FILE:11: wake.thresholds must be a table of names and numbers above 0 and below 1, not {a = 4}",
        "FILE:13: unknown section [audoi]; did you mean [audio]?",
        "FILE:16: mind.max_tokens must be a whole number from 16 to 8192 (tokens), not 1.5",
        'FILE:17: mind.name must be text, not empty, not ""',
        "FILE:18: mind.api_key must be text",
        "--set: unknown setting 'mnd.base_url'; did you mean 'mind.base_url'?",
        '--set: audio.earcons must be true or false, not "maybe"',
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audio\nvolume = 1\n", "FILE:1: not valid TOML: Expected ']'"),
        ("[audio]\nvolume = ", "FILE:2: not valid TOML: Invalid value (at the end of the file)"),
        ("[audio]\nvolume = 1\nvolume = 2\n", "FILE:3: not valid TOML: Cannot overwrite a value"),
        ("[audio]\nvolume = 0.\n", "FILE:2: not valid TOML"),
        ("\0\0\0\0", "FILE:1: not valid TOML"),
        ("[mind]\nmax_tokens = " + "9" * 5000, "FILE:2: not valid TOML"),
        ("x = " + "[" * 9000, "FILE: not a settings file"),
        ("audio = 3\n", "FILE:1: 'audio' is a section: write [audio] above its settings"),
        ("[audio]\nvolume = nan\n", "FILE:2: audio.volume must be a number from 0.0 to 2.0 (factor), not nan"),
        ("[audio]\nvolume = true\n", "FILE:2: audio.volume must be a number from 0.0 to 2.0 (factor), not true"),
        ("[mind]\nname = 2026-01-01\n", "FILE:2: mind.name must be text"),
        ("[[audio]]\nvolume = 1\n", "FILE:1: 'audio' is a section"),
    ],
)
def test_a_broken_file_is_told_by_line(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    assert mistakes(file)[0].startswith(said)


def test_a_half_written_file_never_passes_silently(file: Path) -> None:
    whole = '[audio]\nvolume = 0.5\n\n[wake]\nwords = ["hey_jarvis"]\n'
    for cut in range(len(whole)):
        file.write_text(whole[:cut])
        try:
            read_config(file).right()
        except ConfigError as error:
            assert str(error).startswith(f"{file}:")  # noqa: PT017 - both ways are right


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"[audio]\nspeaker = '\xff'\n", "FILE:2: not UTF-8"), (b"# " + b"x" * LARGEST_BYTES, "FILE is too large")],
)
def test_what_is_no_text(file: Path, raw: bytes, said: str) -> None:
    file.write_bytes(raw)
    assert mistakes(file)[0].startswith(said)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        read_config(tmp_path).right()


def test_an_unreadable_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError, match="No permission to read"):
        read_config(file).right()


def test_a_byte_order_mark_is_no_mistake(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[audio]\r\nvolume = 0.5\r\n")
    assert read_config(file).right().config.audio.volume == 0.5


def test_secrets_are_never_shown(file: Path) -> None:
    file.write_text("[mind]\napi_key = 'CANARY'\nmodel = 3\n")
    assert "CANARY" not in "".join(mistakes(file))
    file.write_text("[mind]\napi_key = 'CANARY'\n")
    loaded = read_config(file).right()
    assert "CANARY" not in repr(loaded)
    assert settings()["mind.api_key"].shown(loaded.config.mind.api_key) == "(set)"


def test_strange_variables_are_warned_about(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for variable in (
        "VOICEOS_AUDIO_VOLUM",
        "VOICEOS_MIND_ZZZ",
        "VOICEOS_TEST_AUDIO_X",
        "VOICEOS_ROOT",
        "VOICEOS_CONFIG",
    ):
        monkeypatch.setenv(variable, "1")
    read_config(file).right()
    assert [record.getMessage() for record in caplog.records] == [
        "Ignoring the variable VOICEOS_AUDIO_VOLUM, which is not a setting; did you mean VOICEOS_AUDIO_VOLUME?",
        "Ignoring the variable VOICEOS_MIND_ZZZ, which is not a setting",
    ]


def test_bytes_that_are_no_text_in_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEOS_MIND_NAME", os.fsdecode(b"\xff"))
    assert mistakes(file) == ["VOICEOS_MIND_NAME: mind.name must be UTF-8 text"]


def test_the_environment_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[audio]\nvolume = 0.25\n")
    monkeypatch.setenv("VOICEOS_CONFIG", str(file))
    assert read_config().right().config.audio.volume == 0.25


@pytest.mark.parametrize(
    ("key", "guess"),
    [("audio.volum", "audio.volume"), ("mnd.name", "mind.name"), ("temperature", "mind.temperature"), ("xyzzy", "")],
)
def test_did_you_mean(key: str, guess: str) -> None:
    assert unknown(key) == f"unknown setting '{key}'" + (f"; did you mean '{guess}'?" if guess else "")


@pytest.mark.parametrize("one", settings().values(), ids=lambda one: one.key)
def test_each_default_is_allowed_and_documented(one: Setting) -> None:
    assert value_of(Config(), one.key) == one.default
    assert one.help.endswith(".")
    if one.kind in ("integer", "number"):
        assert " from " in one.allowed or " above " in one.allowed


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        told = [str(mistake) for mistake in read_toml(text, Path("file")).mistakes]
    except ConfigError as error:
        told = [str(error)]
    assert all(one.startswith("file") for one in told)


def test_the_line_of_a_mistake_in_any_layout(file: Path) -> None:
    file.write_text(
        '# a\naudio = { volume = 9 } # ]\nmind.max_tokens = 1\n["wake"]\nwords = [ # ]\n 1,\n]\n'
        'mode = """\n[no]\n"""\n[wake.thresholds]\na = 4\n'
    )
    assert [line.split(": ")[0] for line in mistakes(file)] == ["FILE:2", "FILE:3", "FILE:5", "FILE:8", "FILE:11"]
