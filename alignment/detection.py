"""Find faces: three finders, one after the other, and the mesh says what is none.

YuNet finds nearly all, in copies of every size, and turned ones where it finds nothing; then
BlazeFace is asked, then dlib's detector. What they find is a face where the mesh fits, and the mesh
tells dlib's predictor of landmarks where dlib's detector would have seen the face.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from photodrag.logs import room_logger

from .blazeface import blazeface_faces
from .copies import Copy, first_copy, smaller_ones, tiles, turned
from .faces import Face
from .found import Found, are_two, merged
from .hog import hog_faces
from .landmarks import Frame, as_it_is, predict
from .light import is_dark, stretched
from .mesh import frame_of_mesh, quick_mesh
from .photos.photo import Photo
from .resampling import Sampler, sample
from .yunet import yunet_faces

_LOG = room_logger("alignment")

Picture = NDArray[np.uint8]

_LEAST_UPRIGHT, _LEAST_TURNED, _LEAST_BLAZEFACE = 0.5, 0.8, 0.6  # scores
_LEAST_MESH = 0.5  # a face has more, with a hand over half of it, too; nearly all else under 0.1
_UPRIGHT = 0.92  # YuNet is rarely so sure of faces that are not upright
_CLEARLY = 0.01  # so much surer it is of a face that is the right way up
_FACE, _PATCH = 96, 224  # pixels: of a face that is looked at again, and of the patch around it
_ANGLES = (90, -90, 180)  # of turned copies, whose long side is at most:
_TURNED = 800
_SMALL = 40  # pixels: narrower faces count where there are no others


def find_faces(photo: Photo) -> tuple[Face, ...]:
    """All faces, the largest first, numbered from 1; empty if there are none.

    Faces less than 40 pixels wide count only where there are no others.
    """
    begin = time.perf_counter()
    copy = first_copy(photo)
    found = [one.through(copy.back) for one in _search(copy.pixels)]
    large = [one for one in found if abs(one.frame.side) >= _SMALL]
    found = large or found
    found.sort(key=lambda one: (-abs(one.frame.side), one.frame.centre.real))
    sampler = partial(sample, photo.pixels, convert=photo.to_srgb)
    faces = tuple(
        Face(number, _box(one.frame), predict(sampler, one.frame), one.score)
        for number, one in enumerate(found, start=1)
    )
    seconds = time.perf_counter() - begin
    _LOG.info("found %d faces in %dx%d pixels in %.2f s", len(faces), *photo.size, seconds)
    for face in faces:
        _LOG.debug(
            "face %d: score %.2f, eyes %.0f px apart", face.index, face.score, face.eye_distance
        )
    return faces


def _search(picture: Picture) -> list[Found]:
    """The faces of a picture (H, W, 3) sRGB."""
    versions = [picture, stretched(picture)] if is_dark(picture) else [picture]
    finders = (_yunet_upright, _yunet_turned, _blazeface, _hog)
    for finder in finders:
        if found := _faces_of(picture, merged(finder(versions))):
            return found
    return []


def _yunet_upright(versions: list[Picture]) -> Iterator[Found]:
    for version in versions:
        for copy in smaller_ones(version):
            for part in tiles(copy):
                yield from _mapped(yunet_faces(part.pixels, _LEAST_UPRIGHT), part)


def _yunet_turned(versions: list[Picture]) -> Iterator[Found]:
    for version in versions:
        for copy in smaller_ones(version, _TURNED):
            for angle in _ANGLES:
                part = turned(copy, angle)
                yield from _mapped(yunet_faces(part.pixels, _LEAST_TURNED), part)


def _blazeface(versions: list[Picture]) -> Iterator[Found]:
    for version in versions:
        for angle in (0, *_ANGLES):
            part = turned(Copy(version, np.eye(2, 3)), angle)
            yield from _mapped(blazeface_faces(part.pixels, _LEAST_BLAZEFACE), part)


def _hog(versions: list[Picture]) -> Iterator[Found]:
    yield from hog_faces(versions[-1])


def _mapped(found: list[Found], part: Copy) -> Iterator[Found]:
    return (one.through(part.back) for one in found)


def _faces_of(picture: Picture, seen: list[Found]) -> list[Found]:
    """Those that are faces, their frames put right."""
    sampler = partial(sample, picture, convert=as_it_is)
    found = []
    for candidate in seen:
        one = candidate if candidate.score >= _UPRIGHT else _righted(sampler, candidate)
        mesh = quick_mesh(sampler, one.frame)
        if mesh.score >= _LEAST_MESH:
            found.append(Found(frame_of_mesh(mesh.points), one.score))
    return merged(found)


def _righted(sampler: Sampler, one: Found) -> Found:
    """The same face the right way up: YuNet finds others, too, but takes chins for foreheads."""
    best = one
    for quarter in (1, 1j, -1, -1j):
        inverse = Frame(one.frame.centre, one.frame.side * quarter).inverse(_FACE, _PATCH)
        for again in yunet_faces(sampler(inverse, _PATCH), _LEAST_UPRIGHT):
            there = again.through(inverse)
            better = there.score > best.score + (quarter != 1) * _CLEARLY
            if better and not are_two(there.frame, one.frame):
                best = there
    return best


def _box(frame: Frame) -> tuple[float, float, float, float]:
    """The upright square of the frame's size around its centre."""
    half = abs(frame.side) / 2
    x, y = frame.centre.real, frame.centre.imag
    return x - half, y - half, x + half, y + half
