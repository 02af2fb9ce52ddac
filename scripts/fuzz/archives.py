"""Archives that the studio unpacks: recipes and sessions in .zip files, and what is none."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from random import Random

from photodrag.pipeline.studio.engine.archive import kind_of, unpack_recipe, unpack_session

from .children import Case
from .json_files import SEEDS, changed
from .mutating import mutated

_MOST_BYTES = 2**24
_NAMES = ("../x.png", "/etc/x.png", "a/../../x.jpg", "..\\x.png", "x.png/", "\0.png", "con.png")


def prepare(_folder: Path) -> None:
    """Nothing is needed."""


def make(random: Random) -> Case:
    """An archive with strange names, contents, sizes or bytes."""
    recipe, state = SEEDS[".recipe.json"], SEEDS[".session.json"]
    files: dict[str, bytes] = {}
    if random.random() < 0.5:
        files["recipe.json"] = json.dumps(changed(recipe, random)).encode()
    else:
        values = state if random.random() < 0.5 else changed(state, random)
        files["s.session/session.json"] = json.dumps(values).encode()
        for name in (state["inversion"], state["edits"][0]["file"]):
            files[f"s.session/{name}"] = random.randbytes(50)
        files["me.png"] = random.randbytes(100)
    for _ in range(random.choice((0, 0, 1, 3))):
        files[random.choice(_NAMES)] = random.choice((b"", bytes(2**20), random.randbytes(20)))
    if random.random() < 0.05:
        files |= {f"{number}": b"" for number in range(random.choice((100, 9000)))}
    file = io.BytesIO()
    compression = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name) if "\0" in name else name, data)
        archive.comment = random.choice((b"", b"PK\5\6" * 9))
    data = file.getvalue()
    if random.random() < 0.6:
        begin = data[-600:]
        cut = data[: len(data) - len(begin)]
        data = random.choice((mutated(data, random), cut + mutated(begin, random)))
    return Case(data, ".zip")


def run(file: Path, folder: Path) -> None:
    """Unpack it as the studio would."""
    if kind_of(file, file.name) == "recipe":
        unpack_recipe(file, folder / "place", _MOST_BYTES)
    else:
        unpack_session(file, folder / "place", _MOST_BYTES, None)
