"""The catalogue: well-formed, honest, and free to use by default."""

import re
from pathlib import Path

import pytest

from voiceos.config.settings import Config
from voiceos.errors import ModelError
from voiceos.models.catalogue import (
    catalogue,
    find,
    is_path,
    language_model,
    needed,
)
from voiceos.models.model import HubFile, Model, Packaged, Purpose, WheelParts

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
            case Packaged():
                assert source.version


def test_what_the_settings_ask_for_by_default_is_free_for_every_use() -> None:
    for memory in (4 * GB, 8 * GB):
        for name in needed(Config(), memory):
            assert find(name, CATALOGUE).free, name


def test_openwakeword_says_that_it_is_not_free() -> None:
    for model in CATALOGUE:
        if model.name.startswith("openwakeword/"):
            assert not model.free
            assert model.licence == "CC-BY-NC-SA-4.0"
            assert "not for commercial use" in model.licence_note


@pytest.mark.parametrize(
    ("memory", "model"),
    [
        (2 * GB, "qwen2.5-coder-0.5b-instruct-q4_k_m"),
        (4_294_967_296, "qwen2.5-coder-0.5b-instruct-q4_k_m"),
        (6 * GB, "qwen2.5-coder-1.5b-instruct-q4_k_m"),
        (8_200_000_000, "qwen2.5-coder-1.5b-instruct-q4_k_m"),
    ],
)
def test_the_language_model_fits_the_memory(memory: int, model: str) -> None:
    assert language_model(Config(), memory) == model
    assert find(model, CATALOGUE).purpose is Purpose.LANGUAGE


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
    assert needed(Config(), 8 * GB) == [
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
    assert not [name for name in needed(config) if "qwen" in name]


def test_paths_and_what_is_switched_off_are_not_needed() -> None:
    config = settings(
        mind={"model": "/models/mine.gguf"},
        wake={"words": ("alexa", "~/computer.tflite")},
        listen={"turn_end_model": ""},
        recognition={"model": "./whisper"},
    )
    assert needed(config) == ["silero-vad", "hibari-heart", "alexa"]
    assert needed(settings(wake={"mode": "open"}), 8 * GB)[-1].startswith("qwen")
    assert "hey_jarvis" not in needed(settings(wake={"mode": "open"}), 8 * GB)


def test_auto_is_resolved_by_this_machines_memory() -> None:
    assert find(language_model(Config()), CATALOGUE).purpose is Purpose.LANGUAGE


def test_the_documentation_has_every_model_with_its_licence() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    assert list(rows) == [model.name for model in CATALOGUE]
    for name, row in rows.items():
        assert BY_NAME[name].licence in row, name
        assert ("not verified by us" in row) is not BY_NAME[name].verified, name
        assert ("hub" in row) is any("hub" in source for source in BY_NAME[name].sources), name
        assert ("registry" in row) is any("registry" in source for source in BY_NAME[name].sources), name
