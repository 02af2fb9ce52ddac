"""Recipes, sessions, points, settings and logs of batches: JSON, its values and bytes changed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

from photodrag.json_values import read_json
from photodrag.pipeline.batch.log import LOG_FILE, BatchLog
from photodrag.pipeline.recipe.recipe_file import read_recipe
from photodrag.pipeline.request.drag_spec import read_points
from photodrag.pipeline.session.folder import STATE_FILE, SessionFolder
from photodrag.pipeline.settings import DEFAULTS
from photodrag.pipeline.settings_json import settings_from_values, settings_to_values

from .children import Case
from .mutating import mutated

_DRAG = "mouth_left->-4%,-4%"
_PLACE = [10.0, 20.0]
_EDIT = {
    "recipe": {"drag": [_DRAG], "adjust": {"smile": 0.5}},
    "points": [[_PLACE, [30.0, 20.0]]],
    "reached": [_PLACE],
    "arrived": True,
    "held": [[_PLACE, [30.0, 20.0]]],
    "file": "edit-0123456789abcdef.safetensors",
    "mask": None,
}
SEEDS: dict[str, Any] = {
    ".recipe.json": {
        "photodrag_recipe": 1,
        "face": "largest",
        "settings": {"drag": {"method": "free"}},
        "edits": [{"drag": [_DRAG], "mask": "mouth"}, {"adjust": {"yaw": 8}}],
    },
    ".session.json": {
        "photodrag_session": 1,
        "photo": {"path": "../me.png", "sha256": "0" * 64, "size": [400, 300]},
        "face": {"number": 1, "box": [1, 2, 99, 99], "score": 1, "landmarks": [_PLACE] * 68},
        "fingerprint": "print",
        "settings": settings_to_values(DEFAULTS, None),
        "inversion": "inversion-0123456789abcdef.safetensors",
        "position": 1,
        "edits": [_EDIT],
    },
    ".points.json": [{"handle": [10, 20], "target": [30, 20]}, _DRAG],
    ".settings.json": settings_to_values(DEFAULTS, None),
    ".batch.json": {
        "photodrag_batch": 1,
        "photos": {"a.png": {"source": "a.jpg", "recipe": "0" * 64, "seconds": 1.5, "notes": []}},
    },
}
_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1, 2**31, 2**63, 2**80, 10**400, 10**4000, -(10**400), 1e308, -1e308),
    *(5e-324, float("nan"), float("inf"), "", "a" * 5000, "\0", "\ud800", "../../etc/passwd"),
    *("/dev/zero", "con", [], {}, [[]], [None] * 1000, {"": 1}, {"a" * 3000: 1}, "nan", "1e999"),
    *("mouth_left->" + "9" * 400 + "%,0%", [1e308, 1e308], "mouth+eyes+" * 500),
)


def prepare(_folder: Path) -> None:
    """Nothing is needed."""


def changed(values: Any, random: Random) -> Any:
    """JSON's values with one of them another, gone, or nested."""
    values = copy.deepcopy(values)
    holders: list[Any] = []
    waiting = [values]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list) and one:
            holders.append(one)
            waiting += one.values() if isinstance(one, dict) else one
    if not holders:
        return random.choice(_VALUES)
    holder = random.choice(holders)
    key = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if random.random() < 0.1:
        del holder[key]
    elif random.random() < 0.05:
        holder[key] = [holder[key]] * random.choice((2, 1000))
    else:
        holder[key] = random.choice(_VALUES)
    return values


def make(random: Random) -> Case:
    """A file of one of the kinds."""
    suffix, values = random.choice(list(SEEDS.items()))
    if random.random() < 0.3:
        return Case(mutated(json.dumps(values).encode(), random), suffix)
    for _ in range(random.choice((1, 1, 2, 5))):
        values = changed(values, random)
    text = json.dumps(values)
    if random.random() < 0.1:
        depth = random.choice((50, 500, 900, 990, 5000, 200_000))
        text = text.replace("null", "[" * depth + "]" * depth, 1)
    return Case(text.encode("utf-8", "surrogatepass"), suffix)


def run(file: Path, folder: Path) -> None:
    """Read it as what its name says."""
    kind = file.suffixes[-2]
    if kind == ".recipe":
        read_recipe(file)
    elif kind == ".points":
        read_points(file)
    elif kind == ".settings":
        settings_from_values(read_json(file, "settings"))
    elif kind == ".session":
        (folder / STATE_FILE).write_bytes(file.read_bytes())
        session = SessionFolder(folder)
        session.photo_state()
        session.session.appearance()
    else:
        (folder / LOG_FILE).write_bytes(file.read_bytes())
        BatchLog(folder)
