"""What an edit did, as plain values for JSON."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from photodrag.files import write_whole

from ..edit.depth import settled
from ..edit.reached import reached_adjustments
from ..edit.values import EditResult

REPORT_FORMAT = 1
_PACKAGES = ("photodrag", "torch", "numpy", "Pillow", "opencv-python-headless", "dlib-bin")


def make_report(
    result: EditResult, output: Path | None = None, *, mark: bool = True
) -> dict[str, Any]:
    """Sizes, face, points, losses, seconds, versions and settings of a finished edit.

    "marked" tells whether XMP of a file that is saved, with `mark` or not, says of the edit.

    Everything that is a place or a length is in photo pixels, unless its name says otherwise.
    """
    face, generator = result.crop.face, result.inversion.generator
    return {
        "format": REPORT_FORMAT,
        "output": None if output is None else str(output),
        "photo": {
            "width": result.source.width,
            "height": result.source.height,
            "format": result.source.format,
            "bit_depth": result.source.bit_depth,
            "changed_pixels": int(result.changed.sum()),
            "mask": result.mask_names or result.mask is not None,
            "marked": mark and result.photo.edited,
        },
        "face": {
            "number": face.index,
            "box": _rounded(face.box),
            "score": round(face.score, 3),
            "eye_distance": round(face.eye_distance, 3),
            "landmarks": [_rounded(place) for place in face.landmarks.tolist()],
            "crop_size": result.crop.size,
        },
        "points": _points(result),
        "adjustments": [asdict(one) for one in reached_adjustments(result)],
        "arrived": result.arrived,
        "stopped_early": result.stopped_early,
        "losses": asdict(result.inversion.losses),
        "seconds": {
            **{stage: round(seconds, 3) for stage, seconds in result.seconds.items()},
            "total": round(sum(result.seconds.values()), 3),
        },
        "checkpoint": {
            "name": result.settings.checkpoint,
            "kind": generator.config.kind,
            "resolution": generator.resolution,
            "tuned": result.inversion.tuned,
        },
        "inversion_cached": result.cached,
        "device": str(generator.device),
        "seed": result.settings.project.seed,
        "settings": asdict(settled(result.settings)),
        "versions": {"python": platform.python_version(), **_versions()},
    }


def make_reports(
    results: Sequence[EditResult], output: Path | None = None, *, mark: bool = True
) -> dict[str, Any]:
    """The report of a photo's edit; of several faces one for each, as "faces"."""
    if len(results) == 1:
        return make_report(results[0], output, mark=mark)
    return {
        "format": REPORT_FORMAT,
        "output": None if output is None else str(output),
        "stopped_early": results[-1].stopped_early,
        "faces": [make_report(result, output, mark=mark) for result in results],
    }


def write_report(path: str | Path, report: dict[str, Any]) -> None:
    """Write a report as JSON, whole or not at all."""
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(Path(path), f"{text}\n".encode())


def _points(result: EditResult) -> list[dict[str, Any]]:
    eye_distance = result.crop.face.eye_distance
    found = []
    for point, reached in zip(result.points, result.reached, strict=True):
        remaining = math.dist(reached, point.target)
        found.append(
            {
                "handle": _rounded(point.handle),
                "target": _rounded(point.target),
                "reached": _rounded(reached),
                "remaining": round(remaining, 3),
                "remaining_percent_of_eye_distance": round(100 * remaining / eye_distance, 3),
            }
        )
    return found


def _rounded(numbers: Iterable[float]) -> list[float]:
    """To a thousandth of a pixel."""
    return [round(number, 3) for number in numbers]


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # another distribution of the same module
            found[name] = None
    return found
