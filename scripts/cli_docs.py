"""Make docs/cli.md: the prose of docs/cli.md.in, and every command's own help.

python scripts/cli_docs.py [--check]

A line `@@ photodrag edit` in the prose becomes the section of that command; what follows it is
part of the section. With --check nothing is written; the exit code is 1 if the page is not what it
should be.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from photodrag.pipeline.cli import main as photodrag

_DOCS = Path(__file__).resolve().parents[1] / "docs"
SOURCE, PAGE = _DOCS / "cli.md.in", _DOCS / "cli.md"
_MARK = "@@ "
_NOTE = "<!-- Made by scripts/cli_docs.py of cli.md.in and the commands' help; change those. -->"


def make_page(source: str) -> str:
    """The page of its prose; ValueError if a command is missing or unknown in it."""
    known = dict(_commands(photodrag, "photodrag"))
    missing = set(known)
    lines = []
    for line in source.splitlines():
        if not line.startswith(_MARK):
            lines.append(line)
            continue
        name = line.removeprefix(_MARK).strip()
        if name not in missing:
            raise ValueError(f"{SOURCE.name}: {line!r}: no such command, or it stands twice")
        missing.remove(name)
        lines += [f"## `{name}`", "", *_section(name, known[name])]
    if missing:
        raise ValueError(f"{SOURCE.name}: without a section: {', '.join(sorted(missing))}")
    title, *rest = lines
    return "\n".join([title, "", _NOTE, *rest]) + "\n"


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for inner_name, inner in command.commands.items():
            yield from _commands(inner, f"{name} {inner_name}")


def _section(name: str, command: click.Command) -> Iterator[str]:
    arguments = [_argument(one) for one in command.params if isinstance(one, click.Argument)]
    options = [one for one in command.params if isinstance(one, click.Option)]
    group = isinstance(command, click.Group)
    pieces = [name, *(["[OPTIONS]"] if options else []), *arguments]
    yield from ["```", " ".join([*pieces, "COMMAND ..."] if group else pieces), "```"]
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield ""
        yield from _paragraph(paragraph)
    if options:
        yield from ["", "| option | |", "|---|---|", *map(_row, options)]
    if isinstance(command, click.Group):
        yield from ["", "| command | |", "|---|---|"]
        for inner in command.commands.values():
            link = f"{name} {inner.name}".replace(" ", "-")
            yield f"| [`{inner.name}`](#{link}) | {_linked(inner.get_short_help_str(200))} |"


def _paragraph(text: str) -> Iterator[str]:
    """Prose as it is; a block that click keeps as it is as a heading and code."""
    first, *rest = text.splitlines()
    if first != "\b":
        yield _linked(text)
        return
    title, *code = rest
    width = min(len(line) - len(line.lstrip()) for line in code)
    yield from [title, "", "```", *(line[width:] for line in code), "```"]


def _argument(argument: click.Argument) -> str:
    text = argument.metavar or (argument.name or "").upper()
    if argument.metavar is None and argument.nargs < 0:
        text += "..."
    return text if argument.required or text.startswith("[") else f"[{text}]"


def _row(option: click.Option) -> str:
    name, *others = sorted(option.opts, key=len, reverse=True)
    if not option.is_flag:
        choices = "/".join(map(str, getattr(option.type, "choices", ())))
        value = option.metavar or (f"[{choices}]" if choices else option.type.name.upper())
        name += " " + value.replace("|", "/")
    names = " or ".join(f"`{one}`" for one in (name, *others))
    default = option.default if option.show_default is True else option.show_default
    notes = [f"default: {default}"] if default not in (None, False) else []
    notes += ["required"] if option.required else []
    note = f" [{', '.join(notes)}]" if notes else ""
    return f"| {names} | {_linked(option.help or '')}{note} |"


def _linked(text: str) -> str:
    """Pages of the docs as links; nothing that a table or a page would take for its own."""
    text = re.sub(r"\bdocs/(\w+\.md)", r"[\1](\1)", text.replace("|", "/"))
    return re.sub(r"(HANDLE->TARGET)", r"`\1`", text)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; say whether the page is up to date.")
def main(check: bool) -> None:
    """Make docs/cli.md."""
    page = make_page(SOURCE.read_text("utf-8"))
    if not check:
        PAGE.write_text(page, "utf-8")
    elif page != PAGE.read_text("utf-8"):
        sys.exit(f"docs/{PAGE.name} is not up to date: python scripts/cli_docs.py")


if __name__ == "__main__":
    main()
