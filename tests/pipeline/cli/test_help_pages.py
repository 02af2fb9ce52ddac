"""How --help looks."""

import click
import pytest
from click.testing import CliRunner

from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.help_pages import TITLE_OF, TitledCommand, option_name, titled_options

TITLED = ["edit", "apply", "batch", "invert", "drag", "session new", "session edit", "studio"]
ONLY_FOR_SCRIPTS = [
    *("--space", "--pivot-steps", "--tune-steps", "--method", "--tracking", "--drag-steps"),
    *("--no-guide", "--precision", "--compile", "--seed"),
]


def commands(command=main, name=""):
    yield name.strip(), command
    if isinstance(command, click.Group):
        for inner_name, inner in command.commands.items():
            yield from commands(inner, f"{name} {inner_name}")


COMMANDS = dict(commands())


def shown(name, width=80):
    args = [*name.split(), "--help"]
    return (
        CliRunner()
        .invoke(main, args, terminal_width=width, max_content_width=width, prog_name="photodrag")
        .output
    )


@pytest.mark.parametrize("name", TITLED)
def test_long_commands_have_titles(name):
    text = shown(name)
    assert "\nOptions:\n" not in text
    titles = [title for title in dict.fromkeys(TITLE_OF.values()) if f"\n{title}:\n" in text]
    command = COMMANDS[name]
    assert titles == list(titled_options(command, click.Context(command)))
    for option in ONLY_FOR_SCRIPTS:
        assert f"{option} " not in text


@pytest.mark.parametrize("name", TITLED)
def test_every_option_has_a_title_and_is_shown_once(name):
    command = COMMANDS[name]
    assert isinstance(command, TitledCommand)
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    assert {option_name(one) for one in options} <= TITLE_OF.keys()
    found = [one for some in titled_options(command).values() for one in some]
    assert sorted(map(id, found)) == sorted(map(id, options))


def test_the_order_of_titles_and_options():
    text = shown("edit")
    words = ("What to change:", "  --adjust", "  --drag", "Results:", "  -o,", "How it is done:")
    places = [text.index(word) for word in words]
    assert places == sorted(places)
    assert text.index("  --inversion") < text.index("  --composite")
    assert text.index("For experiments:") < text.index("--set STAGE.NAME=VALUE")


@pytest.mark.parametrize(
    "name", [name for name, one in COMMANDS.items() if isinstance(one, click.Group)]
)
def test_no_summary_is_cut(name):
    summaries = shown(name).partition("\nCommands:\n")[2].splitlines()
    assert len(summaries) == len(COMMANDS[name].commands)
    assert all(line.endswith(".") and not line.endswith("...") for line in summaries)


@pytest.mark.parametrize("name", COMMANDS)
def test_defaults_are_plain(name):
    assert "[default: (" not in shown(name, 400)
