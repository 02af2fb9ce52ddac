"""How --help looks: options under titles, summaries that are not cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

_TITLES = {
    "What to change": "adjust drag points mask face manifest",
    "Results": "output format report compare movie no-mark keep-best overwrite json",
    "The page": "port listen no-browser",
    "How it is done": "inversion composite checkpoint no-cache",
    "Machine": "device jobs",
    "For experiments": "preset set",
    "Other": "dry-run quiet help",
}
TITLE_OF = {name: title for title, names in _TITLES.items() for name in names.split()}
"""The title that an option stands under, by its name without dashes."""


def option_name(option: click.Parameter) -> str:
    """The name of an option that people use: "drag-steps"."""
    return max(option.opts, key=len).lstrip("-")


def titled_options(
    command: click.Command, context: click.Context | None = None
) -> Mapping[str, Sequence[click.Option]]:
    """The options of a command that are shown, by their titles in the order of the help."""
    parameters = command.params if context is None else command.get_params(context)
    options = [one for one in parameters if isinstance(one, click.Option) and not one.hidden]
    if not isinstance(command, TitledCommand):
        return {"Options": options} if options else {}
    order = list(TITLE_OF)
    options.sort(key=lambda one: order.index(option_name(one)))
    found = {
        title: [one for one in options if TITLE_OF[option_name(one)] == title] for title in _TITLES
    }
    return {title: some for title, some in found.items() if some}


class TitledCommand(click.Command):
    """A command with so many options that they stand under titles."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options into the help."""
        for title, options in titled_options(self, ctx).items():
            records = [option.get_help_record(ctx) for option in options]
            with formatter.section(title):
                formatter.write_dl([record for record in records if record is not None])


class OrderedGroup(click.Group):
    """A group that lists its commands in the order of their use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, as they were added."""
        return list(self.commands)
