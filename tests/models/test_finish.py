"""What is made of fetched files: once, anew when something that went in has changed, and never half."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper, save

from voiceos.errors import ModelError
from voiceos.models.finish import RECEIPT, Recipe, finished
from voiceos.models.hub import Hub
from voiceos.models.model import Model, Purpose
from voiceos.models.shelf import Shelf
from voiceos.models.verified import Verified
from voiceos.models.voices import PARTS, REACH, SETTINGS, WHOLE, cut


class Kitchen:
    """Doubles a file, and counts how often."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.part = folder / "part"
        self.adapter = folder / "adapter"
        self.part.write_bytes(b"one")
        self.adapter.write_bytes(b"+")
        self.made = 0

    def make(self, model: Path, into: Path) -> None:
        self.made += 1
        (into / "double").write_bytes(model.read_bytes() * 2 + self.adapter.read_bytes())

    def finished(self, *, fresh: bool = False) -> Path:
        recipe = Recipe("double-1", self.make, (self.adapter,))
        verified = Verified(self.folder / ".verified.json")
        return finished(recipe, self.part, [self.part], self.folder / "out", verified, fresh=fresh)


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path)


def test_it_is_made_once(kitchen: Kitchen) -> None:
    assert (kitchen.finished() / "double").read_bytes() == b"oneone+"
    assert kitchen.finished() == kitchen.finished(fresh=True)
    assert kitchen.made == 1


@pytest.mark.parametrize("changed", ["part", "adapter"])
def test_it_is_made_anew_of_other_files_and_what_was_made_before_goes(kitchen: Kitchen, changed: str) -> None:
    before = kitchen.finished()
    (kitchen.folder / changed).write_bytes(b"other")
    after = kitchen.finished()
    assert after != before
    assert not before.exists()
    assert kitchen.made == 2


@pytest.mark.parametrize("name", ["double", RECEIPT])
@pytest.mark.parametrize("content", [None, b"", b"damaged", b"[]"])
def test_what_is_damaged_is_made_anew(kitchen: Kitchen, name: str, content: bytes | None) -> None:
    file = kitchen.finished() / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert (kitchen.finished() / "double").read_bytes() == b"oneone+"
    assert kitchen.made == 2


def test_what_a_failing_disk_changed_is_found_when_all_is_hashed_anew(kitchen: Kitchen) -> None:
    kitchen.finished()
    file = kitchen.finished() / "double"
    stat = file.stat()
    with file.open("r+b") as opened:
        opened.write(b"X")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (kitchen.finished() / "double").read_bytes() == b"Xneone+"
    assert (kitchen.finished(fresh=True) / "double").read_bytes() == b"oneone+"


def test_a_failure_leaves_nothing_behind(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(model: Path, into: Path) -> None:
        (into / "half").touch()
        raise ModelError("It is another model.")

    monkeypatch.setattr(kitchen, "make", fail)
    with pytest.raises(ModelError):
        kitchen.finished()
    assert [path.name for path in (kitchen.folder / "out").iterdir()] == [".double-1.lock"]


def test_who_comes_second_waits_and_finds_it_made(kitchen: Kitchen) -> None:
    together = [threading.Thread(target=kitchen.finished) for _ in range(4)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join(30)
    assert kitchen.made == 1


WIDTH = 4


def voice(folder: Path, *, speakers: bool, name: str = "dec.ups.1.weight") -> Path:
    """A network with the joints of a Piper voice: ids become rows, and two convolutions make sound of them."""
    random = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return random.standard_normal(shape).astype(np.float32)

    weights = {"table": some(9, WIDTH), "dec.conv_pre.weight": some(WIDTH, WIDTH, 5), name: some(1, WIDTH, 3)}
    nodes = [
        helper.make_node("Gather", ["table", "input"], ["rows"]),
        helper.make_node("Transpose", ["rows"], ["z"], perm=[0, 2, 1]),
        helper.make_node("Conv", ["z", "dec.conv_pre.weight"], ["pre"], pads=[2, 2]),
        helper.make_node("Conv", ["hidden", name], ["output"], pads=[1, 1]),
    ]
    inputs = {"input": (TensorProto.INT64, [1, "n"]), "input_lengths": (TensorProto.INT64, [1])}
    inputs["scales"] = (TensorProto.FLOAT, [3])
    if speakers:
        weights["emb_g.weight"] = some(3, WIDTH, 1)
        inputs["sid"] = (TensorProto.INT64, [1])
        nodes[3:3] = [
            helper.make_node("Gather", ["emb_g.weight", "sid"], ["g"]),
            helper.make_node("Add", ["pre", "g"], ["hidden"]),
        ]
    else:
        nodes.insert(3, helper.make_node("Relu", ["pre"], ["hidden"]))
    graph = helper.make_graph(
        nodes,
        "voice",
        [helper.make_tensor_value_info(name, *kind) for name, kind in inputs.items()],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "n"])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    file = folder / "voice.onnx"
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    file.with_name("voice.onnx.json").write_text("{}")
    return file


def in_parts(folder: Path, feed: dict[str, Any]) -> np.ndarray[Any, Any]:
    """What the parts make of a text one after the other."""
    made = np.zeros(0)
    for name in PARTS:
        session = onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        names = [one.name for one in session.get_inputs()]
        given = feed if name == PARTS[0] else {names[0]: made} | {one: feed[one] for one in names[1:]}
        made: Any = session.run(None, given)[0]
    return made


@pytest.mark.parametrize("speakers", [False, True])
def test_a_voice_in_parts_makes_the_sound_of_the_whole(tmp_path: Path, speakers: bool) -> None:
    file = voice(tmp_path, speakers=speakers)
    (into := tmp_path / "parts").mkdir()
    cut(file, into)
    assert json.loads((into / REACH).read_text()) == [2, 1]
    assert (into / SETTINGS).read_text() == "{}"
    feed: dict[str, Any] = {"input": np.array([[3, 1, 4, 1, 5]]), "input_lengths": np.array([5])}
    feed |= {"scales": np.ones(3, np.float32)} | ({"sid": np.array([2])} if speakers else {})
    whole = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    expected: Any = whole.run(None, feed)[0]
    assert in_parts(into, feed) == pytest.approx(expected, abs=1e-6)


def test_a_voice_without_the_joints_stays_whole(tmp_path: Path) -> None:
    file = voice(tmp_path, speakers=False, name="another.exporter's.weight")
    (into := tmp_path / "parts").mkdir()
    cut(file, into)
    assert sorted(path.name for path in into.iterdir()) == [SETTINGS, WHOLE]
    assert (into / WHOLE).read_bytes() == file.read_bytes()


def test_the_shelf_finishes_what_it_fetched(tmp_path: Path, file_on_hub: Any, hub: Any) -> None:
    file = voice(tmp_path, speakers=False)
    files = tuple(file_on_hub(one.name, one.read_bytes()) for one in (file, tmp_path / "voice.onnx.json"))
    tiny = Model("tiny", Purpose.VOICE, ("en",), "MIT", files, "For tests.", main="voice.onnx")
    shelf = Shelf(tmp_path / "models", models=[tiny], hub=Hub(hub.url))
    shelf.pull("tiny")
    (folder,) = (tmp_path / "models" / "tiny").glob("voice-1-*")
    assert shelf.path("tiny") == shelf.resolve("tiny", Purpose.VOICE) == folder
    assert (shelf.folder_of("tiny") / "voice.onnx").read_bytes() == file.read_bytes()
    (folder / PARTS[0]).write_bytes(b"damaged")
    assert shelf.verify("tiny").ready
    assert (folder / PARTS[0]).read_bytes() != b"damaged"


def test_a_voice_of_ones_own_is_finished_in_the_models_folder(tmp_path: Path) -> None:
    file = voice(tmp_path, speakers=False)
    shelf = Shelf(tmp_path / "models")
    folder = shelf.resolve(str(file), Purpose.VOICE)
    assert folder.is_relative_to(tmp_path / "models" / "own" / "voice")
    assert (folder / SETTINGS).is_file()
    file.with_name("voice.onnx.json").unlink()
    with pytest.raises(ModelError, match=r"voice\.onnx\.json: No such file"):
        shelf.resolve(str(file), Purpose.VOICE)
