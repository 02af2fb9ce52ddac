"""docs/cli.md is what the commands say of themselves."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "cli_docs.py"


@pytest.fixture(scope="module")
def docs():
    spec = importlib.util.spec_from_file_location("cli_docs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def source(docs):
    return docs.SOURCE.read_text("utf-8")


def test_the_page_is_up_to_date(docs, source):
    assert docs.PAGE.read_text("utf-8") == docs.make_page(source), "python scripts/cli_docs.py"


def test_a_section_has_usage_help_examples_and_options(docs, source):
    section = (
        docs.make_page(source).partition("## `photodrag session new`")[2].partition("\n## ")[0]
    )
    assert "```\nphotodrag session new [OPTIONS] PHOTO\n```" in section
    assert "Begin a session with one face of a photo." in section
    assert "```\nphotodrag session new me.jpg -o me.session\n" in section
    assert "| `--output FOLDER` or `-o` | The session: a new folder. [required] |" in section
    assert "| `--inversion [auto/instant/quick/default/thorough]` |" in section
    titles = ["What to change", "Results", "How it is done", "Machine", "For experiments", "Other"]
    assert [line[2:-4] for line in section.splitlines() if line.endswith("| |")] == titles
    assert "--space" not in section


def test_defaults_are_shown_even_where_they_are_nothing(docs, source):
    assert "gives the same picture. [default: 0] |" in docs.make_page(source)


def test_every_setting_has_a_row_with_its_default(docs, source):
    section = docs.make_page(source).partition("\n## Settings\n")[2].partition("\n## ")[0]
    assert "| `tune.steps` | `60` | instant `0`, quick `0`, thorough `140` |" in section
    assert "| `drag.method` | `template` | official `official` |" in section
    assert "| `drag.tracking` | (empty) |  |" in section
    for setting in docs.all_settings():
        assert f"\n| `{setting.full_name}` | " in section


def test_a_command_that_is_left_out_is_found(docs, source):
    with pytest.raises(ValueError, match="without a section: photodrag align"):
        docs.make_page(source.replace("@@ photodrag align\n", ""))


@pytest.mark.parametrize("line", ["@@ photodrag fly", "@@ photodrag align"])
def test_a_command_that_is_not_known_or_stands_twice_is_refused(docs, source, line):
    with pytest.raises(ValueError, match="no such command, or it stands twice"):
        docs.make_page(source + line + "\n")
