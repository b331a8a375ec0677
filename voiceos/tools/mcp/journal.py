"""What a server writes on its standard error: its last lines, in a file."""

from datetime import datetime
from pathlib import Path

from voiceos.errors import StoreError

LARGEST_BYTES = 200_000
"""Then the older half goes."""


def log_of(folder: Path) -> Path:
    """Beside the folder in which it works, out of its way."""
    return folder.with_name(f"{folder.name}.log")


def note(file: Path, now: datetime, text: str) -> None:
    """Adds a line. Blocks; raises OSError."""
    if file.exists() and file.stat().st_size > LARGEST_BYTES:
        kept = file.read_bytes()[-LARGEST_BYTES // 2 :]
        file.write_bytes(kept[kept.find(b"\n") + 1 :])
    with file.open("a", encoding="utf-8") as opened:
        opened.write(f"{now:%Y-%m-%d %H:%M:%S} {text}\n")
    file.chmod(0o600)


def last(file: Path, count: int) -> list[str]:
    """Its last lines. Raises StoreError."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{file} could not be read ({error.strerror}).") from error
