"""Options from the environment: PHOTODRAG_COMMAND_OPTION."""

from __future__ import annotations

import click

from .help_pages import option_name

_NEVER = ("help", "version")  # a container that sets PHOTODRAG_VERSION must not print it


def take_from_environment(command: click.Command, prefix: str) -> None:
    """Let every visible option of a command, and of those in it, come from a variable, too.

    It is named after the option as people write it: --no-cache of `edit` is
    PHOTODRAG_EDIT_NO_CACHE. Groups have no options of their own, so that the variables
    PHOTODRAG_CACHE and PHOTODRAG_CACHE_SIZE mean none.
    """
    for parameter in command.params:
        name = option_name(parameter)
        if isinstance(parameter, click.Option) and not parameter.hidden and name not in _NEVER:
            parameter.envvar = f"{prefix}_{_variable(name)}"
    if isinstance(command, click.Group):
        for inner_name, inner in command.commands.items():
            take_from_environment(inner, f"{prefix}_{_variable(inner_name)}")


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()
