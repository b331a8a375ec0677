"""Loads a Whisper model in CTranslate2's format."""

import os
from pathlib import Path
from typing import Any

from voiceos.errors import ModelError


def load(folder: Path, threads: int, label: str) -> Any:
    """A `WhisperModel`. Raises ModelError if it is damaged."""
    # OpenMP's threads spin while they wait for each other. By default for so long that, on cores which they must share
    # with the language model, a quarter of a second of work was seen to take eight. Read when the library is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1, local_files_only=True
        )
    except Exception as error:  # CTranslate2 and tokenizers have no base of their own
        raise ModelError(
            f"The recognition model in {folder} is damaged ({_first_sentence(error)}). "
            f"Fetch it again with `voiceos models pull {label}`."
        ) from error


def _first_sentence(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].split(". ")[0].rstrip(".")
