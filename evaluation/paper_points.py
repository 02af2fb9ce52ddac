"""DragGAN's face landmark experiment: one random face's landmarks dragged to another's.

    python -m evaluation.paper_points [--pairs 30] [--points 68] [--sheets FOLDER]

For each pair of random faces and each number of points: the mean distance between the targets and
the landmarks that dlib finds again in the result, in pixels of a 512 px image, with its standard
error; seconds of the drag; Fréchet distances between the edited faces and the unedited ones. The
published rows stand beside ours. The paper does not say which landmarks are its 1 and its 5; here
they are the tip of the nose (--single takes another), and with it the outer corners of the eyes and
the corners of the mouth.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from benchmarks.measuring import environment, prepare
from benchmarks.results import (
    Column,
    Row,
    Table,
    json_option,
    make_result,
    make_table,
    seconds_text,
    show,
)
from photodrag.checkpoints import DEFAULT_CHECKPOINT, Generator, load_generator
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics, find_statistics

from .drag_choice import DragVariant, drag_options, variants
from .faces import (
    LANDMARK_SETS,
    PAPER_SIZE,
    TRUNCATION,
    GeneratedFace,
    Landmarks,
    Pixels,
    face_pairs,
    mean_distance,
    rescaled,
)
from .frechet import FID, STAND_IN, TITLES, Features, Vector, frechet_distance, usable_features
from .landmark_drag import Measures, drag_face
from .published import LANDMARKS
from .sheets import ContactSheets, Tile

NO_EDIT, OTHERS = "no edit", "other random faces"


@dataclass
class Tally:
    """What the drags of one kind came to so far."""

    no_edit: list[float] = field(default_factory=list)
    done: list[Measures] = field(default_factory=list)
    vectors: dict[str, list[Vector]] = field(default_factory=lambda: defaultdict(list))


@click.command()
@click.option(
    "--pairs", type=click.IntRange(1), default=30, show_default=True, help="The paper has 1,000."
)
@click.option("--minutes", type=float, help="Stop after them with the pairs done by then.")
@click.option("--points", "counts", type=int, multiple=True, help="1, 5 or 68.  [default: each]")
@click.option("--single", default=LANDMARK_SETS[1][0], show_default=True, help="dlib's number.")
@drag_options
@click.option("--checkpoint", default=DEFAULT_CHECKPOINT, show_default=True)
@click.option("--truncation", default=TRUNCATION, show_default=True, help="Of the random faces.")
@click.option("--seed", default=1, show_default=True)
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--sheet-pairs", default=12, show_default=True, help="Pairs shown on the sheets.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@click.option("--threads", type=int, help="Of PyTorch.  [default: its own choice]")
@json_option
def main(
    pairs: int,
    minutes: float | None,
    counts: tuple[int, ...],
    single: int,
    presets: tuple[str, ...],
    changes: tuple[str, ...],
    checkpoint: str,
    truncation: float,
    seed: int,
    sheets: Path | None,
    sheet_pairs: int,
    device: str,
    threads: int | None,
    json_place: str | None,
) -> None:
    """Drag landmarks of random faces to those of others."""
    chosen = choose_landmarks(counts, single)
    tried = variants(presets, changes)
    place = prepare(device, threads)
    where = {**environment(place), "truncation": truncation, "seed": seed, "single": single}
    generator = load_generator(checkpoint).to(place)
    statistics = find_statistics(generator)
    features, missing = usable_features()
    for name, reason in missing.items():
        click.echo(f"{TITLES[name]}: skipped, {reason}", err=True)
    titles = [f"{v.name}, {n} points" for v in tried for n in chosen]
    book = ContactSheets(sheets, "pair", ["face", "wanted", *titles])
    tallies: dict[tuple[str, int], Tally] = defaultdict(Tally)
    looks: dict[str, dict[str, list[Vector]]] = {NO_EDIT: {}, OTHERS: {}}
    end = math.inf if minutes is None else time.monotonic() + 60 * minutes
    for i, (face, goal) in enumerate(face_pairs(generator, seed, truncation, pairs), start=1):
        _look(features, face, looks[NO_EDIT])
        _look(features, goal, looks[OTHERS])
        tiles = [Tile(face.pixels), _marked(goal.pixels, goal.landmarks)]
        for variant in tried:
            for count, landmarks in chosen.items():
                tally = tallies[variant.name, count]
                tiles.append(
                    _one(generator, face, goal, landmarks, variant, features, tally, statistics)
                )
        if i <= sheet_pairs:
            book.add(tiles)
        click.echo(_progress(i, tallies), err=True)
        if time.monotonic() > end:
            break
    book.finish()
    rows = list(_rows(tallies, looks, f"{generator.name}, {i} pairs"))
    skipped = {TITLES[name]: reason for name, reason in missing.items()}
    result = make_result("paper_points", {**where, "skipped": skipped}, rows)
    show(result, tabulate(rows), json_place)


def choose_landmarks(counts: Sequence[int], single: int) -> dict[int, tuple[int, ...]]:
    """Dlib's numbers for each number of points."""
    for count in counts:
        if count not in LANDMARK_SETS:
            raise click.BadParameter(f"{count} is not 1, 5 or 68", param_hint="--points")
    if single not in LANDMARK_SETS[68]:
        raise click.BadParameter(f"{single} is not 0 to 67", param_hint="--single")
    sets = {**LANDMARK_SETS, 1: (single,)}
    return {count: sets[count] for count in counts or sets}


def tabulate(rows: Sequence[Row]) -> Table:
    """A line for each method as in the paper, the published ones first."""
    counts = sorted({row["points"] for row in rows if row["points"]})
    lines: dict[tuple[str, str], dict[int, Row]] = defaultdict(dict)
    for row in (*LANDMARKS, *rows):
        lines[row["method"], row["faces"]][row["points"]] = row

    def first(line: Row) -> Row:
        found: Row = next(iter(line["rows"].values()))
        return found

    def distances(count: int) -> Column:
        return Column(
            "1 point" if count == 1 else f"{count} points",
            lambda line: _distance_text(line["rows"].get(count)),
        )

    columns = (
        Column("method", lambda line: str(first(line)["method"])),
        Column("faces", lambda line: str(first(line)["faces"])),
        *(distances(count) for count in counts),
        Column("seconds", lambda line: _texts(line, "seconds", seconds_text)),
        Column("of the processor", lambda line: _texts(line, "processor_seconds", seconds_text)),
        Column("FID", lambda line: _texts(line, FID, "{:.2f}".format)),
        Column(TITLES[STAND_IN], lambda line: _texts(line, STAND_IN, "{:.4f}".format)),
    )
    return make_table([{"rows": line} for line in lines.values()], columns)


def _one(
    generator: Generator,
    face: GeneratedFace,
    goal: GeneratedFace,
    landmarks: Sequence[int],
    variant: DragVariant,
    features: Sequence[Features],
    tally: Tally,
    statistics: LandmarkStatistics | None = None,
) -> Tile:
    """One drag, added to its tally; its picture with the wanted and the found landmarks."""
    done = drag_face(generator, face, goal, landmarks, variant, statistics)
    tally.done.append(done.measures)
    tally.no_edit.append(mean_distance(face.landmarks, goal.landmarks, landmarks))
    for look in features:
        tally.vectors[look.name].append(look(done.pixels))
    positions = list(landmarks)
    return _marked(done.pixels, goal.landmarks[positions], done.landmarks[positions])


def _marked(pixels: Pixels, goals: Landmarks, dots: Landmarks | None = None) -> Tile:
    size = len(pixels)
    found = None if dots is None else rescaled(dots, PAPER_SIZE, size)
    return Tile(pixels, rescaled(goals, PAPER_SIZE, size), found)


def _look(
    features: Sequence[Features], face: GeneratedFace, vectors: dict[str, list[Vector]]
) -> None:
    for look in features:
        vectors.setdefault(look.name, []).append(look(face.pixels))


def _rows(
    tallies: Mapping[tuple[str, int], Tally],
    looks: Mapping[str, Mapping[str, list[Vector]]],
    faces: str,
) -> Iterator[dict[str, Any]]:
    """No edit for each number of points, two sets of random faces, and each variant's drags."""
    unedited = looks[NO_EDIT]
    for count, tally in {count: tally for (_, count), tally in tallies.items()}.items():
        yield {"method": NO_EDIT, "faces": faces, "points": count, **_mean(tally.no_edit)}
    apart = _frechet(unedited, looks[OTHERS])
    yield {"method": OTHERS, "faces": faces, "points": None, **apart}
    for (name, count), tally in tallies.items():
        yield {
            "method": f"photodrag, {name}",
            "faces": faces,
            "points": count,
            **_mean([one.distance for one in tally.done]),
            "tracked": statistics.fmean(one.tracked for one in tally.done),
            "seconds": statistics.median(one.seconds for one in tally.done),
            "processor_seconds": statistics.median(one.processor for one in tally.done),
            "steps": statistics.median(one.steps for one in tally.done),
            "face_not_found": sum(not one.found for one in tally.done),
            **_frechet(unedited, tally.vectors),
            "distances": [round(one.distance, 3) for one in tally.done],
        }


def _mean(distances: Sequence[float]) -> dict[str, float | None]:
    """Mean, its standard error, median and worst."""
    error = None
    if len(distances) > 1:
        error = statistics.stdev(distances) / len(distances) ** 0.5
    return {
        "distance": statistics.fmean(distances),
        "distance_error": error,
        "distance_median": statistics.median(distances),
        "distance_most": max(distances),
    }


def _frechet(
    a: Mapping[str, list[Vector]], b: Mapping[str, list[Vector]]
) -> dict[str, float | None]:
    return {name: frechet_distance(a[name], b[name]) for name in a}


def _distance_text(row: Row | None) -> str:
    if row is None or row.get("distance") is None:
        return ""
    error = row.get("distance_error")
    return f"{row['distance']:.2f}" + ("" if error is None else f" ± {error:.2f}")


def _texts(line: Row, name: str, text: Any) -> str:
    """One value, or the values of each number of points where they differ."""
    values = [row.get(name) for _, row in sorted(line["rows"].items(), key=lambda at: at[0] or 0)]
    shown = list(dict.fromkeys(text(value) for value in values if value is not None))
    return " / ".join(shown)


def _progress(number: int, tallies: Mapping[tuple[str, int], Tally]) -> str:
    means = ", ".join(
        f"{name} {count}: {tally.done[-1].distance:.2f} "
        f"(mean {statistics.fmean(one.distance for one in tally.done):.2f})"
        for (name, count), tally in tallies.items()
    )
    return f"{time.strftime('%H:%M:%S')} pair {number}: {means}"


if __name__ == "__main__":
    main()
