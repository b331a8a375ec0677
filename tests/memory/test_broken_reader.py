"""A memory whose reader of lines is broken loses no more than that."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from voiceos.app import open_memory
from voiceos.config.settings import Config, StoreSettings
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf

pytestmark = pytest.mark.engines


def test_without_a_sound_reader_lines_are_still_compared_by_their_meaning(
    tmp_path: Path, models: Callable[[Sequence[str]], Path]
) -> None:
    broken = tmp_path / "models"
    shutil.copytree(models((MEMORY,)) / MEMORY, broken / MEMORY)
    (broken / READER).mkdir()
    (broken / READER / "reader.onnx").write_bytes(b"not a model")
    config = Config(store=StoreSettings(folder=tmp_path / "store", models=broken))
    with open_memory(config, Shelf(broken)) as memory:
        assert memory.meaning is not None
        assert memory.meaning.meaning("the cat sat").any()
        assert memory.meaning.odds([("Where is it?", "you: here")]) is None
