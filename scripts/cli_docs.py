"""Make docs/cli.md: the prose of docs/cli.md.in, and every command's own help.

python scripts/cli_docs.py [--check]

A line `@@ photodrag edit` in the prose becomes the section of that command; what follows it is
part of the section. `@@ settings` becomes what `--set` knows, from the settings' own classes. With
--check nothing is written; the exit code is 1 if the page is not what it should be.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from photodrag.pipeline.cli import main as photodrag
from photodrag.pipeline.cli.help_pages import option_name, titled_options
from photodrag.pipeline.cli.setting_names import Setting, all_settings
from photodrag.pipeline.front_door.choices import PRESETS
from photodrag.pipeline.settings import DEFAULTS
from photodrag.pipeline.settings_json import value_text

_DOCS = Path(__file__).resolve().parents[1] / "docs"
SOURCE, PAGE = _DOCS / "cli.md.in", _DOCS / "cli.md"
_MARK = "@@ "
_SETTINGS = "settings"
_NOTE = "<!-- Made by scripts/cli_docs.py of cli.md.in and the commands' help; change those. -->"


def make_page(source: str) -> str:
    """The page of its prose; ValueError if a command is missing or unknown in it."""
    known = dict(_commands(photodrag, "photodrag"))
    missing = {*known, _SETTINGS}
    lines = []
    for line in source.splitlines():
        if not line.startswith(_MARK):
            lines.append(line)
            continue
        name = line.removeprefix(_MARK).strip()
        if name not in missing:
            raise ValueError(f"{SOURCE.name}: {line!r}: no such command, or it stands twice")
        missing.remove(name)
        if name == _SETTINGS:
            lines += [*_settings()][:-1]
            continue
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
    options = titled_options(command)
    group = isinstance(command, click.Group)
    pieces = [name, *(["[OPTIONS]"] if options else []), *arguments]
    yield from ["```", " ".join([*pieces, "COMMAND ..."] if group else pieces), "```"]
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield ""
        yield from _paragraph(paragraph)
    for title, some in options.items():
        head = "option" if len(options) == 1 else title
        yield from ["", f"| {head} | |", "|---|---|", *map(_row, some)]
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
    name = f"--{option_name(option)}"
    others = [one for one in option.opts if one != name]
    if not option.is_flag:
        choices = "/".join(map(str, getattr(option.type, "choices", ())))
        value = option.metavar or (f"[{choices}]" if choices else option.type.name.upper())
        name += " " + value.replace("|", "/")
    names = " or ".join(f"`{one}`" for one in (name, *others))
    notes = [f"default: {option.default}"] if option.show_default else []
    notes += ["required"] if option.required else []
    note = f" [{', '.join(notes)}]" if notes else ""
    return f"| {names} | {_linked(option.help or '')}{note} |"


def _settings() -> Iterator[str]:
    """A section for each stage: what its class says, and a row for each setting."""
    stages: dict[str, list[Setting]] = {}
    for setting in all_settings():
        stages.setdefault(setting.stage, []).append(setting)
    for stage, settings in stages.items():
        about = inspect.cleandoc(type(getattr(DEFAULTS, stage)).__doc__ or "")
        yield from [f"### {stage}", "", *about.splitlines(), ""]
        yield from ["| setting | default | with a preset |", "|---|---|---|"]
        for one in settings:
            others = ", ".join(_of_presets(one))
            yield f"| `{one.full_name}` | {_value(one.default)} | {others} |"
        yield ""


def _of_presets(setting: Setting) -> Iterator[str]:
    """The values of the presets that have another: "quick 20"."""
    for name, base in PRESETS.items():
        value = getattr(getattr(base, setting.stage), setting.name)
        if value != setting.default:
            yield f"{name} {_value(value)}"


def _value(value: object) -> str:
    return f"`{value_text(value)}`" if value is not None else "(empty)"


def _linked(text: str) -> str:
    """Pages of the docs as links; nothing that a table or a page would take for its own."""
    text = text.replace("docs/cli.md", "[Settings](#settings)")
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
