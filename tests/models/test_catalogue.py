"""The catalogue: well-formed, honest, and free to use by default."""

import re
from pathlib import Path

import pytest

from voiceos.config.settings import Config
from voiceos.errors import ModelError
from voiceos.models.catalogue import (
    catalogue,
    choices,
    find,
    is_path,
    language_model,
    language_models,
    needed,
)
from voiceos.models.model import HubFile, Model, NpmMember, Packaged, Purpose, WheelParts

GB = 1_000_000_000
CATALOGUE = catalogue()
BY_NAME = {model.name: model for model in CATALOGUE}


def test_every_name_is_there_once() -> None:
    assert len(BY_NAME) == len(CATALOGUE)


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.name)
def test_an_entry_is_well_formed(model: Model) -> None:
    assert model.licence
    assert model.about
    assert model.languages
    for edition in model.editions:
        assert len({file.name for file in edition}) == len(edition)
        for file in edition:
            assert "/" not in file.name
            assert file.sources
            assert file.size >= 0
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
    assert not model.main or model.main in {file.name for file in model.files}
    assert model.packaged or "/" not in model.name, "its name is its folder's"


def test_a_wheel_is_pinned_and_a_hub_file_has_a_revision() -> None:
    sources = [
        source for model in CATALOGUE for edition in model.editions for file in edition for source in file.sources
    ]
    for source in sources:
        match source:
            case WheelParts(parts):
                assert all(part.version and part.member for part in parts)
            case HubFile():
                assert re.fullmatch(r"[0-9a-f]{40}|v\d+\.\d+\.\d+", source.revision)
            case Packaged() | NpmMember():
                assert source.version


def nothing(name: str) -> bool:
    return False


def test_what_the_settings_ask_for_by_default_is_free_for_every_use() -> None:
    for memory in (4 * GB, 8 * GB):
        for names in choices(Config(), nothing, (memory, 4)):
            assert all(find(name, CATALOGUE).free for name in names), names


def test_openwakeword_says_that_it_is_not_free() -> None:
    for model in CATALOGUE:
        if model.name.startswith("openwakeword/"):
            assert not model.free
            assert model.licence == "CC-BY-NC-SA-4.0"
            assert "not for commercial use" in model.licence_note


@pytest.mark.parametrize(
    ("machine", "best", "last"),
    [
        ((2 * GB, 4), "qwen2.5-coder-0.5b-instruct-q4_k_m", "qwen2.5-coder-0.5b-instruct-q4_k_m"),
        ((4_294_967_296, 4), "qwen2.5-coder-0.5b-instruct-q4_k_m", "qwen2.5-coder-0.5b-instruct-q4_k_m"),
        ((6 * GB, 4), "qwen3.5-2b-q4_k_m", "qwen2.5-coder-1.5b-instruct-q4_k_m"),
        ((16 * GB, 4), "qwen3.5-2b-q4_k_m", "qwen2.5-coder-1.5b-instruct-q4_k_m"),
        ((16 * GB, 16), "qwen3.5-4b-q4_k_m", "qwen2.5-coder-1.5b-instruct-q4_k_m"),
    ],
)
def test_the_language_model_fits_the_machine(machine: tuple[int, int], best: str, last: str) -> None:
    names = language_models(Config(), machine)
    assert (names[0], names[-1]) == (best, last)
    assert all(find(name, CATALOGUE).purpose is Purpose.LANGUAGE for name in names)
    assert language_model(Config(), nothing, machine) == last
    assert language_model(Config(), lambda name: True, machine) == best
    assert language_model(Config(), lambda name: name == last, machine) == last


def test_what_is_here_is_not_fetched_again_in_a_better_edition() -> None:
    here = "qwen2.5-coder-1.5b-instruct-q4_k_m"
    assert (here,) in choices(Config(), lambda name: name == here, (8 * GB, 4))
    assert ("qwen3.5-2b-q4_k_m", here) in choices(Config(), nothing, (8 * GB, 4))


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ModelError, match=r"no model 'whisper-bsae' \(did you mean 'whisper-base'\?\)"):
        find("whisper-bsae", CATALOGUE)


@pytest.mark.parametrize("path", ["./mine", "/models/mine.gguf", "~/voice.onnx", "mine.tflite", "some/folder"])
def test_a_path_is_not_a_name(path: str) -> None:
    assert is_path(path)


@pytest.mark.parametrize("name", ["okay_nabu", "openwakeword/alexa", "smart-turn-v3.2", "whisper-bsae"])
def test_a_name_is_not_a_path(name: str) -> None:
    assert not is_path(name)


def settings(**sections: dict[str, object]) -> Config:
    return Config.model_validate(sections)


def test_needed_by_default() -> None:
    assert needed(Config(), nothing, (8 * GB, 4)) == [
        "silero-vad",
        "whisper-base",
        "hibari-heart",
        "smart-turn-v3.2",
        "hey_jarvis",
        "okay_nabu",
        "qwen2.5-coder-1.5b-instruct-q4_k_m",
    ]


def test_an_endpoint_needs_no_language_model() -> None:
    config = settings(mind={"base_url": "http://127.0.0.1:1/v1"})
    assert not [name for name in needed(config, nothing) if "qwen" in name]


def test_paths_and_what_is_switched_off_are_not_needed() -> None:
    config = settings(
        mind={"model": "/models/mine.gguf"},
        wake={"words": ("alexa", "~/computer.tflite")},
        listen={"turn_end_model": ""},
        recognition={"model": "./whisper"},
    )
    assert needed(config, nothing) == ["silero-vad", "hibari-heart", "alexa"]
    assert needed(settings(wake={"mode": "open"}), nothing, (8 * GB, 4))[-1].startswith("qwen")
    assert "hey_jarvis" not in needed(settings(wake={"mode": "open"}), nothing, (8 * GB, 4))


def test_auto_is_resolved_by_this_machines_memory() -> None:
    assert find(language_model(Config(), nothing), CATALOGUE).purpose is Purpose.LANGUAGE


def test_the_documentation_has_every_model_with_its_licence() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    assert list(rows) == [model.name for model in CATALOGUE]
    for name, row in rows.items():
        assert BY_NAME[name].licence in row, name
        assert ("not verified by us" in row) is not BY_NAME[name].verified, name
        assert ("hub" in row) is any("hub" in source for source in BY_NAME[name].sources), name
        assert ("registry" in row) is any("registry" in source for source in BY_NAME[name].sources), name
