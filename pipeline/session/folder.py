"""A session on disk: a folder of files that never change, and one that says which of them count.

`session.json` is replaced as a whole, after everything that it names is there. So at any time, and
after an interrupt at any time, the folder holds a whole session: the one before or the one after.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from photodrag.alignment import Photo, open_photo
from photodrag.errors import OutputError, SessionBusyError, SessionError
from photodrag.files import file_digest, read_regular, write_whole
from photodrag.leftovers import remove_leftovers_once, temporary_name

from .session import PhotoReference, SessionState
from .session_file import decode_session, encode_session

STATE_FILE = "session.json"
_LOCK = ".lock"
_MOST_STATE = 64 * 2**20  # bytes of session.json: a strange one is not read for ever
_MOST_BYTES = 2**31  # of a file of it, or of its photo
_DIGEST = 16  # hexadecimal digits of a file's SHA-256 in its name


class SessionFolder:
    """A session's folder; `session` is its state as last read or written.

    SessionError if there is none or it is damaged: then nothing in it is ever changed.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.session = self._read()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Be the one process that changes the session; SessionBusyError if another does."""
        lock = FileLock(self.folder / _LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise SessionBusyError(
                f"{self.folder}: another process works with this session; wait for it to end"
            ) from error
        except (OSError, NotImplementedError) as error:
            raise OutputError(f"{self.folder}: cannot be written to: {error}") from error
        try:
            self.session = self._read()  # it may have changed since
            yield
        finally:
            lock.release()

    def write(self, session: SessionState) -> None:
        """Make this the state. Inside `changing`; files that no edit needs any more are removed."""
        write_whole(self.folder / STATE_FILE, encode_session(session))
        self.session = session
        needed = {STATE_FILE, _LOCK} | session.files
        for path in self.folder.iterdir():
            ours = path.name.startswith((".photodrag-", "edit-", "mask-", "inversion-"))
            if ours and path.name not in needed:
                with suppress(OSError):  # what is left over does no harm
                    path.unlink()

    def keep(self, kind: str, data: bytes, extension: str) -> str:
        """Write a file that the next state will name; its name. Inside `changing`."""
        return _keep(self.folder, kind, data, extension)

    def name_of(self, kind: str, data: bytes, extension: str) -> str:
        """The name that `keep` gives: the same for the same content."""
        return _name(kind, data, extension)

    def read(self, name: str) -> bytes:
        """The content of one of the session's files; SessionError if it is damaged or gone."""
        try:
            data = read_regular(self.folder / name, _MOST_BYTES, follow_links=False)
        except OSError as error:
            raise SessionError(
                f"{self.folder / name}: cannot be read: {error.strerror or error}; the session "
                "cannot be used without it"
            ) from error
        if _digest(data) != name.rpartition("-")[2].partition(".")[0]:
            raise SessionError(f"{self.folder / name}: the file is damaged: not what was written")
        return data

    def check_outside(self, path: Path | None) -> None:
        """OutputError for a result that would be written among the session's own files."""
        if path is not None and path.resolve().is_relative_to(self.folder.resolve()):
            raise OutputError(f"{path}: this is inside the session's folder; write it elsewhere")

    @property
    def photo_path(self) -> Path:
        """Where the photo should lie."""
        return Path(os.path.normpath(self.folder.resolve() / self.session.photo.path))

    def photo_state(self) -> str:
        """Whether the photo is "there", "missing", or "changed" since the session began."""
        try:
            same = file_digest(self.photo_path, _MOST_BYTES) == self.session.photo.sha256
        except OSError:
            return "missing"
        return "there" if same else "changed"

    def read_photo(self) -> Photo:
        """The photo; SessionError if it is missing or not the one that the session began with."""
        path = self.photo_path
        try:
            same = file_digest(path, _MOST_BYTES) == self.session.photo.sha256
        except OSError as error:
            raise SessionError(
                f"{path}: the session's photo cannot be read: {error.strerror or error}; put it "
                f'there again, or write its place into "path" in {self.folder / STATE_FILE}'
            ) from error
        if not same:
            raise SessionError(
                f"{path}: the photo has changed since the session began; put the original there "
                "again, or begin a new session"
            )
        return open_photo(path)

    def _read(self) -> SessionState:
        path = self.folder / STATE_FILE
        try:
            data = read_regular(path, _MOST_STATE, follow_links=False)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise SessionError(
                f"{self.folder}: not a session, as there is no {path}; begin one with "
                "`photodrag session new`"
            ) from error
        except OSError as error:
            raise SessionError(f"{path}: cannot be read: {error.strerror or error}") from error
        try:
            return decode_session(data)
        except SessionError as error:
            raise SessionError(f"{path}: {error}") from error


def check_new(folder: Path) -> None:
    """OutputError unless a session can be made at this place."""
    if folder.exists() or folder.is_symlink():
        raise OutputError(f"{folder}: this is there already; give the session another name")
    if not folder.parent.is_dir():
        raise OutputError(f"{folder}: the folder {folder.parent} does not exist; make it first")
    if not os.access(folder.parent, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: the folder {folder.parent} cannot be written to")


def make_folder(folder: Path, session: SessionState, inversion: bytes) -> SessionFolder:
    """Make a session's folder, whole or not at all; `session.inversion` need not be right yet."""
    check_new(folder)
    remove_leftovers_once(folder.parent)
    temporary = folder.parent / temporary_name()
    try:
        temporary.mkdir(mode=0o700)  # it can paint the face: for its owner only
        name = _keep(temporary, "inversion", inversion, "safetensors")
        write_whole(temporary / STATE_FILE, encode_session(session.with_inversion(name)))
        temporary.rename(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return SessionFolder(folder)


def refer_to(photo: Path, size: tuple[int, int], folder: Path) -> PhotoReference:
    """How a session in a folder names a photo of (width, height)."""
    path, place = photo.resolve(), folder.parent.resolve() / folder.name
    try:
        name = Path(os.path.relpath(path, place)).as_posix()
    except ValueError:  # on another drive
        name = path.as_posix()
    return PhotoReference(name, file_digest(path), size)


def _keep(folder: Path, kind: str, data: bytes, extension: str) -> str:
    name = _name(kind, data, extension)
    write_whole(folder / name, data)
    return name


def _name(kind: str, data: bytes, extension: str) -> str:
    return f"{kind}-{_digest(data)}.{extension}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGEST]
