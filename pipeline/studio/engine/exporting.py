"""Files to fetch from a desk: the photo, its session, a recipe, a film."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from photodrag.alignment.photos.writing import EXTENSIONS
from photodrag.errors import OutputError, StudioError

from ...recipe.recipe_file import write_recipe
from ...results.film import FilmRun
from ...results.movie import Movie
from ..protocol.events import Progress
from ..protocol.views import SavedFile
from .archive import pack_session, pack_together
from .job_queue import Steps, Ticket
from .workspace_jobs import WorkspaceJobs

SAVE_EXTENSIONS = tuple(EXTENSIONS)
"""What a photo can be saved as, beside its own format."""
_MIMES = {
    **{".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif"},
    **{".jfif": "image/jpeg", ".jpe": "image/jpeg"},
    **{".webp": "image/webp", ".tif": "image/tiff", ".tiff": "image/tiff", ".mp4": "video/mp4"},
    **{".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif"},
    **{".json": "application/json", ".zip": "application/zip"},
}


def save_photo(jobs: WorkspaceJobs, extension: str | None) -> Steps:
    """The photo as it now looks, with its metadata, as the command line writes it."""
    opened = jobs.photo()
    suffix = opened.extension if extension is None else extension.lower()
    if suffix not in SAVE_EXTENSIONS:
        raise OutputError(
            f"the extension {suffix!r:.20} cannot be saved; use {', '.join(SAVE_EXTENSIONS)}"
        )
    photo = jobs.whole_photo()
    yield
    return _saved(jobs, f"{opened.stem}-edited{suffix}", photo.save)


def save_session(jobs: WorkspaceJobs) -> Steps:
    """The session's folder and the photo, as one .zip."""
    work, opened = jobs.session(), jobs.photo()
    yield
    return _saved(
        jobs,
        f"{opened.stem}.session.zip",
        lambda path: pack_session(path, work.folder, opened.path, opened.name),
    )


def save_recipe(jobs: WorkspaceJobs) -> Steps:
    """The edits that count as a recipe; with its masks as a .zip where they are painted."""
    work, opened = jobs.session(), jobs.photo()
    yield
    recipe = work.session.recipe()
    masks = {str(edit.mask_file) for edit in recipe.edits if edit.mask_file}
    if not masks:
        return _saved(jobs, f"{opened.stem}.json", lambda path: write_recipe(path, recipe))
    files = {name: work.folder.read(name) for name in sorted(masks)}

    def write(path: Path) -> None:
        plain = path.with_name("recipe.json")
        write_recipe(plain, recipe)
        pack_together(path, {f"{opened.stem}.json": plain.read_bytes(), **files})
        plain.unlink()

    return _saved(jobs, f"{opened.stem}.recipe.zip", write)


def save_movie(jobs: WorkspaceJobs, ticket: Ticket, extension: str) -> Steps:
    """A film of the edit that has just been done, as the command line makes it."""
    way = jobs.way
    if way is None:
        raise StudioError("there is no film of this; it is made of an edit that was just done")
    movie = Movie()
    run = FilmRun(way.result, way.latents)
    begin = time.monotonic()
    for number, frame in enumerate(run, start=1):
        movie.add(frame)
        left = (time.monotonic() - begin) / number * (len(run) - number)
        ticket.tell(Progress("film", number, len(run), number / len(run), left))
        yield
    return _saved(jobs, f"{jobs.photo().stem}{extension.lower()}", movie.save)


def _saved(jobs: WorkspaceJobs, name: str, write: Callable[[Path], object]) -> SavedFile:
    """The file in the desk's folder, in place of the one that was saved before."""
    folder = jobs.folder / "saved"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    path = folder / name
    write(path)
    return SavedFile(path, name, _MIMES.get(path.suffix, "application/octet-stream"))
