"""A memory whose reader of lines is broken loses no more than that."""

import os
import shutil
from pathlib import Path

import pytest

from voiceos.app import open_memory
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config, StoreSettings
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf

pytestmark = pytest.mark.engines


def test_without_a_sound_reader_lines_are_still_compared_by_their_meaning(tmp_path: Path) -> None:
    there = Path(os.environ.get("VOICEOS_TEST_MODELS") or models_folder(StoreSettings()))
    models = tmp_path / "models"
    shutil.copytree(there / MEMORY, models / MEMORY)
    (models / READER).mkdir()
    (models / READER / "reader.onnx").write_bytes(b"not a model")
    config = Config(store=StoreSettings(folder=tmp_path / "store", models=models))
    with open_memory(config, Shelf(models)) as memory:
        assert memory.meaning is not None
        assert memory.meaning.meaning("the cat sat").any()
        assert memory.meaning.odds([("Where is it?", "you: here")]) is None
