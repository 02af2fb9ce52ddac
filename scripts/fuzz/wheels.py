"""Wheels with the graph of a generator: their XML, their numbers and their zip mutated."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from random import Random

from photodrag.checkpoints.convert.openvino import read_mobile_wheel

from .children import Case
from .mutating import mutated

_CONFTEST = Path(__file__).resolve().parents[2] / "tests/checkpoints/conftest.py"
_MEMBERS: dict[str, bytes] = {}
_TOPS = (
    b'<!DOCTYPE a [<!ENTITY b "%s">]>' % (b"x" * 1000),
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    b'<?xml version="1.0" encoding="UTF-7"?>',
    b'<?xml version="1.0" encoding="UTF-16"?>',
)


def prepare(_folder: Path) -> None:
    """Take the small graphs that the tests make."""
    spec = importlib.util.spec_from_file_location("fuzz_graphs", _CONFTEST)
    assert spec is not None
    assert spec.loader is not None
    graphs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(graphs)
    _MEMBERS.update(graphs._mapping_graph().files("MappingNetwork"))
    _MEMBERS.update(graphs._synthesis_graph().files("SynthesisNetwork"))


def make(random: Random) -> Case:
    """One member changed, or the archive itself."""
    members = dict(_MEMBERS)
    name = random.choice([*members, "MappingNetwork.xml", "SynthesisNetwork.xml"])
    how = random.random()
    if how < 0.6:
        members[name] = _changed(members[name], random)
    elif how < 0.7:
        filling = random.choice((b"<a/>", b"<a>", b"\0", b'<layer id="1" name="a" type="b"/>'))
        times = random.choice((10, 1000, 1_000_000, 8_000_000))
        members[name] = b"<net><layers>" + filling * times + b"</layers></net>"
    elif how < 0.8:
        members[name] = random.choice(_TOPS) + members[name]
    file = io.BytesIO()
    compression = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(file, "w", compression) as wheel:
        for member, data in members.items():
            wheel.writestr(f"random_face/data/{member}", data)
    data = file.getvalue()
    return Case(mutated(data, random) if how > 0.8 else data, ".whl")


def run(file: Path, _folder: Path) -> None:
    """Read it."""
    read_mobile_wheel(file)


def _changed(data: bytes, random: Random) -> bytes:
    if random.random() < 0.5:
        return mutated(data, random)
    number = random.choice((b"0", b"-1", b"1", b"7", b"99999999999999999999", b"1,1,1,1,9999999"))
    places = [i for i in range(len(data)) if data[i : i + 1].isdigit()]
    for place in random.sample(places, min(len(places), random.choice((1, 2, 5)))):
        data = data[:place] + number + data[place + 1 :]
    return data
