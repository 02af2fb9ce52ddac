"""`photodrag session`: edits of a photo, one after the other, to be undone and gone on with."""

from __future__ import annotations

import click

from ..help_pages import OrderedGroup
from .session_edit import edit_session
from .session_new import new_session
from .session_state import export_recipe, redo, render, show, undo

__all__ = ["session"]


@click.group(cls=OrderedGroup)
def session() -> None:
    """Edit a photo step by step: undo, redo, go on another day.

    A session is a folder with the face's inversion, so that an edit starts at once, and every edit
    as a readable recipe. The photo stays where it is and is never changed. All edits start from
    the original, so that it stays as sharp after ten of them.

    \b
    Examples:
      photodrag session new me.jpg -o me.session
      photodrag session edit me.session --drag 'mouth_left->-4%,-4%' -o now.jpg
      photodrag session undo me.session
    """


for _command in (new_session, edit_session, undo, redo, show, render, export_recipe):
    session.add_command(_command)
