"""Learn where skin becomes lighter and darker as landmarks move, from pictures of synthetic people.

    python -m pip download --no-deps openpeople==0.1.2
    python -m scripts.fit_expression_light openpeople-0.1.2-py3-none-any.whl \
        -o pipeline/composite/data/expression-light.safetensors

Each person of the package (MIT; see made_people.py) is there neutral and with fifteen expressions.
Each is laid on the neutral picture by its eyes and the bridge of its nose; heads that turned or
are not found are left out. The neutral skin, moved to where the expression's landmarks are, is
divided by what is there; the logarithm of that follows linearly from how landmarks moved (ridge
regression on principal components, at each place of the mean face, faces and their mirror images).
With --left-out NAME a person is left out. Prints how much of the light on people left out of a fit
follows from their landmarks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from evaluation.made_people import in_reading_order, picture_of, sheets
from evaluation.truth import STEADY, laid_on
from evaluation.truth_oracles import FINEST, log_factor, skin, soft_light
from photodrag.alignment import Photo, align, find_faces
from photodrag.alignment.face_measures import eye_distance
from photodrag.alignment.face_parts import MIRRORED
from photodrag.pipeline.composite.expression_light import (
    ExpressionLight,
    expression,
    to_face,
)
from photodrag.pipeline.composite.motion import measure_motion
from photodrag.pipeline.composite.shared_motion import shared_motion
from photodrag.pipeline.imaging.sampling import FloatArray, grid, look_up
from photodrag.pipeline.settings import DEFAULTS

from .fitted_files import save_light

SIZE, GRID = 512, 96  # px: of the crops that are compared; cells of the maps, each way
WAYS = 8
RIDGE = 3.0  # of the motions' mean squared length
_LEAST = 1e-3  # of the largest way: a smaller one is rounding
_TURNED, _AWAY = 6.0, 0.03  # degrees, eye distances: a head that moved so far is another pose
_AROUND = 0.04  # of the eye distance: around eyes and mouth nothing is learned

Marks = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """Landmarks (68, 2) without and with an expression, and what it did to the light.

    In pixels of a crop of `SIZE`; `light` (SIZE, SIZE) is the logarithm of the factor, where the
    expression's face has its landmarks; `weight` (SIZE, SIZE) is 0 where nothing is known.
    """

    person: str
    before: Marks
    after: Marks
    light: FloatArray
    weight: FloatArray

    def mirrored(self) -> Sample:
        """The same in a mirror."""
        before, after = (
            np.column_stack([SIZE - 1 - landmarks[[*MIRRORED], 0], landmarks[[*MIRRORED], 1]])
            for landmarks in (self.before, self.after)
        )
        light, weight = self.light[:, ::-1], self.weight[:, ::-1]
        return replace(self, before=before, after=after, light=light, weight=weight)


@click.command()
@click.argument("package", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--left-out", multiple=True, metavar="NAME", help="A person to leave out.")
def main(package: Path, output: Path, left_out: tuple[str, ...]) -> None:
    """Learn from PACKAGE and write the maps."""
    samples, known = [], dict(sheets(package))
    if missing := set(left_out) - set(known):
        raise click.BadParameter(f"{package.name} has nobody called {min(missing)}")
    for person, sheet in known.items():
        if person not in left_out:
            found = list(samples_of(person, sheet))
            click.echo(f"{person}: {len(found)} expressions")
            samples += found
    if not samples:
        raise click.ClickException(f"{package.name} has no expressions to learn from")
    people = sorted({sample.person for sample in samples})
    if len(people) > 1:
        click.echo(f"{explained(samples, people):.1%} of the light on people left out is explained")
    notes = {"source": package.name, "licence": "MIT", "people": ", ".join(people)}
    save_light(output, fit(samples), notes)
    click.echo(f"{output}: {output.stat().st_size / 1e3:.0f} kB")


def samples_of(person: str, sheet: NDArray[np.uint8]) -> Iterator[Sample]:
    """A person's expressions, but for heads that turned, and faces that are not found again."""
    pictures = [
        Photo(pixels=picture_of(face, sheet))
        for face in in_reading_order(find_faces(Photo(pixels=sheet)))
    ]
    faces = find_faces(pictures[0]) if pictures else ()
    if not faces:
        raise click.ClickException(f"{person}: no face is found in the first picture")
    crop = align(pictures[0], faces[0], SIZE)
    before = crop.to_crop(crop.face.landmarks)
    for other in pictures[1:]:
        shown = find_faces(other)
        if not shown:
            continue
        pixels, targets, turn = laid_on(other, shown[0], pictures[0], crop.face)
        angle = np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))
        away = np.abs(targets[STEADY] - crop.face.landmarks[STEADY]).mean()
        if abs(angle) > _TURNED or away > _AWAY * crop.face.eye_distance:
            continue
        second = align(Photo(pixels=pixels), crop.face, SIZE)
        yield observe(person, crop.pixels, second.pixels, before, crop.to_crop(targets))


def observe(
    person: str, first: NDArray[np.uint8], second: NDArray[np.uint8], before: Marks, after: Marks
) -> Sample:
    """Compare two crops (SIZE, SIZE, 3) uint8 sRGB with their landmarks (68, 2)."""
    settings = DEFAULTS.composite
    told = shared_motion(before, after, after, settings.reach * SIZE, settings.correction).motion
    displacement = told.everywhere(SIZE, 4)
    trust = measure_motion(first, second, SIZE, settings.distrust, displacement).trust
    eyes = eye_distance(before)
    was, now = (soft_light(crop, FINEST * eyes) for crop in (first, second))
    was = look_up(was[..., None], grid(SIZE) + displacement)[..., 0]
    light = log_factor(was, now)
    weight = skin(after, _AROUND * eyes, SIZE) * trust
    # Brighter all over is the camera's doing.
    light -= float((light * weight).sum() / max(float(weight.sum()), 1e-6))
    return Sample(person, before, after, light, weight)


def fit(samples: Sequence[Sample]) -> ExpressionLight:
    """The maps that explain the samples and their mirror images best."""
    both = [*samples, *(sample.mirrored() for sample in samples)]
    middle = np.mean([sample.after for sample in both], axis=0)
    motions = np.array([expression(sample.before, sample.after) for sample in both])
    _, sizes, displacements = np.linalg.svd(motions, full_matrices=False)
    count = min(WAYS, int((sizes > _LEAST * sizes[0]).sum()))
    displacements, spread = displacements[:count], sizes[:count] / len(both) ** 0.5
    along = motions @ displacements.T
    laid = np.array([_laid(sample, middle) for sample in both], np.float64)
    light, weight = laid[..., 0].reshape(len(both), -1), laid[..., 1].reshape(len(both), -1)
    ridge = RIDGE * float(np.square(motions).sum()) / len(both) * np.eye(len(displacements))
    seen = np.einsum("nk,np,nl->pkl", along, weight, along, optimize=True)
    found = np.linalg.solve(seen + ridge, np.einsum("nk,np->pk", along, weight * light)[..., None])
    maps = found[..., 0].T.reshape(len(displacements), GRID, GRID) * spread[:, None, None]
    return ExpressionLight(
        (middle + 0.5) / SIZE, displacements, spread, np.asarray(maps, np.float32)
    )


def explained(samples: Sequence[Sample], people: Sequence[str]) -> float:
    """The part of the light's squared size that people left out of the fit have from it."""
    left, all_of_it = 0.0, 0.0
    for person in people:
        light = fit([sample for sample in samples if sample.person != person])
        for sample in (one for one in samples if one.person == person):
            guess = light.change(sample.before, sample.after, sample.after, SIZE)
            left += float((sample.weight * np.square(sample.light - guess)).sum())
            all_of_it += float((sample.weight * np.square(sample.light)).sum())
    return 1 - left / max(all_of_it, 1e-12)


def _laid(sample: Sample, middle: Marks) -> FloatArray:
    """Light and weight on the mean face, (GRID, GRID, 2)."""
    cells = np.asarray((grid(GRID) + 0.5) * (SIZE / GRID) - 0.5, np.float32)
    positions = cells + to_face(middle, sample.after, SIZE).at(cells)
    return look_up(np.dstack([sample.light, sample.weight]), positions)


if __name__ == "__main__":
    main()
