"""`photodrag completion`: what makes a shell complete commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_PHOTODRAG_COMPLETE"


@click.command(short_help="Print the script for completion with Tab.")
@click.argument("shell", type=click.Choice(SHELLS), metavar="bash|zsh|fish")
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands, options and names with Tab.

    Names are those of adjustments, masks, landmarks and checkpoints, where a command takes one.
    Begin a new shell afterwards. For zsh the folder must be in $fpath before compinit runs.

    \b
    Examples:
      photodrag completion bash > ~/.local/share/bash-completion/completions/photodrag
      photodrag completion zsh > ~/.zfunc/_photodrag
      photodrag completion fish > ~/.config/fish/completions/photodrag.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    made = kind(root, {}, "photodrag", _VARIABLE)
    click.echo(kind.source_template % made.source_vars())
