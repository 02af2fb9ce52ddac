"""Inversions, paintings of them and found faces, kept for the next edit of the same photo."""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from photodrag.alignment import Face, Photo, find_faces
from photodrag.checkpoints import Generator
from photodrag.checkpoints.cache import inversion_folder
from photodrag.checkpoints.tensor_files import decode_tensors, encode_tensors
from photodrag.errors import (
    CacheWarning,
    ContentError,
    LandmarkError,
    LatentError,
    OutputError,
    SettingsError,
)
from photodrag.inversion import Inversion
from photodrag.inversion.delta import HEAD_BYTES, decode_inversion, encode_inversion, notes_of
from photodrag.json_values import JsonValue, parse_json

from ..guide.painted_face import RenderedFace
from .file_store import DamagedFileError, KeptFiles
from .keys import faces_key

SIZE_VARIABLE = "PHOTODRAG_CACHE_SIZE"
"""The environment variable that bounds the kept inversions of the command line: 4GB, 500MB, 0."""
DEFAULT_LIMIT = 4 * 10**9
"""Most bytes on disk, unless told otherwise."""
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_INVERSION, _FACES, _LOOK = ".inversion", ".faces", ".look"
Value = TypeVar("Value")
_IMAGE, _MARKS = "image", "marks"


@dataclass(frozen=True)
class CachedInversion:
    """One kept inversion: times in seconds since 1970, `size` in bytes on disk.

    `photo` is the file's name without its folder, where it was known; `checkpoint` the
    generator's name.
    """

    key: str
    photo: str | None
    checkpoint: str | None
    made: float | None
    used: float
    size: int


class InversionCache:
    """Inversions in a folder (by default in the user's cache), together at most `limit` bytes.

    The least recently used go first. Several processes may share the folder. Whatever goes wrong
    with it is a CacheWarning and never ends the work; after the first such fault of the folder
    the cache is left alone. `label` names the photo in `entries`, where a run was given pixels.
    With `only_read` it gives what it has and keeps nothing new.
    """

    def __init__(
        self,
        folder: Path | None = None,
        limit: int = DEFAULT_LIMIT,
        label: str | None = None,
        only_read: bool = False,
    ):
        if limit < 0:
            raise SettingsError(f"the cache's limit is {limit}; it must be at least 0 bytes")
        self.folder = inversion_folder() if folder is None else folder
        self.limit, self.label = limit, label
        self._files = KeptFiles(self.folder, limit, only_read)
        self._usable = limit > 0

    def faces(self, photo: Photo) -> tuple[Face, ...]:
        """What `find_faces` finds, looked for only once."""
        name = faces_key(photo) + _FACES
        found = self._read(name, _decode_faces)
        if found is None:
            found = find_faces(photo)
            self._write(name, _encode_faces(found))
        return found

    def read(self, key: str, base: Generator) -> Inversion | None:
        """The inversion of this key, made with the generator `base`, on its device; or None."""
        return self._read(key + _INVERSION, lambda content: decode_inversion(content, base))

    def write(
        self, key: str, inversion: Inversion, base: Generator, photo: str | None = None
    ) -> None:
        """Keep an inversion made with `base`; `photo` is the name to show for it."""
        if not self._usable:
            return
        notes = {"photo": photo or self.label, "checkpoint": base.name, "made": time.time()}
        self._write(key + _INVERSION, encode_inversion(inversion, base, notes))

    def read_rendering(self, key: str) -> RenderedFace | None:
        """The painting with this key (`rendering_key`), or None."""
        return self._read(key + _LOOK, decode_rendering)

    def write_rendering(self, key: str, rendering: RenderedFace, inversion: str) -> None:
        """Keep a painting of the inversion with the key `inversion`, if there is room beside it."""
        if self._usable:
            spared = inversion + _INVERSION
            self._try(lambda: self._files.write(key + _LOOK, encode_rendering(rendering), spared))

    def entries(self) -> tuple[CachedInversion, ...]:
        """All kept inversions, the latest used first."""
        found = []
        for file in reversed(self._files.files()):
            if file.name.endswith(_INVERSION):
                notes = notes_of(self._files.begin(file.name, HEAD_BYTES))
                found.append(
                    CachedInversion(
                        file.name.removesuffix(_INVERSION),
                        _text(notes.get("photo")),
                        _text(notes.get("checkpoint")),
                        _time(notes.get("made")),
                        file.used,
                        file.size,
                    )
                )
        return tuple(found)

    @property
    def size(self) -> int:
        """Bytes on disk, with the paintings and the faces that were found."""
        return sum(file.size for file in self._files.files())

    def clear(self, unused_since: float | None = None) -> tuple[int, int]:
        """Remove all, or what was last used before a time; how many inversions, how many bytes.

        OutputError if the folder cannot be changed.
        """
        gone = self._files.clear(unused_since)
        inversions = sum(file.name.endswith(_INVERSION) for file in gone)
        return inversions, sum(file.size for file in gone)

    def _read(self, name: str, decode: Callable[[bytes], Value]) -> Value | None:
        if not self._usable:
            return None
        try:
            content = self._files.read(name)
            if content is None:
                return None
            try:
                return decode(content)
            except (ContentError, LatentError, LandmarkError) as error:
                raise DamagedFileError(name) from error
        except DamagedFileError:
            _warn(f"a damaged file in {self.folder} is not used; it is made anew")
            self._try(lambda: self._files.remove(name))
        except OutputError as error:
            self._give_up(error)
        return None

    def _write(self, name: str, content: bytes) -> None:
        if not self._usable:
            return
        if self._try(lambda: self._files.write(name, content)) is False:
            _warn(
                f"the inversion takes {len(content) / 1e6:.0f} MB and is not kept: the cache may "
                f"hold {self.limit / 1e6:.0f} MB; {SIZE_VARIABLE} changes that"
            )

    def _try(self, change: Callable[[], Value]) -> Value | None:
        try:
            return change()
        except OutputError as error:
            self._give_up(error)
            return None

    def _give_up(self, error: OutputError) -> None:
        self._usable = False
        _warn(f"the work goes on without the cache of inversions: {error}")


def users_cache(label: str | None = None, only_read: bool = False) -> InversionCache:
    """The cache of the command line: the user's, as large as the environment allows."""
    return InversionCache(limit=limit_of_environment(), label=label, only_read=only_read)


def limit_of_environment() -> int:
    """The bytes that $PHOTODRAG_CACHE_SIZE allows, else the default; SettingsError if unclear."""
    text = os.environ.get(SIZE_VARIABLE)
    if not text:
        return DEFAULT_LIMIT
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", text, re.IGNORECASE | re.ASCII)
    if found is None:
        raise SettingsError(
            f"{SIZE_VARIABLE} is {text!r}; give bytes or a size like 500MB or 4GB, 0 for no cache"
        )
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _encode_faces(faces: tuple[Face, ...]) -> bytes:
    values = [
        {
            "index": face.index,
            "box": face.box,
            "landmarks": face.landmarks.tolist(),
            "score": face.score,
        }
        for face in faces
    ]
    return json.dumps(values).encode()  # floats as their shortest text, which gives them back


def _decode_faces(content: bytes) -> tuple[Face, ...]:
    return tuple(_face(value) for value in JsonValue(parse_json(content), "faces").items())


def _face(value: JsonValue) -> Face:
    box = value["box"].of_type(tuple[float, float, float, float])
    landmarks = np.array(value["landmarks"].pairs(), np.float64)
    return Face(value["index"].whole(), box, landmarks, value["score"].number())


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _warn(message: str) -> None:
    warnings.warn(message, CacheWarning, stacklevel=5)


def encode_rendering(rendering: RenderedFace) -> bytes:
    """Safetensors, uncompressed: reading must cost nothing."""
    return encode_tensors({_IMAGE: rendering.image, _MARKS: rendering.landmarks})


def decode_rendering(content: bytes) -> RenderedFace:
    """What `encode_rendering` made; LatentError for anything else."""
    try:
        tensors = decode_tensors(content, needed=[_IMAGE, _MARKS])
    except ContentError as error:
        raise LatentError(f"the kept painting cannot be read: {error}") from error
    image, landmarks = tensors[_IMAGE].numpy(), tensors[_MARKS].numpy()
    is_square = image.ndim == 3 and image.shape == (len(image), len(image), 3)
    if (
        not is_square
        or image.dtype != np.uint8
        or landmarks.dtype != np.float64
        or landmarks.shape != (68, 2)
    ):
        raise LatentError(
            f"the kept painting is {image.dtype} {image.shape} "
            f"with {landmarks.dtype} {landmarks.shape}"
        )
    return RenderedFace(image, landmarks)
