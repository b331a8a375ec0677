"""What voiceos is made of: settings, models, the language model, the store, and the house that it is joined to."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voiceos.config.load import DEFAULT, Loaded
from voiceos.config.settings import Config
from voiceos.errors import BackupError, ModelError, VoiceosError
from voiceos.health.check import Check, Finding, Health, judged
from voiceos.health.machine import existing

if TYPE_CHECKING:
    from voiceos.engines.llama import Endpoint

ENDPOINT_SECONDS = 8.0
OLD_BACKUP_DAYS = 3
NETWORK = "VOICEOS_NETWORK"
"""Set by the units, to `open` or `closed`."""


def settings_check(load: Callable[[], Loaded]) -> Check:
    """Whether the settings are valid and can work. The other checks use them, or the defaults."""

    def look(config: Config) -> Iterator[Finding]:
        from voiceos.validity import MAY_COME_LATER, faults

        loaded, wrong = load(), False
        for key, text in faults(loaded.config):
            wrong = True
            yield judged("settings", text, "", needed=key not in MAY_COME_LATER)
        if not wrong:
            changed, path = sum(source != DEFAULT for source in loaded.sources.values()), loaded.path
            none = f"no file at {path}, so every setting has its default"
            yield judged("settings", "", f"{path}, {changed} changed" if path.exists() else none)

    return Check("settings", look)


def models(config: Config) -> Iterator[Finding]:
    from voiceos.config.paths import models_folder
    from voiceos.models.catalogue import is_path, used
    from voiceos.models.disk import megabytes
    from voiceos.models.shelf import Shelf, trouble
    from voiceos.models.shelf import State as ShelfState

    shelf = Shelf(models_folder(config.store))
    for name in used(config, shelf.has):
        try:
            if is_path(name):
                yield Finding(f"model {Path(name).name}", Health.OK, str(shelf.resolve(name)))
                continue
            status = shelf.status(name)
        except ModelError as error:
            yield Finding(f"model {name}", Health.MISSING, str(error))
            continue
        if status.ready:
            yield Finding(f"model {name}", Health.OK, megabytes(status.size))
        else:
            health = Health.BROKEN if status.state is ShelfState.DAMAGED else Health.MISSING
            yield Finding(f"model {name}", health, str(trouble(status)))


def language_endpoint(config: Config) -> Iterator[Finding]:
    if not config.mind.base_url:
        yield Finding("language model", Health.OK, f"on this machine, no endpoint needed; {_as_tried(config)}")
        return
    import anyio

    from voiceos.mind.endpoint import remote_endpoint

    endpoint = remote_endpoint(config.mind)
    known, trouble = anyio.run(_models_at, endpoint), ""
    if known and endpoint.model not in known:
        one_of = ", ".join(known[:8])
        trouble = f"{endpoint.base_url} has no model '{endpoint.model}'. Set `mind.model` to one of {one_of}."
    yield judged("language model", trouble, f"{endpoint.model} at {endpoint.base_url}")


def _as_tried(config: Config) -> str:
    """How the local model did when it was tried here, and whether another did better."""
    from voiceos.config.paths import models_folder
    from voiceos.models.catalogue import language_model
    from voiceos.models.shelf import Shelf
    from voiceos.models.tried import recommended, tried

    shelf = Shelf(models_folder(config.store))
    name, trials = language_model(config, shelf.has), tried(shelf.folder)
    if name not in trials:
        return "not tried yet: voiceos models try"
    best = recommended(trials)
    better = f"; {best.model} did better here" if best and best.model != name else ""
    return f"tried: {trials[name].words}{better}"


async def _models_at(endpoint: "Endpoint") -> list[str]:
    """Names of the endpoint's models; none when it keeps no list. Raises MindError when it gives no answer."""
    import anyio

    from voiceos.mind.endpoint_client import EndpointClient
    from voiceos.mind.failures import EndpointError, too_slow

    client = EndpointClient(endpoint)
    try:
        with anyio.fail_after(ENDPOINT_SECONDS):
            return await client.models()
    except TimeoutError:
        raise too_slow(endpoint, ENDPOINT_SECONDS, begun=False) from None
    except EndpointError as error:
        if error.status in (404, 405):
            return []
        raise
    finally:
        await client.close()


def home(config: Config) -> Iterator[Finding]:
    if config.home.url:
        import anyio

        from voiceos.skills.home.home_assistant import HomeAssistant

        anyio.run(HomeAssistant(config.home).check)
        yield Finding("Home Assistant", Health.OK, config.home.url, needed=False)


def tools(config: Config) -> Iterator[Finding]:
    """What can be seen of the servers of tools without starting one."""
    for name, one in config.tools.mcp.items():
        from voiceos.tools.mcp.connection import can_be_tried

        try:
            can_be_tried(name, one)
        except VoiceosError as error:
            yield Finding(f"tools of {name}", Health.BROKEN, str(error), needed=False)
        else:
            text = f"{one.url or one.command}; `voiceos tools test {name}` starts it"
            yield Finding(f"tools of {name}", Health.OK, text, needed=False)


def network(config: Config, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Whether systemd lets it reach what the settings name: its unit opens this machine only."""
    if environment.get(NETWORK) != "closed":
        return
    named = [config.mind.base_url, config.home.url]
    named += [one.base_url for one in config.mind.endpoints.values()] + [one.url for one in config.tools.mcp.values()]
    hosts = {urlsplit(one).hostname or "" for one in named if one}
    far = sorted(host for host in hosts if host != "localhost" and not host.startswith(("127.", "::1")))
    closed = (
        f"systemd lets voiceos reach this machine only, not {', '.join(far)}. Open the network with the drop-in"
        " network.conf (docs/device.md)."
    )
    yield judged("network", closed if far else "", "closed: it reaches this machine only", needed=False)


def backup(config: Config) -> Iterator[Finding]:
    """Whether there is a backup of the last days, where backups are wanted."""
    from voiceos.clock import local_time
    from voiceos.store.backups import made_at, newest

    if not config.backup.folder:
        return
    try:
        file = newest(config.backup.folder)
        days = (local_time() - made_at(file)).days
    except (BackupError, ValueError, OSError) as error:
        yield judged("backup", f"{error} See `systemctl status voiceos-backup`.", "", needed=False)
        return
    old = f"The newest backup is {days} days old ({file}). Plug in what it goes to; see `voiceos backup --help`."
    yield judged("backup", old if days > OLD_BACKUP_DAYS else "", str(file), needed=False)


def store(config: Config) -> Iterator[Finding]:
    from voiceos.config.paths import data_folder
    from voiceos.store.encryption import read_key
    from voiceos.store.turns import TurnStore

    folder = data_folder(config.store)
    if (folder / "memory.db").exists():
        with TurnStore(folder, read_key(config.memory.key_file)) as turns:
            turns.recent(1)
    trouble = ""
    try:
        with tempfile.NamedTemporaryFile(dir=existing(folder), prefix=".doctor-") as file:
            file.write(b"x" * 65_536)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        trouble = f"Cannot write to {folder} ({error.strerror}). Change its owner, or set `store.folder`."
    yield judged("store", trouble, str(folder))
