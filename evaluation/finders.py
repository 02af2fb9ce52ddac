"""How many faces are found where they are hard to find.

    python -m evaluation.finders FOLDER

Of each portrait in the folder (one face each) copies are made: dark, half covered, with sunglasses
or a mask drawn on, small, blurred, squeezed, turned. A face counts as found where its landmarks lie
within a third of the distance between the eyes of where they are in the portrait, on average. The
table has a row for each kind: faces found, faces that are none, median and longest time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, find_faces, open_photo

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
SIDE = 900  # pixels: portraits are brought to this long side
NEAR = 0.33  # of the distance between the eyes
SEED = 11
LARGE = (4000, 3000)  # 12 megapixels


class Portrait(NamedTuple):
    """A picture (H, W, 3) and where its face's landmarks (68, 2) are."""

    picture: Picture
    landmarks: Points

    @property
    def eye_distance(self) -> float:
        """In pixels."""
        return Face(1, (0, 0, 1, 1), self.landmarks, 0.0).eye_distance


def moved(portrait: Portrait, transform: Points, size: tuple[int, int]) -> Portrait:
    """The portrait through a transform (2, 3), at (width, height); grey beyond its borders."""
    picture = cv2.warpAffine(
        portrait.picture, transform, size, flags=cv2.INTER_AREA, borderValue=(128, 128, 128)
    )
    landmarks = portrait.landmarks @ transform[:, :2].T + transform[:, 2]
    return Portrait(np.asarray(picture, np.uint8), landmarks)


def _scaled(portrait: Portrait, across: float, down: float) -> Portrait:
    height, width = portrait.picture.shape[:2]
    size = (round(width * across), round(height * down))
    small = cv2.resize(portrait.picture, size, interpolation=cv2.INTER_AREA)
    scale = np.array([across, down])
    return Portrait(np.asarray(small, np.uint8), (portrait.landmarks + 0.5) * scale - 0.5)


def _turned(portrait: Portrait, angle: float) -> Portrait:
    height, width = portrait.picture.shape[:2]
    side = round(np.hypot(height, width)) if angle % 90 else max(height, width)
    transform = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    transform[:, 2] += (side - width) / 2, (side - height) / 2
    return moved(portrait, np.asarray(transform), (side, side))


def _dark(portrait: Portrait) -> Portrait:
    """At 6 % of the light, with a sensor's noise."""
    noise = np.random.default_rng(SEED).normal(0, 2, portrait.picture.shape)
    dark = np.clip(portrait.picture * 0.06 + noise, 0, 255)
    return Portrait(np.rint(dark).astype(np.uint8), portrait.landmarks)


def _painted(portrait: Portrait, shape: Points, colour: tuple[int, int, int]) -> Portrait:
    picture = portrait.picture.copy()
    cv2.fillPoly(picture, [np.round(shape).astype(np.int32)], colour, cv2.LINE_AA)
    return Portrait(picture, portrait.landmarks)


def _half_covered(portrait: Portrait) -> Portrait:
    """The face's right half behind a wall."""
    points = portrait.landmarks
    middle, top = points[27:31, 0].mean(), points[:, 1].min() - portrait.eye_distance
    wall = np.array([[middle, top], [1e4, top], [1e4, 1e4], [middle, 1e4]])
    return _painted(portrait, wall, (92, 84, 70))


def _with_sunglasses(portrait: Portrait) -> Portrait:
    dark = portrait
    for eye in (slice(36, 42), slice(42, 48)):
        middle = portrait.landmarks[eye].mean(axis=0)
        angles = np.linspace(0, 2 * np.pi, 60)
        glass = np.stack([0.36 * np.cos(angles), 0.28 * np.sin(angles)], axis=1)
        dark = _painted(dark, middle + glass * portrait.eye_distance, (18, 16, 20))
    return dark


def _with_mask(portrait: Portrait) -> Portrait:
    """Over nose, mouth and chin."""
    points = portrait.landmarks
    return _painted(portrait, np.concatenate([points[1:16], points[[28]]]), (150, 190, 205))


def _small(portrait: Portrait) -> Portrait:
    """Eyes 9 pixels apart."""
    scale = 9 / portrait.eye_distance
    return _scaled(portrait, scale, scale)


def _blurred(portrait: Portrait) -> Portrait:
    spread = 0.12 * portrait.eye_distance
    picture = cv2.GaussianBlur(portrait.picture, (0, 0), spread)
    return Portrait(np.asarray(picture, np.uint8), portrait.landmarks)


def _large(portrait: Portrait) -> Portrait:
    """Enlarged, as if a camera had taken it."""
    scale = LARGE[1] / portrait.picture.shape[0]
    transform = np.array([[scale, 0, 0.0], [0, scale, 0.0]])
    transform[0, 2] = (LARGE[0] - scale * portrait.picture.shape[1]) / 2
    return moved(portrait, transform, LARGE)


def _without_face(portrait: Portrait) -> Portrait:
    """What is beside the face, mirrored and enlarged: clothes, hair, wall."""
    picture = portrait.picture
    below = picture[-max(picture.shape[0] // 6, 8) :]
    tiled = np.concatenate([below, below[::-1]] * 3)
    large = cv2.resize(tiled, LARGE, interpolation=cv2.INTER_CUBIC)
    return Portrait(np.asarray(large, np.uint8), np.zeros((68, 2)))


KINDS: dict[str, Callable[[Portrait], Portrait]] = {
    "plain": lambda portrait: portrait,
    "dark": _dark,
    "half covered": _half_covered,
    "sunglasses": _with_sunglasses,
    "mask": _with_mask,
    "eyes 9 px apart": _small,
    "blurred": _blurred,
    "squeezed to 55 %": lambda portrait: _scaled(portrait, 0.55, 1),
    "turned by 40": lambda portrait: _turned(portrait, 40),
    "turned by 90": lambda portrait: _turned(portrait, 90),
    "turned by 180": lambda portrait: _turned(portrait, 180),
    "12 megapixels": _large,
    "none, 12 megapixels": _without_face,
}


def portraits(folder: Path) -> Iterator[Portrait]:
    """Those in the folder that have one face, the same size all."""
    for path in sorted(folder.glob("*.jpg")):
        photo = open_photo(path)
        faces = find_faces(photo)
        if len(faces) != 1:
            click.echo(f"{path.name} has {len(faces)} faces: left out", err=True)
            continue
        scale = SIDE / max(photo.size)
        yield _scaled(Portrait(photo.srgb(), faces[0].landmarks), scale, scale)


class Row(NamedTuple):
    """What became of one kind."""

    kind: str
    asked: int
    found: int
    false: int
    seconds: tuple[float, ...]


def measure(kind: str, made: list[Portrait]) -> Row:
    """Look for the faces of pictures of one kind."""
    found, false, seconds = 0, 0, []
    for portrait in made:
        begin = time.perf_counter()
        faces = find_faces(Photo(portrait.picture))
        seconds.append(time.perf_counter() - begin)
        near = [face for face in faces if _is_it(face, portrait)]
        found += bool(near)
        false += len(faces) - bool(near)
    return Row(kind, len(made), found, false, tuple(seconds))


def _is_it(face: Face, portrait: Portrait) -> bool:
    if not portrait.landmarks.any():
        return False
    gaps: Any = np.hypot(*(face.landmarks - portrait.landmarks).T)
    return bool(gaps.mean() < NEAR * portrait.eye_distance)


@click.command(help=(__doc__ or "").split("\n\n")[0])
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--most", default=10, show_default=True, help="Portraits at most.")
def main(folder: Path, most: int) -> None:
    """Print the table."""
    every = [portrait for portrait, _ in zip(portraits(folder), range(most), strict=False)]
    click.echo("| kind | found | no faces | seconds, median | longest |\n|---|---|---|---|---|")
    for kind, make in KINDS.items():
        row = measure(kind, [make(portrait) for portrait in every])
        middle, longest = np.median(row.seconds), max(row.seconds)
        click.echo(
            f"| {kind} | {row.found} of {row.asked} | {row.false} | {middle:.2f} | {longest:.2f} |"
        )


if __name__ == "__main__":
    main()
