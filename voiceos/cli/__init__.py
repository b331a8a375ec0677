"""The `voiceos` command. Each subcommand has its own file, imported when it is called."""

import functools
import importlib
import io
import logging
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from voiceos.errors import ConfigError, UsageError, VoiceosError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from voiceos.api.where import Place
    from voiceos.config.load import Loaded
    from voiceos.config.settings import Config

COMMANDS: Mapping[str, tuple[str, str]] = {
    "talk": ("voiceos.cli.talk:talk", "Talk to the assistant by voice, by text, or with a recording."),
    "ask": ("voiceos.cli.ask:ask", "Ask one question and print the answer."),
    "status": ("voiceos.cli.status:status", "Show what the assistant is doing and what happened last."),
    "run": ("voiceos.cli.run:run", "Run the assistant as a service, without a terminal."),
    "say": ("voiceos.cli.say:say", "Speak a text in the assistant's voice."),
    "mute": ("voiceos.cli.mute:mute", "Close the microphone of the running assistant."),
    "unmute": ("voiceos.cli.mute:unmute", "Open it again."),
    "transcribe": ("voiceos.cli.transcribe:transcribe", "Turn a recording into text."),
    "listen": ("voiceos.cli.listen:listen", "Show levels and wake words live, to set up the microphone."),
    "config": ("voiceos.cli.config:config", "Show and change the settings."),
    "wake": ("voiceos.cli.wake:wake", "Teach wake words of your own; list, test and forget them."),
    "devices": ("voiceos.cli.devices:devices", "List microphones and speakers."),
    "models": ("voiceos.cli.models:models", "List, fetch, verify, try and remove models."),
    "memory": ("voiceos.cli.memory:memory", "Manage the memory: add files, search, ask, forget and export."),
    "lists": ("voiceos.cli.lists:lists", "Show and change lists: what to buy, to do, and any other."),
    "prompts": ("voiceos.cli.prompts:prompts", "Save requests under a name and run them; use the prompts of servers."),
    "tools": ("voiceos.cli.tools:tools", "Use the tools of others, through MCP servers."),
    "acts": ("voiceos.cli.acts:acts", "Show what the assistant did, from its receipts."),
    "why": ("voiceos.cli.acts:why", "Tell why a turn ended as it did."),
    "permissions": ("voiceos.cli.acts:permissions", "Show and take back what you allowed for good."),
    "usage": ("voiceos.cli.usage:usage", "Show what was sent to language models elsewhere."),
    "turns": ("voiceos.cli.turns:turns", "Show past turns and where their time went."),
    "doctor": ("voiceos.cli.doctor:doctor", "Check what works, what is missing and how to fix it."),
    "backup": ("voiceos.cli.backup:backup", "Write the whole assistant into one encrypted file."),
    "restore": ("voiceos.cli.backup:restore", "Become the assistant of a backup."),
    "update": ("voiceos.cli.update:update", "Bring the installed assistant up to date."),
    "completion": ("voiceos.cli.completion:completion", "Print a shell completion script."),
}
"""Name, "module:attribute", and the line that `voiceos --help` shows without importing anything."""

IDENTITY = "store.folder"
"""The one setting that chooses which assistant, not how it works."""
SHOW_MISTAKES = ("config", "doctor")
"""Commands that go on with wrong settings, to show or to mend them."""

UNKNOWN_FAILURE = 70  # EX_SOFTWARE
INTERRUPTED = 130
CLOSED_PIPE = 1


@dataclass(frozen=True)
class State:
    """The options before the subcommand. Subcommands get it through `click.pass_obj`."""

    path: Path | None = None
    """The settings file given on the command line."""
    overrides: Mapping[str, str] = field(default_factory=dict[str, str])
    verbosity: int = 0
    system: bool | None = None
    """True: the system-wide assistant; False: the user's own; None: whichever exists."""

    @functools.cached_property
    def place(self) -> "Place":
        """Which assistant it is about."""
        from voiceos.api.where import place

        return place(settings=self.path, overrides=self.overrides, system=self.system)

    def config(self, asked: Mapping[str, str | None] | None = None) -> "Config":
        """The settings; `asked`: with those that options of the command name. Raises ConfigError."""
        more = {key: text for key, text in (asked or {}).items() if text is not None}
        return (replace(self, overrides={**self.overrides, **more}) if more else self).loaded.config

    @property
    def loaded(self) -> "Loaded":
        """The settings and their sources. Raises ConfigError with every mistake."""
        return self.read.right()

    @functools.cached_property
    def read(self) -> "Loaded":
        """The valid settings, and the mistakes. Raises ConfigError when they cannot be read."""
        from voiceos.config.load import read_config

        self._check_path()
        return read_config(self.place.settings, self.overrides)

    def check_options(self) -> None:
        """Raises ConfigError if `--config` or `--set` is wrong: not every command reads the settings."""
        self._check_path()
        if self.overrides.keys() - {IDENTITY}:  # checking takes long to import
            from voiceos.config.load import check_overrides

            check_overrides(self.overrides)

    def _check_path(self) -> None:
        if self.path and not self.path.exists():
            raise ConfigError(f"{self.path} does not exist. Create it with `voiceos --config {self.path} config edit`.")


class Lazy(click.Group):
    """A group that imports a subcommand only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = cast(click.Command, getattr(importlib.import_module(module), attribute))
        _give_examples(command, f"voiceos {cmd_name}")
        return command

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _give_examples(self, "voiceos")
        super().format_epilog(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        options = click.Command.shell_complete(self, ctx, incomplete)
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        return [CompletionItem(name, help=COMMANDS[name][1]) for name in names] + options


@functools.cache
def _examples() -> Mapping[str, str]:
    return tomllib.loads((Path(__file__).parent / "examples.toml").read_text(encoding="utf-8"))


def _give_examples(command: click.Command, name: str) -> None:
    """To a command and all below it, one a line, which click then leaves as they are."""
    if name in _examples():
        command.epilog = "\b\nExamples:\n" + "".join(f"  {line}\n" for line in _examples()[name].splitlines())
    for word, one in command.commands.items() if isinstance(command, click.Group) else ():
        _give_examples(one, f"{name} {word}")


def complete_setting(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Completes a setting's key, with its documentation."""
    from click.shell_completion import CompletionItem

    from voiceos.config.fields import settings

    return [CompletionItem(key, help=one.help) for key, one in settings().items() if key.startswith(incomplete)]


def _overrides(ctx: click.Context, parameter: click.Parameter, pairs: Sequence[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise click.BadParameter(f"'{pair}' is not key=value, such as audio.volume=0.5.")
    return {key.strip(): text for key, _, text in (pair.partition("=") for pair in pairs)}


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Use this settings file instead of your own.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_overrides,
    help="Override a setting for this run. Can be repeated.",
    shell_complete=complete_setting,
)
@click.option("--system/--user", default=None, help="Use the assistant installed system-wide, or your own.")
@click.option("-v", "--verbose", "verbosity", count=True, help="Log more to the terminal; -vv logs everything.")
@click.version_option(package_name="voiceos", message="voiceos %(version)s", help="Show the version and exit.")
@click.pass_context
def voiceos(
    ctx: click.Context, path: Path | None, overrides: dict[str, str], system: bool | None, verbosity: int
) -> None:
    """A voice assistant that hears, thinks and speaks on your own machine."""
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    terminal = logging.StreamHandler()
    terminal.setFormatter(_WithoutTraceback("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.ERROR, handlers=[terminal])  # libraries log a lot
    logging.captureWarnings(True)
    logging.getLogger("voiceos").setLevel(levels[min(verbosity, 2)])
    ctx.obj = State(path.expanduser() if path else None, overrides, verbosity, system)
    if ctx.invoked_subcommand not in SHOW_MISTAKES:
        ctx.obj.check_options()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command, and returns its exit code; every failure becomes one sentence on stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without such a letter must not make it fail
    try:
        code = voiceos.main(arguments, prog_name="voiceos", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return UsageError.exit_code if isinstance(error, click.UsageError) else error.exit_code
    except BaseException as error:
        return _report(list(_leaves(error)))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The failures inside a task group's failure."""
    if isinstance(error, BaseExceptionGroup):
        for inner in cast(Iterable[BaseException], error.exceptions):
            yield from _leaves(inner)
    else:
        yield error


def _report(errors: Sequence[BaseException]) -> int:
    for error in errors:  # an unknown failure matters more than known ones beside it
        if isinstance(error, BrokenPipeError):
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - so that the interpreter's last flush is quiet
            return CLOSED_PIPE
        if isinstance(error, SystemExit):
            return error.code if isinstance(error.code, int) else 1
        if isinstance(error, KeyboardInterrupt | click.exceptions.Abort):
            return INTERRUPTED
    for error in errors:
        if not isinstance(error, VoiceosError):
            told = [f"Something unexpected went wrong ({type(error).__name__}: {error}).{_keep(error)}"]
            code = UNKNOWN_FAILURE
            break
    else:
        told, code = [*dict.fromkeys(map(str, errors))], cast(VoiceosError, errors[0]).exit_code
    for text in told:
        click.secho(text, err=True, fg="red")
    return code


class _WithoutTraceback(logging.Formatter):
    """Says where a traceback is instead."""

    def formatException(self, ei: Any) -> str:
        return _keep(ei[1]).strip()


def _keep(error: BaseException) -> str:
    """Writes the traceback to the log file; returns where that is, as a sentence."""
    from voiceos.cli.log_file import LogFile
    from voiceos.config.load import read_config
    from voiceos.config.paths import data_folder
    from voiceos.config.settings import StoreSettings

    try:
        store = read_config().config.store
    except VoiceosError:
        store = StoreSettings()
    why = (type(error), error, error.__traceback__)
    try:
        handler = LogFile(data_folder(store))
        handler.emit(logging.LogRecord("voiceos", logging.ERROR, __file__, 0, "unexpected", None, why))
        handler.close()
    except OSError:
        sys.excepthook(*why)
        return ""
    return f" The details are in {handler.file}."
