"""`voiceos update`: brings the installed assistant up to date, with the new version's own installer."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from voiceos.errors import UpdateError, UsageError

NOTHING_NEWER = 3
"""Exit code of `--check` where there is nothing to do."""
FETCH_SECONDS = 600.0
LOOK_SECONDS = 30.0


@click.command()
@click.argument("source", required=False)
@click.option("--check", is_flag=True, help="Only say whether there is something newer. Exit code 3: there is not.")
@click.pass_context
def update(ctx: click.Context, source: str | None, check: bool) -> None:
    """Bring the installed assistant up to date.

    SOURCE is a folder (a checkout, or one that device/bundle.sh made) or the address of a repository; default: where
    the installed version came from. The new version is built beside the old one, tried, and switched to. If it is not
    healthy within a minute, the old one is switched back to.
    """
    app = _installed()
    source = source or _noted(app, "source")
    if not source:
        raise UsageError("It is not known where this version came from. Name a folder or an address.")
    if check:
        newer = _is_newer(app, source)
        click.echo("There is a newer version. Get it with: voiceos update" if newer else "This is the newest version.")
        ctx.exit(0 if newer else NOTHING_NEWER)
    with _installer(source) as command:
        ctx.exit(subprocess.run([*command, *_whose(app)], check=False).returncode)


def _installed() -> Path:
    """The folder with all versions. Raises UsageError in a checkout."""
    version = Path(sys.prefix).parent
    if version.parent.name != "versions":
        raise UsageError(f"voiceos runs from {version}, which is not installed. Bring it up to date with: git pull")
    return version.parents[1]


def _noted(app: Path, name: str) -> str:
    note = app / name
    return note.read_text(encoding="utf-8").strip() if note.exists() else ""


def _whose(app: Path) -> list[str]:
    return ["--user"] if app.is_relative_to(Path.home()) else []


def _is_newer(app: Path, source: str) -> bool:
    """Whether the source has another version than the one in use."""
    if _is_folder(source):
        with _installer(source) as command:
            return _told([*command, "--which"], LOOK_SECONDS) != (app / "current").resolve().name
    newest = _told(["git", "ls-remote", "--", source, "HEAD"], LOOK_SECONDS).partition("\t")[0]
    return newest != _noted(app, "commit")


def _is_folder(source: str) -> bool:
    return Path(source).is_dir() and not (Path(source) / "HEAD").exists()  # a bare repository is an address


@contextmanager
def _installer(source: str) -> Generator[list[str]]:
    """The installer of that source. Raises UpdateError if it cannot be fetched, UsageError if there is none."""
    folder = Path(source).resolve()
    if (folder / "SHA256SUMS").exists():
        yield [str(folder / "voiceos" / "device" / "install.sh"), "--offline", str(folder)]
    elif _is_folder(source):
        yield [_script(folder)]
    else:
        with tempfile.TemporaryDirectory(prefix="voiceos-update-") as place:
            _told(["git", "clone", "--quiet", "--depth", "1", "--", source, place], FETCH_SECONDS)
            yield [_script(Path(place))]


def _script(folder: Path) -> str:
    script = folder / "device" / "install.sh"
    if not script.exists():
        raise UsageError(f"There is no voiceos in {folder}, so nothing was changed. Name a checkout or a bundle.")
    return str(script)


def _told(command: list[str], seconds: float) -> str:
    """What a program prints. Raises UpdateError with its last words if it fails."""
    if not shutil.which(command[0]):
        raise UpdateError(f"{command[0]} is missing, so nothing was changed. Install it: sudo apt-get install git")
    try:
        made = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise UpdateError(f"No answer within {seconds:g} seconds, so nothing was changed. Try again later.") from None
    if made.returncode:
        said = made.stderr.strip().splitlines() or ["no reason was given"]
        why = next((line for line in said if line.startswith(("fatal:", "error:"))), said[0])  # warnings come before
        raise UpdateError(f"The new version could not be fetched ({why}). The installed one stays in use.")
    return made.stdout.strip()
