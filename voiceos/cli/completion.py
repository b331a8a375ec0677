"""`voiceos completion`: the script that makes the shell complete commands, options and settings."""

import click

from voiceos.cli import voiceos


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for bash, zsh or fish."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made:
        click.echo(made(voiceos, {}, "voiceos", "_VOICEOS_COMPLETE").source())
