"""A system tried on pairs whose truth is known: scores, medians, and sheets to look at."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np

from photodrag.alignment import Photo, align
from photodrag.errors import CheckpointError, PhotodragError
from photodrag.inversion import PerceptualDistance

from .sheets import ContactSheets, Tile
from .truth import TruthPair
from .truth_score import FRAME, score
from .truth_systems import Outcome, System

REFUSED = "refused"
Facts = Mapping[str, Any]
"""What is known of one pair: the numbers of its score and the seconds, or why it was refused."""


def run_system(
    name: str,
    system: System,
    pairs: Sequence[TruthPair],
    perceptual: PerceptualDistance,
    sheets: Path | None,
) -> dict[str, Facts]:
    """What `Score` says of each pair, by the pair's name, and the seconds.

    A pair that cannot be edited, or in whose result no face is found, has the reason as "refused".
    CheckpointError where the system has no weights.
    """
    titles = ("photo", "result", "truth", "inverted", "dragged")
    sheet = ContactSheets(
        sheets, name.replace(" + ", "-").replace(": ", "-").replace(" ", "-"), titles, 384
    )
    each: dict[str, Facts] = {}
    for pair in pairs:
        try:
            outcome = system(pair)
            found = score(pair, outcome.photo, outcome.changed, perceptual)
        except CheckpointError:
            raise
        except (PhotodragError, click.ClickException) as error:
            each[pair.name] = {REFUSED: str(error)}
            continue
        each[pair.name] = {**vars(found), "seconds": outcome.seconds}
        sheet.add(_tiles(pair, outcome))
    sheet.finish()
    return each


def medians(each: Mapping[str, Facts]) -> dict[str, Any]:
    """Over the pairs that were edited: how many, medians, and all pixels changed where none may.

    None was edited: the number alone.
    """
    done = [one for one in each.values() if REFUSED not in one]
    if not done:
        return {"pairs": 0}
    together = {key: statistics.median(one[key] for one in done) for key in done[0]}
    together["outside"] = sum(one["outside"] for one in done)
    return {"pairs": len(done), **together}


def _tiles(pair: TruthPair, outcome: Outcome) -> list[Tile]:
    pictures = (pair.photo.srgb(), outcome.photo.srgb(), pair.truth)
    crops = [align(Photo(pixels=picture), pair.face, FRAME).pixels for picture in pictures]
    shrunk = [
        np.asarray(cv2.resize(face, (FRAME, FRAME), interpolation=cv2.INTER_AREA), np.uint8)
        for face in outcome.faces
    ]
    return [Tile(picture) for picture in (*crops, *shrunk)]
