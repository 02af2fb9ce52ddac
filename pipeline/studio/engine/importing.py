"""Work that a page brings along: a whole session, or a recipe to be done."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from photodrag.errors import RecipeError, SessionError

from ...edit.edit_request import EditRequest
from ...edit.placing import place_mask
from ...recipe.recipe import Recipe
from ...recipe.recipe_file import read_recipe
from ...session.folder import SessionFolder
from ...session.work import SessionWork
from ...settings_json import with_edit_stages
from .archive import unpack_recipe, unpack_session
from .job_queue import Steps, Ticket
from .opening import open_for_workspace
from .workspace_jobs import WorkspaceJobs


def open_session(jobs: WorkspaceJobs, ticket: Ticket, path: Path) -> Steps:
    """Go on with a session of a .zip file."""
    shared = jobs.shared
    place = jobs.new_place("session")
    at_hand = None if jobs.opened is None else jobs.opened.path
    done = False
    try:
        found = unpack_session(path, place, shared.settings.most_session_bytes, at_hand)
        yield
        opened = yield from open_for_workspace(found.photo, found.own, shared, ticket)
        if not found.own and jobs.opened is not None:
            opened = replace(opened, own=jobs.opened.own)
        yield
        folder = SessionFolder(found.folder)
        if folder.photo_state() != "there":
            raise SessionError(f"{path.name}: the photo in it is not the session's")
        generator = shared.generator()
        work = SessionWork(folder, shared.device, generator, opened.photo)
        number = work.session.face.index
        faces = [work.session.face if one.index == number else one for one in opened.faces]
        if work.session.face not in faces:
            faces.append(work.session.face)
        opened = replace(opened, faces=tuple(faces))
        yield
        view = jobs.view_of(work.render()) if work.session.current else None
        work.prepare()
        jobs.take(opened, work, view)
        done = True
    finally:
        if not done:
            shutil.rmtree(place, ignore_errors=True)


def apply_recipe(jobs: WorkspaceJobs, ticket: Ticket, path: Path) -> Steps:
    """Do a recipe's edits on the chosen face, after those that are there; gives the last one."""
    work, place = jobs.session(), jobs.new_place("recipe")
    before = work.session
    view, told = None, None
    try:
        view = jobs.view
        recipe = _read(path, place, jobs.shared.settings.most_session_bytes)
        for edit in recipe.edits:
            place_mask(edit, work.session.face, work.photo)  # refuses one that does not fit
        yield
        for edit in recipe.edits:
            settings = with_edit_stages(recipe.settings, edit.settings)
            told = yield from jobs.edit(ticket, replace(edit, settings=settings))
        return told
    except BaseException:
        if work.session is not before and view is not None:  # some of its edits were done
            edits = before.current
            with work.folder.changing():
                work.folder.write(replace(before, edits=edits, position=len(edits)))
            jobs.rendering(view)
        raise
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _read(path: Path, place: Path, most_bytes: int) -> Recipe:
    """A recipe of a page; of its masks none lies elsewhere."""
    file, masks = unpack_recipe(path, place, most_bytes)
    recipe = read_recipe(file)
    return replace(recipe, edits=tuple(_with_own_mask(edit, masks) for edit in recipe.edits))


def _with_own_mask(edit: EditRequest, masks: frozenset[Path]) -> EditRequest:
    if edit.mask_file is not None and edit.mask_file not in masks:
        raise RecipeError(
            f"the recipe's mask {edit.mask_file.name!r:.80} is a file; bring the recipe and its "
            "masks together as one .zip"
        )
    return edit
