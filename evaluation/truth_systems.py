"""What the truth pairs are tried with: photodrag in its variants, and plain baselines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import ThinPlateSplineTransform

from photodrag.alignment import FaceCrop, Photo, align
from photodrag.checkpoints import Generator
from photodrag.drag import OFFICIAL
from photodrag.pipeline import EditRequest, EditRun, EditSettings, InversionCache
from photodrag.pipeline.guide.painting import paint
from photodrag.pipeline.settings import DEFAULTS

from .truth import TruthPair

_MAP_64: dict[str, Any] = {"feature_resolution": 64, "learning_rate": 5e-3, "max_steps": 200}
_MAP_128: dict[str, Any] = {"feature_resolution": 128, "learning_rate": 2e-3, "max_steps": 120}
_PRIOR = 0.3  # on w's whitened way; a tenth and ten times as much drag as well
_COARSE = 4  # px between places where a warp is computed


@dataclass(frozen=True, eq=False)
class Outcome:
    """A photo of the pair's size, (H, W) where it may differ from the input, and seconds.

    `seconds` are without the inversion. `faces` are pictures (S, S, 3) uint8 on the way: the
    inverted face and the dragged one.
    """

    photo: Photo
    changed: NDArray[np.bool_]
    seconds: float
    faces: tuple[NDArray[np.uint8], ...] = ()


System = Callable[[TruthPair], Outcome]


def no_edit(pair: TruthPair) -> Outcome:
    """The photo as it is."""
    return Outcome(pair.photo, np.zeros(pair.photo.pixels.shape[:2], np.bool_), 0.0)


def landmark_warp(pair: TruthPair) -> Outcome:
    """A thin-plate spline through all 68 landmarks, held at the border of the face's square."""
    begin = time.perf_counter()
    fixed = border_of(align(pair.photo, pair.face))
    # From the result to the photo: what a pixel shows is looked up.
    spline = ThinPlateSplineTransform.from_estimate(
        np.concatenate([pair.targets, fixed]), np.concatenate([pair.face.landmarks, fixed])
    )

    def look(positions: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(spline(positions.reshape(-1, 2)).reshape(positions.shape), np.float64)

    return warped(pair, fixed, look, begin)


def border_of(crop: FaceCrop) -> NDArray[np.float64]:
    """Places (N, 2) in the photo on the border of the face's square."""
    line = np.linspace(0, crop.size - 1, 9)
    border = [(x, y) for x in line for y in line if {x, y} & {line[0], line[-1]}]
    return crop.to_photo(np.array(border))


def warped(
    pair: TruthPair,
    border: NDArray[np.float64],
    look: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    begin: float,
) -> Outcome:
    """The photo; inside the border, each of places (h, w, 2) shows what was at `look` of it."""
    width, height = pair.photo.size
    left, top = np.maximum(np.floor(border.min(axis=0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(border.max(axis=0)) + 1, (width, height)).astype(int)
    # Where to look is smooth: it is computed on every fourth pixel and read between them.
    x, y = np.meshgrid(
        np.arange(left, right + _COARSE, _COARSE), np.arange(top, bottom + _COARSE, _COARSE)
    )
    coarse = look(np.stack([x, y], axis=2).astype(np.float64))
    here = np.meshgrid(np.arange(right - left), np.arange(bottom - top))
    x, y = (np.asarray(line, np.float32) / np.float32(_COARSE) for line in here)
    positions = cv2.remap(coarse.astype(np.float32), x, y, cv2.INTER_LINEAR)
    x, y = cv2.split(np.asarray(positions, np.float32))
    pixels = pair.photo.pixels.copy()
    pixels[top:bottom, left:right] = cv2.remap(
        pair.photo.pixels, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    changed = np.zeros((height, width), np.bool_)
    changed[top:bottom, left:right] = True
    return Outcome(pair.photo.with_pixels(pixels), changed, time.perf_counter() - begin)


def edited_by(settings: EditSettings, generator: Generator, cache: InversionCache | None) -> System:
    """An edit with these settings, all landmarks dragged that the expression moves."""
    return partial(_edit, settings=settings, generator=generator, cache=cache)


def variants(settings: EditSettings = DEFAULTS) -> dict[str, EditSettings]:
    """The settings that are compared, by name."""
    unguided = replace(settings, guide=replace(settings.guide, steps=0))
    by_features = {
        "official preset": replace(unguided, drag=OFFICIAL),
        "template 64 px": replace(unguided, drag=replace(settings.drag, **_MAP_64)),
        "template 128 px": replace(unguided, drag=replace(settings.drag, **_MAP_128)),
        "free 128 px": replace(unguided, drag=replace(settings.drag, method="free", **_MAP_128)),
        "template + prior": replace(unguided, drag=replace(settings.drag, prior=_PRIOR)),
    }
    trackers = {
        f"template + {name}": replace(unguided, drag=replace(settings.drag, tracking=name))
        for name in ("vector", "none", "lucas-kanade", "dis", "raft")
    }
    composites = {
        name: replace(settings, composite=replace(settings.composite, method=name))
        for name in ("paste", "poisson")
    }
    official_paste = replace(unguided, drag=OFFICIAL, composite=composites["paste"].composite)
    return {
        "photodrag": settings,
        **composites,
        "official preset + paste": official_paste,
        **by_features,
        **trackers,
    }


def _edit(
    pair: TruthPair,
    settings: EditSettings,
    generator: Generator,
    cache: InversionCache | None,
) -> Outcome:
    points = [(point.handle, point.target) for point in pair.points()]
    request = EditRequest(points, settings=settings, face=pair.face.index)
    run = EditRun(pair.photo, request, generator=generator, cache=cache)
    for _ in run:
        pass
    result = run.result
    tuned = result.inversion.generator
    faces = tuple(paint(tuned, latent) for latent in (result.inversion.latent, result.dragged))
    seconds = result.seconds["drag"] + result.seconds["composite"]
    return Outcome(result.photo, result.changed, seconds, faces)
