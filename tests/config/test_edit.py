"""Changing settings: one line changes, the rest stays as it was, and the file is always whole."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voiceos.config import edit
from voiceos.config.edit import set_value, unset_value
from voiceos.config.fields import settings, value_of
from voiceos.config.load import parse_toml, read_config, read_toml
from voiceos.errors import ConfigError

MINE = """\
# My settings.

[audio]   # sound
volume = 0.5   # not too loud
# speaker = "HDMI"

[mind]
name = 'Ada'

# end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(MINE)
    return path


def test_a_value_changes_and_its_comment_stays(file: Path) -> None:
    set_value(file, "audio.volume", "0.75")
    assert file.read_text() == MINE.replace("0.5 ", "0.75 ")


def test_a_new_key_joins_its_section(file: Path) -> None:
    set_value(file, "audio.earcons", "off")
    assert file.read_text() == MINE.replace('HDMI"\n', 'HDMI"\nearcons = false\n')


def test_a_new_section_comes_last(file: Path) -> None:
    set_value(file, "wake.words", "alexa, hey_jarvis")
    assert file.read_text() == MINE + '\n[wake]\nwords = ["alexa", "hey_jarvis"]\n'


def test_unset_takes_out_the_line(file: Path) -> None:
    assert unset_value(file, "audio.volume")
    assert file.read_text() == MINE.replace("volume = 0.5   # not too loud\n", "")
    assert not unset_value(file, "audio.volume")


def test_unset_mends_an_unknown_key(file: Path) -> None:
    file.write_text(MINE.replace("name", "nmae"))
    assert unset_value(file, "mind.nmae")
    read_config(file).right()
    with pytest.raises(ConfigError, match=r"did you mean 'mind.name'"):
        unset_value(file, "mind.nmae")


@pytest.mark.parametrize(
    ("text", "key", "value", "expected"),
    [
        ("audio = {volume = 1} # x\n", "audio.volume", "0.5", "audio = {volume = 0.5} # x\n"),
        ("audio = {volume = 1}\n", "audio.earcons", "no", "audio = {volume = 1,earcons = false}\n"),
        ("audio.volume = 1\n", "audio.volume", "0.5", "audio.volume = 0.5\n"),
        ("audio.volume = 1\n[mind]\n", "audio.earcons", "no", "audio.volume = 1\naudio.earcons = false\n[mind]\n"),
        ("[wake.thresholds]\na = 0.3\n", "wake.mode", "open", '[wake]\nmode = "open"\n\n[wake.thresholds]\na = 0.3\n'),
        ("[wake]\n[wake.thresholds]\nalexa = 0.3\n", "wake.thresholds", "a=0.5", "[wake]\nthresholds = {a = 0.5}\n"),
        ("[wake]\nwords = [\n  'a', # b\n]\nmode = ''\n", "wake.words", "c", "[wake]\nwords = [\"c\"]\nmode = ''\n"),
        ("[audio]\r\nvolume = 1\r\n", "audio.earcons", "no", "[audio]\r\nvolume = 1\r\nearcons = false\r\n"),
        ("[audio]", "audio.earcons", "no", "[audio]\nearcons = false\n"),
    ],
)  # fmt: skip
def test_however_it_is_laid_out(file: Path, text: str, key: str, value: str, expected: str) -> None:
    file.write_bytes(text.encode())
    set_value(file, key, value)
    assert file.read_bytes().decode() == expected


def test_a_missing_file_begins_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    set_value(path, "mind.name", "Ada")
    assert path.read_text() == edit.HEADER + '\n[mind]\nname = "Ada"\n'
    assert read_config(path).right().config.mind.name == "Ada"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("audio.volume", "9", "audio.volume must be a number from 0.0 to 2.0"),
        ("audio.volume", "loud", 'not "loud"'),
        ("audio.volum", "1", "did you mean 'audio.volume'"),
        ("nonsense", "1", "config list"),
        ("mind.api_key_file", "", ""),
    ],
)
def test_what_is_wrong_is_not_written(file: Path, key: str, text: str, said: str) -> None:
    if not said:
        return set_value(file, key, text)
    with pytest.raises(ConfigError, match=said):
        set_value(file, key, text)
    assert file.read_text() == MINE
    return None


def test_a_mistake_elsewhere_does_not_keep_one_from_mending(file: Path) -> None:
    file.write_text("[audio]\nvolume = 9\nearcons = 7\n")
    set_value(file, "audio.volume", "1")
    set_value(file, "audio.earcons", "yes")
    assert read_config(file).right().config.audio.earcons


def test_a_broken_file_is_left_alone(file: Path) -> None:
    file.write_text("[audio\n")
    with pytest.raises(ConfigError, match=":1: not valid TOML"):
        set_value(file, "audio.volume", "1")
    assert file.read_text() == "[audio\n"


def test_a_file_with_a_secret_is_for_its_owner(file: Path) -> None:
    file.chmod(0o644)
    set_value(file, "mind.name", "Ada")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    set_value(file, "mind.api_key", "CANARY")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("key", ["mind.name", "mind.api_key"])
def test_what_root_changes_stays_the_service_s(file: Path, key: str) -> None:
    os.chown(file, 0, 65534)
    file.chmod(0o640)
    set_value(file, key, "Ada")
    found = file.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (0, 65534, 0o640)
    os.chown(file, 65534, 65534)
    file.chmod(0o604)
    set_value(file, key, "Bob")
    found = file.stat()
    mode = 0o600 if key == "mind.api_key" else 0o604
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 65534, mode)


def test_a_file_that_cannot_be_given_its_owner_is_written_where_it_is(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    before = file.stat()
    monkeypatch.setattr(os, "fchown", refuse)
    set_value(file, "audio.volume", "0.75")
    assert file.read_text() == MINE.replace("0.5 ", "0.75 ")
    assert file.stat().st_ino == before.st_ino
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_file_with_two_names_keeps_both(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.hardlink_to(file)
    set_value(other, "audio.volume", "0.75")
    assert file.read_text() == other.read_text() == MINE.replace("0.5 ", "0.75 ")


def test_links_in_a_circle(tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(link)
    with pytest.raises(ConfigError):
        set_value(link, "audio.volume", "1")


def test_a_symlink_stays_one(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    set_value(link, "audio.volume", "0.75")
    assert link.is_symlink()
    assert "0.75" in file.read_text()


def test_a_full_disk_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        set_value(file, "audio.volume", "1")
    assert file.read_text() == MINE
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_byte_order_mark_goes(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[audio]\n")
    set_value(file, "audio.volume", "1")
    assert file.read_bytes() == b"[audio]\nvolume = 1.0\n"


def test_who_may_not_write_is_told_what_to_do(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(ConfigError, match="Put `sudo` before"):
        set_value(file, "audio.volume", "1")


TEXTS = {
    "audio.volume": st.floats(0, 2).map(str),
    "audio.earcons": st.sampled_from(["true", "off"]),
    "audio.speaker": st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    "wake.words": st.lists(st.text("abc_ü\"'\\#=]", max_size=6)).map(",".join),
    "wake.thresholds": st.sampled_from(["alexa=0.4", "{a = 0.5, 'b c' = 0.25}"]),
    "mind.name": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    "mind.max_tokens": st.integers(16, 8192).map(str),
    "store.folder": st.sampled_from(["", "~/x", "/a b/c"]),
}
STEPS = st.lists(
    st.sampled_from(sorted(TEXTS)).flatmap(lambda key: st.tuples(st.just(key), st.none() | TEXTS[key])), max_size=8
)
STARTS = [
    "",
    MINE,
    MINE.replace("\n", "\r\n"),
    "wake = {mode = 'open', words = ['x']} # y\naudio.volume = 1\nmind.name = '''a\n[audio]\nb'''\n",
    "[wake.thresholds]\nalexa = 0.5\n# c\n[mind]\nmax_tokens=99\n[wake]\nwords = [\n 'a', # ]\n 'b' ]",
    "[mind]\nnonsense = 3 # \u2028 odd\n[strange]\n\tx = [[1], {y = 2}]\n",
]


@hypothesis_settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), steps=STEPS)
@example(
    start=STARTS[3], steps=[("wake.words", None), ("mind.name", None), ("audio.volume", None), ("audio.volume", "1")]
)
def test_any_edits_keep_the_file_whole_and_the_rest_as_it_was(
    tmp_path: Path, start: str, steps: list[tuple[str, str | None]]
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(start.encode())
    for key, text in steps:
        before = path.read_bytes()
        mistakes = read_toml(before.decode(), path).mistakes
        if text is None:
            unset_value(path, key)
        else:
            set_value(path, key, text)
        after = path.read_bytes()
        assert len(read_toml(after.decode(), path).mistakes) == len(mistakes)
        name = key.partition(".")[2].encode()
        others = [line for line in before.split(b"\n") if line and name not in line and b"wake = {" not in line]
        rest = after.split(b"\n")
        changed = [line for line in others if line not in rest and line + b"\r" not in rest]
        assert all(_belongs(line, key, start) for line in changed)
    tree = parse_toml(path.read_text(), path)
    expected = dict(steps)
    for key, text in expected.items():
        section, _, name = key.partition(".")
        if text is None:
            assert name not in tree.get(section, {})
        else:
            assert tree[section][name] == settings()[key].parse(text)


def _belongs(line: bytes, key: str, start: str) -> bool:
    """Lines of a value that spans several, or of a table that was one setting."""
    values = {
        "wake.words": [b" 'a', # ]", b" 'b' ]", b"[wake]"],
        "wake.thresholds": [b"alexa = 0.5", b"# c", b"[wake.thresholds]"],
        "mind.name": [b"[audio]", b"b'''"],
    }
    return line in values.get(key, [])


def test_values_come_back_as_they_were_typed(file: Path) -> None:
    odd = 'a"b\\c\td\u2028é#='
    set_value(file, "mind.persona", odd)
    assert value_of(read_config(file).right().config, "mind.persona") == odd
