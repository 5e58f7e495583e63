"""``completion``: the script that lets a shell complete commands."""

import click

from ledgerpost.cli.options import Command, pass_talk
from ledgerpost.cli.talk import Talk

_INTO = {
    "bash": "ledgerpost completion bash > ~/.local/share/bash-completion/completions/ledgerpost",
    "zsh": "ledgerpost completion zsh > a folder of $fpath, as _ledgerpost",
    "fish": "ledgerpost completion fish > ~/.config/fish/completions/ledgerpost.fish",
}


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(tuple(_INTO)))
@click.pass_context
@pass_talk
def completion(talk: Talk, ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands in your shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError("click knows the three shells")
    text = kind(ctx.find_root().command, {}, "ledgerpost", "_LEDGERPOST_COMPLETE").source()
    talk.say(text)
    talk.note(f"Keep it: {_INTO[shell]}")
    talk.item(kind="script", shell=shell, text=text)
