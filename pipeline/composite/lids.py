"""Eyes that shut: the photo's own lids slide over them, and the eyeball stays where it is.

Generated faces hardly ever have shut eyes, so this is none of the generator's. The upper lid's rim
comes down most of the opening and the lower lid rises by the rest. The skin between brow and rim is
let out smoothly; lashes turn down about the rim as it comes, and shade what is under them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceMesh, Photo

from ..imaging.linear_light import from_linear, to_linear
from ..imaging.sampling import FloatArray, as_float, look_up
from .eye_patch import BESIDE, DARKEST, PATCH, UNIT, Curve, EyePatch, cut_eye, ease
from .lid_skin import LidSkin, blurred_along, lid_skin

RISE = 0.1
"""The part of the opening that the lower lid goes."""
_ROOTS = 0.05  # of the eye's width, as all that follows: what goes along unstretched above the rim
_LASHES, _LASH_FADE = 0.16, 0.08  # how far above the rim lashes reach, the last of it fading
_LINE, _ABOVE_LINE = 0.028, 0.016  # the lash line below the rim, and above
_EDGE = 0.012  # of a lid: as soft
_LOWER = 0.3  # below the lower rim: where the skin is still
_SHADE = (0.45, 0.05)  # under the lashes: how much light is lost, how far
_TURN = (0.15, 0.8, 1.7, 0.2)  # lashes turn after so much, within; how far; never flatter
_ROOTS_TURN = 0.75  # of the lashes' darkness above the rim, what has turned down when it is shut
_ASIDE = 0.07  # of the width: from one fold of the grain to the next
_SPLIT = 0.3  # from there on, nothing of the lid is merely stretched
_LIGHT = (0.55, 0.75)  # how near a shut lid's light comes to that under the eye; behind glasses
_TINT = 0.6  # the same of its colour
_MASK_EDGE = 0.1  # over which a lid fades inside a mask
_BAND = 400_000  # pixels at once
_NEWTON = 8


def shut_lids(
    photo: Photo,
    mesh: FaceMesh,
    closings: NDArray[np.float64],
    mask: NDArray[np.bool_] | None = None,
) -> tuple[Photo, NDArray[np.bool_], NDArray[np.float64]]:
    """The photo with its eyes shut by `closings` (2,), 0 for as they are and 1 for shut.

    `mesh` is that of the photo's face. Also: which pixels (H, W) may have changed, and how far
    the eyes are shut now (2,): less than asked where `mask` (H, W) covers them.
    """
    pixels, done = photo.pixels.copy(), np.clip(closings, 0, 1)
    changed = np.zeros(pixels.shape[:2], np.bool_)
    for side in np.flatnonzero(done > 0).tolist():
        left, top, right, bottom = _box(photo, mesh, side)
        here = pixels[top:bottom, left:right]
        if here.size == 0:
            done[side] = 0
            continue
        light = to_linear(here)
        eye = cut_eye(light, replace(mesh, points=mesh.points - (left, top, 0)), side)
        lid = _Lid(light, eye, lid_skin(eye), float(done[side]))
        fade = None
        if mask is not None:
            inside = mask[top:bottom, left:right].astype(np.uint8)
            reach = max(1.0, _MASK_EDGE * UNIT * eye.pixel)
            fade = as_float(np.clip(cv2.distanceTransform(inside, cv2.DIST_L2, 5) / reach, 0, 1))
            done[side] *= lid.share(fade)
        band = max(1, _BAND // (right - left))
        for first in range(0, bottom - top, band):
            rows = slice(first, min(first + band, bottom - top))
            lowered, weight = lid.rows(rows)
            if fade is not None:
                weight = weight * fade[rows]
            moved, part = weight > 0, weight[..., None]
            mixed = as_float(light[rows] * (1 - part) + lowered * part)
            here[rows][moved] = from_linear(mixed[moved], pixels.dtype)
            changed[top:bottom, left:right][rows] |= moved
    pixels.flags.writeable = False
    return photo.with_pixels(pixels, edited=bool(changed.any())), changed, done


def _box(photo: Photo, mesh: FaceMesh, side: int) -> tuple[int, int, int, int]:
    """What of the photo an eye's patch covers: left, top, right, bottom."""
    light = np.zeros((1, 1, 3), np.float32)
    eye = cut_eye(light, mesh, side)
    width, height = PATCH
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ eye.axes.T + eye.corner
    left, top = np.floor(corners.min(axis=0)).astype(int).clip(0, photo.size).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).clip(0, photo.size).tolist()
    return left, top, right, bottom


@dataclass(frozen=True, eq=False)
class _Where:
    """Some rows of the photo, pixel by pixel, in the eye's patch: (h, w) each."""

    x: FloatArray
    y: FloatArray
    upper: FloatArray  # the rims as they were
    lower: FloatArray
    top: FloatArray  # where the lid begins to move
    drop: FloatArray  # how far the upper rim comes down
    rise: FloatArray  # how far the lower one rises
    open: FloatArray  # how wide the eye was

    @property
    def below(self) -> FloatArray:
        """How far below the upper rim's new place."""
        return as_float(self.y - self.upper - self.drop)


class _Lid:
    """One eye as it shuts; `light` (H, W, 3) is linear."""

    def __init__(self, light: FloatArray, eye: EyePatch, skin: LidSkin, closing: float):
        self._light, self._eye, self._skin, self._closing = light, eye, skin, closing
        along = (np.arange(PATCH[0]) - BESIDE) / UNIT
        opening = np.where((along > 0) & (along < 1), eye.lower - eye.upper, 0)
        opening = opening * ease(along / 0.04) * ease((1 - along) / 0.04)
        self._opening: Curve = np.asarray(opening, np.float64)
        outer, inner = skin.outside, 0.12
        before, after = (outer, inner) if eye.side == 0 else (inner, outer)
        self._acts: Curve = np.asarray(
            ease((along + before) / 0.15) * ease((1 + after - along) / 0.15), np.float64
        )
        away = np.maximum(-along, along - 1)
        self._beside: Curve = np.asarray(ease((away - 0.06) / 0.08), np.float64)
        self._shut = float(ease(np.array(2 * closing)))
        begin, within, turns, flattest = _TURN
        turn = 1 - turns * float(ease(np.array((closing - begin) / within)))
        self._turn = turn if abs(turn) > flattest else float(np.copysign(flattest, turn))

    def share(self, fade: FloatArray) -> float:
        """How much of the opening a mask (H, W), 0..1, lets change."""
        where = self._where(slice(0, len(fade)))
        inside = (where.y > where.upper) & (where.y < where.lower) & (where.open > 0)
        return float(fade[inside].mean()) if inside.any() else 0.0

    def rows(self, rows: slice) -> tuple[FloatArray, FloatArray]:
        """What some rows show now (h, w, 3), and how much of it counts (h, w), 0..1."""
        where = self._where(rows)
        dark = self._darkness(where)
        lid = self._upper_lid(where, dark)
        eye = self._under_lid(where, self._light[rows], dark)
        softness = max(1.2 / self._eye.pixel, _EDGE * UNIT)
        over = ease(0.5 - where.below / softness)[..., None]
        weight = self._at(self._acts, where.x) * (
            1 - self._patch(self._skin.frame, where.x, where.y)
        )
        weight = weight * (where.y > where.top) * (where.y < where.lower + (_LOWER + 0.02) * UNIT)
        return as_float(lid * over + eye * (1 - over)), as_float(weight)

    def _where(self, rows: slice) -> _Where:
        eye = self._eye
        grid = np.meshgrid(np.arange(self._light.shape[1]), np.arange(rows.start, rows.stop))
        seen = (np.stack(grid, axis=2) - eye.corner) @ np.linalg.inv(eye.axes).T
        x, y = as_float(seen[..., 0]), as_float(seen[..., 1])
        drop = blurred_along(self._closing * (1 - RISE) * self._opening, 0.03)
        rise: Curve = self._closing * RISE * self._opening
        curves = (eye.upper, eye.lower, self._skin.top, drop, rise, self._opening)
        return _Where(x, y, *(self._at(curve, x) for curve in curves))

    def _upper_lid(self, where: _Where, dark: FloatArray) -> FloatArray:
        """The lid let out: stretched where it is little, else its colours, grain and lashes."""
        skin, x = self._skin, where.x
        roots = as_float(where.upper - _ROOTS * UNIT)
        span = np.maximum(roots - where.top, 2)
        gone = _let_out((where.y - where.top) / span, where.drop / span)
        moved = ease(gone)
        source = as_float(where.y - where.drop * moved)
        calm = (0.6 * float(ease(np.array(1.2 * self._closing))) * ease(gone / 0.5))[..., None]
        colors = self._patch(skin.fine, x, source) * (1 - calm)
        colors = colors + self._patch(skin.smooth, x, source) * calm
        nearer = ease((where.y - where.upper + 0.15 * UNIT) / (0.3 * UNIT))
        nearer = nearer * ease(where.drop / (0.1 * UNIT))
        part = _LIGHT[1] if skin.frame.any() else _LIGHT[0]
        nearer = (nearer * float(ease(np.array(self._closing))))[..., None]
        light = colors.mean(axis=2, keepdims=True)
        under = skin.cheek.mean()
        tint = colors - light + _TINT * nearer * (skin.cheek - under - colors + light)
        colors = tint + light + part * nearer * (under - light)
        made = np.exp(colors + self._grain(where, roots, moved) + dark)
        split = ease(gone / 0.3) * float(ease(np.array(self._closing / _SPLIT)))
        plain = np.exp(self._photo(x, source))
        # Beside the eye only the lashes go.
        beside = self._at(self._beside, where.x)[..., None]
        made = made + beside * np.maximum(plain - made, 0)
        return as_float(plain + (made - plain) * split[..., None])

    def _grain(self, where: _Where, roots: FloatArray, moved: FloatArray) -> FloatArray:
        """The skin's grain: above as it lies, at the rim as it comes along, and as strong between.

        Where the lid is low it is laid on folded; behind glasses it is that under the eye.
        """
        skin = self._skin
        lashes = np.minimum(roots, self._at(skin.lash_top, where.x)) - 0.02 * UNIT
        low, high = where.top + 1, np.maximum(lashes, where.top + 0.03 * UNIT)
        if skin.frame.any():
            low, high = where.lower + 0.1 * UNIT, where.lower + 0.26 * UNIT

        def folded(y: FloatArray) -> FloatArray:
            folds = np.floor((y - low) / (high - low))
            place = (y - low) / (high - low) - folds
            at = as_float(low + (high - low) * np.where(folds % 2, 1 - place, place))
            # Each fold lies elsewhere along the eye, or they would be streaks.
            aside = as_float(where.x + _ASIDE * UNIT * np.where(folds % 2, folds, -folds))
            found = self._photo(aside, at) - self._patch(skin.even, aside, at)
            plain = self._patch(skin.plain, aside, at)[..., None]
            return as_float(skin.grain * np.tanh(found / skin.grain) * plain)

        turn = (moved * (np.pi / 2))[..., None]
        still, along = folded(where.y), folded(as_float(where.y - where.drop + high - where.upper))
        return as_float(np.cos(turn) * still + np.sin(turn) * along)

    def _darkness(self, where: _Where) -> FloatArray:
        """How much darker than skin the lashes make each pixel, (h, w, 1): 0 and below."""
        below, x = where.below, where.x

        def dark(above: FloatArray) -> FloatArray:
            at = as_float(where.upper + above)
            found = self._photo(x, at) - self._patch(self._skin.fine, x, at)
            return as_float(np.minimum(found.mean(axis=2), 0))

        was = np.minimum(below / self._turn, 0)
        lashes = dark(as_float(was)) * ease((_LASHES * UNIT + was) / (_LASH_FADE * UNIT))
        lashes = lashes * (below / self._turn <= 0)
        roots = dark(as_float(np.minimum(below, -0.004 * UNIT))) * (below <= 0)
        roots = roots * ease((below + _ROOTS * UNIT) / (0.03 * UNIT))
        roots = roots * (1 - _ROOTS_TURN * float(ease(np.array((self._closing - 0.3) / 0.6))))
        over, under = (max(one * UNIT, 1.4 / self._eye.pixel) for one in (_ABOVE_LINE, _LINE))
        line = ease((below + over) / over) * ease((under - below) / under)
        line = line * ease(where.open / (0.08 * UNIT)) * self._shut
        line = line * self._at(self._skin.root, x)
        return as_float(np.minimum(lashes, np.minimum(roots, line)))[..., None]

    def _under_lid(self, where: _Where, here: FloatArray, dark: FloatArray) -> FloatArray:
        """The eye as it is and the lower lid a little higher, in the shade of the lashes."""
        skin, x, y = self._skin, where.x, where.y
        still = ease(1 - (y - where.lower) / (_LOWER * UNIT))
        lower = np.exp(self._photo(x, as_float(y + where.rise * still)))
        over = ease((y - where.lower + where.rise) / (0.02 * UNIT) + 0.5)[..., None]
        strength, reach = _SHADE
        shade = strength * self._shut * np.exp(-np.maximum(where.below, 0) / (reach * UNIT))
        shade = shade * np.clip(where.open / (0.08 * UNIT), 0, 1)
        seen = (here * (1 - over) + lower * over) * (1 - shade)[..., None]
        lashes = np.exp(self._patch(skin.lower, x, y) + dark)
        return as_float(np.where(dark < -0.01, np.minimum(seen, lashes), seen))

    def _at(self, curve: Curve, x: FloatArray) -> FloatArray:
        return as_float(np.interp(x, np.arange(PATCH[0]), curve))

    def _patch(self, image: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
        found = look_up(image, np.stack([x, y], axis=2))
        return found if image.ndim == 3 else as_float(found[..., 0])

    def _photo(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """The logarithm of the photo's light at places of the patch."""
        at = np.stack(self._eye.to_photo(x, y), axis=2)
        return as_float(np.log(np.maximum(look_up(self._light, at, cubic=True), DARKEST)))


def _let_out(place: FloatArray, ratio: FloatArray) -> FloatArray:
    """Where on a lid, 0 at its top and 1 at the lashes, what now lies at a place was.

    All is told in heights of the lid as it was. Its end came down by `ratio`, what lies above by
    an eased part of that. Above 0 and below 1 nothing is stretched.
    """
    found = np.maximum(place, 0) / (1 + ratio)
    for _ in range(_NEWTON):
        slope = np.where((found > 0) & (found < 1), 6 * found * (1 - found), 0)
        found = found - (found + ratio * ease(found) - place) / (1 + ratio * slope)
        found = np.maximum(found, 0)
    return as_float(np.where(place <= 0, place, found))
