"""Sessions and recipes as .zip files: packed, and unpacked without trusting them.

Nothing in an archive says where a file is written: names are those that a session knows, or are
made safe, and every size is counted while it is read.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from photodrag.alignment.photos.writing import EXTENSIONS
from photodrag.errors import OutputError, PhotodragError, RecipeError, SessionError
from photodrag.files import file_digest, write_whole

from ...session.folder import STATE_FILE, SessionFolder
from ...session.session_file import decode_session, encode_session
from .uploads import safe_name

_MOST_ENTRIES = 10_000
_MOST_STATE = 32 * 2**20  # bytes of a session.json or a recipe
_PART = 2**20
_MOST_LIST = 4 * 2**20  # bytes of the list of entries
_END, _LARGE, _END_BYTES, _LONGEST_COMMENT = b"PK\x05\x06", b"PK\x06\x07", 22, 65_535


def pack_session(path: Path, folder: SessionFolder, photo: Path, name: str) -> None:
    """Write a session and its photo: NAME.session/ and beside it the photo, as it was opened.

    SessionError if the photo's file has changed since.
    """
    if folder.photo_state() != "there":
        raise SessionError(f"{photo.name}: the photo's file has changed since it was opened")
    session = folder.session
    inner = f"{PurePosixPath(name).stem}.session"
    beside = name if PurePosixPath(name).suffix.lower() in EXTENSIONS else f"{name}.image"
    moved = replace(session, photo=replace(session.photo, path=f"../{beside}"))
    files = {f"{inner}/{one}": folder.read(one) for one in sorted(session.files)}
    pack_together(path, {f"{inner}/{STATE_FILE}": encode_session(moved), **files, beside: photo})


def pack_together(path: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write a .zip of contents, or files to be read, under their names."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name, content in files.items():
                if isinstance(content, Path):
                    archive.write(content, name)
                else:
                    archive.writestr(name, content)
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror or error}") from error


@dataclass(frozen=True)
class Unpacked:
    """A session's folder, and its photo, of which `own` says that it lies beside it."""

    folder: Path
    photo: Path
    own: bool


def unpack_session(path: Path, place: Path, most_bytes: int, at_hand: Path | None) -> Unpacked:
    """Unpack a session into a new folder `place`; SessionError where that is impossible.

    A photo `at_hand` is taken where the archive has none and it is the session's.
    """
    with _opened(path, SessionError) as archive:
        states = [entry for entry in archive if PurePosixPath(entry.name).name == STATE_FILE]
        if len(states) != 1:
            raise SessionError(
                f"{path.name}: holds {len(states)} sessions; make it of one session's folder, "
                "with the photo beside it"
            )
        within = PurePosixPath(states[0].name).parent
        budget = _Budget(most_bytes)
        session = decode_session(states[0].read(_Budget(_MOST_STATE)))
        place.mkdir(mode=0o700)
        folder = place / "it.session"
        folder.mkdir(mode=0o700)
        for name in sorted(session.files):
            found = archive.find(str(within / name))
            if found is None:
                raise SessionError(f"{path.name}: lacks {name}, a file of its session")
            found.write(folder / name, budget)
        name = PurePosixPath(session.photo.path).name
        entry = next((one for one in archive if PurePosixPath(one.name).name == name), None)
        if entry is not None:
            photo = place / safe_name(name)
            entry.write(photo, budget)
            told = f"../{photo.name}"
        elif at_hand is not None and _is(at_hand, session.photo.sha256):
            photo, told = at_hand, str(at_hand.resolve())
        else:
            raise SessionError(
                f"{path.name}: the session's photo {name!r:.80} is not in it; open that photo "
                "first, or put it into the archive beside the session's folder"
            )
        moved = replace(session, photo=replace(session.photo, path=told))
        write_whole(folder / STATE_FILE, encode_session(moved))
    return Unpacked(folder, photo, entry is not None)


def unpack_recipe(path: Path, place: Path, most_bytes: int) -> tuple[Path, frozenset[Path]]:
    """A recipe's .json and the masks beside it, in a new folder `place`; or the .json itself.

    RecipeError where there is not one recipe.
    """
    if not _is_zip(path):
        if path.stat().st_size > _MOST_STATE:
            raise RecipeError(f"{path.name}: is too large for a recipe")
        return path, frozenset()
    place.mkdir(mode=0o700)
    masks: set[Path] = set()
    with _opened(path, RecipeError) as archive:
        hidden = ("__MACOSX", ".")
        entries = [entry for entry in archive if not entry.name.startswith(hidden)]
        recipes = [entry for entry in entries if entry.suffix == ".json"]
        if len(recipes) != 1:
            raise RecipeError(f"{path.name}: holds {len(recipes)} recipes (.json); it must be one")
        recipes[0].write(place / "recipe.json", _Budget(_MOST_STATE))
        budget = _Budget(most_bytes)
        for entry in entries:
            if entry.suffix in EXTENSIONS:
                mask = place / safe_name(PurePosixPath(entry.name).name)
                entry.write(mask, budget)
                masks.add(mask)
    return place / "recipe.json", frozenset(masks)


def _is_zip(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path)
    except Exception:  # zipfile may raise anything
        return False


def kind_of(path: Path, name: str) -> str:
    """Whether a file is a recipe, a session or a photo."""
    if name.lower().endswith(".json"):
        return "recipe"
    if not name.lower().endswith(".zip"):
        return "photo"
    try:
        if _has_long_list(path):
            return "session"
        with zipfile.ZipFile(path) as archive:
            names = {PurePosixPath(one).name for one in archive.namelist()}
    except Exception:  # zipfile may raise anything
        return "session"  # which says what is wrong with it
    return "session" if "session.json" in names else "recipe"


class _Budget:
    """Bytes that may still be unpacked."""

    def __init__(self, most: int):
        self._left = most

    def take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _TooMuchError


def _has_long_list(path: Path) -> bool:
    """Whether the list of entries is so long that reading it alone is much work."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(-min(file.tell(), _END_BYTES + _LONGEST_COMMENT), 2)
        end = file.read()
    place = end.find(_END)
    while 0 <= place <= len(end) - _END_BYTES:
        count = int.from_bytes(end[place + 10 : place + 12], "little")
        length = int.from_bytes(end[place + 12 : place + 16], "little")
        # a mark in front of it is of archives that hold even more, and counts for zipfile
        is_large = _LARGE in end[max(place - 20, 0) : place]
        if count > _MOST_ENTRIES or length > _MOST_LIST or is_large:
            return True
        place = end.find(_END, place + 1)
    return False


class _TooMuchError(Exception):
    """More was unpacked than is allowed."""


class _Entry:
    """One file of an archive."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo):
        self._archive, self._info, self.name = archive, info, info.filename

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    def parts(self, budget: _Budget) -> Iterator[bytes]:
        with self._archive.open(self._info) as file:
            while part := file.read(_PART):
                budget.take(len(part))
                yield part

    def read(self, budget: _Budget) -> bytes:
        return b"".join(self.parts(budget))

    def write(self, path: Path, budget: _Budget) -> None:
        with path.open("wb") as file:
            for part in self.parts(budget):
                file.write(part)


class _Archive:
    """The files of an archive."""

    def __init__(self, archive: zipfile.ZipFile):
        self._entries = [_Entry(archive, info) for info in archive.infolist() if not info.is_dir()]

    def __iter__(self) -> Iterator[_Entry]:
        return iter(self._entries)

    def find(self, name: str) -> _Entry | None:
        return next((entry for entry in self._entries if entry.name == name), None)


@contextmanager
def _opened(path: Path, kind: type[PhotodragError]) -> Iterator[_Archive]:
    """The files of a .zip; whatever is wrong with it is a `kind` of error."""
    try:
        if _has_long_list(path):
            raise kind(f"{path.name}: holds too many files")
        with zipfile.ZipFile(path) as archive:
            yield _Archive(archive)
    except _TooMuchError:
        raise kind(f"{path.name}: holds more than can be taken in") from None
    except PhotodragError:
        raise
    except Exception as error:  # zipfile may raise anything
        text = " ".join(str(error).split())
        raise kind(f"{path.name}: cannot be unpacked ({text:.120}); use a .zip") from error


def _is(path: Path, digest: str) -> bool:
    try:
        return file_digest(path) == digest
    except OSError:
        return False
