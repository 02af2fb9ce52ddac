"""Undo, redo, show and render a session, and make a recipe of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors_as_lines import say
from ..options import (
    device_option,
    json_option,
    no_mark_option,
    output_option,
    quiet_option,
    session_argument,
)
from ..outputs import Outputs
from ..progress import ProgressBars, fetch_checkpoint

if TYPE_CHECKING:
    from ...edit.edit_request import EditRequest
    from ...recipe.recipe import Recipe
    from ...session.folder import SessionFolder


@click.command()
@session_argument
@quiet_option
def undo(session: Path, quiet: bool) -> None:
    """Take back the last edit of a session.

    \b
    Example:
      photodrag session undo me.session
    """
    from ...session.folder import SessionFolder

    folder = SessionFolder(session)
    with folder.changing():
        folder.write(folder.session.undone())
    if not quiet:
        say(f"{session}: {_count(folder)}")


@click.command()
@session_argument
@quiet_option
def redo(session: Path, quiet: bool) -> None:
    """Do again the edit that was taken back last.

    \b
    Example:
      photodrag session redo me.session
    """
    from ...session.folder import SessionFolder

    folder = SessionFolder(session)
    with folder.changing():
        folder.write(folder.session.redone())
    if not quiet:
        say(f"{session}: {_count(folder)}")


@click.command()
@session_argument
@json_option
def show(session: Path, as_json: bool) -> None:
    """Show a session: its photo, its face, and every edit.

    \b
    Examples:
      photodrag session show me.session
      photodrag session show me.session --json
    """
    from ...session.folder import SessionFolder
    from ...session.session_file import session_to_values

    folder = SessionFolder(session)
    if as_json:
        values = session_to_values(folder.session)
        values["photo"] |= {"place": str(folder.photo_path), "state": folder.photo_state()}
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
        return
    state = folder.session
    odd = "" if folder.photo_state() == "there" else f" ({folder.photo_state()})"
    width, height = state.photo.size
    click.echo(
        f"{folder.photo_path}{odd}: {width}x{height}, face {state.face.index}, "
        f"{state.settings.checkpoint}"
    )
    for number, edit in enumerate(state.edits, start=1):
        undone = "  (undone)" if number > state.position else ""
        arrived = "arrived" if edit.arrived else "did not arrive"
        click.echo(f"{number:>3}  {_told(edit.request)}  {arrived}{undone}")
    click.echo(_count(folder))


@click.command()
@session_argument
@output_option("FILE", "The photo as it looks after the edits that count.")
@no_mark_option
@device_option
@quiet_option
def render(session: Path, output: Path, no_mark: bool, device: str, quiet: bool) -> None:
    """Write the photo as a session has it now.

    The pixels are those that `session edit -o` gave.

    \b
    Example:
      photodrag session render me.session -o now.jpg
    """
    from photodrag.alignment.photos.writing import EXTENSIONS
    from photodrag.device import choose_device

    from ...session.folder import SessionFolder
    from ...session.work import SessionWork

    folder = SessionFolder(session)
    outputs = Outputs([folder.photo_path])
    outputs.add(output, EXTENSIONS)
    folder.check_outside(output)
    target_device = choose_device(device)
    fetch_checkpoint(folder.session.settings.checkpoint, quiet)
    with ProgressBars(quiet) as bars, bars.waiting("opening the session"):
        work = SessionWork(folder, target_device)
        work.photo.check_saves(output)
        photo = work.render()
    with outputs.writing() as place:
        photo.save(place(output), mark=not no_mark)
    if not quiet:
        say(f"{output}: {_count(folder)}")


@click.command("recipe")
@session_argument
@output_option("FILE.json", "The recipe, for `photodrag apply`; masks lie beside it.")
def export_recipe(session: Path, output: Path) -> None:
    """Make a recipe of a session's edits, to be done on other photos.

    \b
    Example:
      photodrag session recipe me.session -o smile.json
    """
    from ...recipe.recipe_file import write_recipe
    from ...session.folder import SessionFolder

    folder = SessionFolder(session)
    outputs = Outputs([folder.photo_path])
    outputs.add(output, [".json"])
    folder.check_outside(output)
    recipe = folder.session.recipe()
    masks = {name: output.with_name(name) for name in _masks(recipe)}
    for path in masks.values():
        outputs.add(path, [".png"])
    with outputs.writing() as place:
        for name, path in masks.items():
            place(path).write_bytes(folder.read(name))
        write_recipe(place(output), recipe)


def _told(edit: EditRequest) -> str:
    """What an edit does, in words of the command line."""
    parts = [str(drag) for drag in edit.points]
    parts += [f"{name}={number:g}" for name, number in edit.adjust]
    if edit.mask is not None:
        parts.append(f"in {edit.mask}" if edit.mask_names else "with a mask")
    return "  ".join(parts)


def _masks(recipe: Recipe) -> list[str]:
    """Names of the masks' files, each once."""
    return sorted({str(edit.mask_file) for edit in recipe.edits if edit.mask_file})


def _count(folder: SessionFolder) -> str:
    state = folder.session
    edits = "1 edit" if state.position == 1 else f"{state.position} edits"
    undone = len(state.edits) - state.position
    return edits if not undone else f"{edits}, {undone} undone"
