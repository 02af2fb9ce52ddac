"""What a user's type checker knows of photodrag, installed whole or as links to its sources."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("base", "alignment", "checkpoints", "drag", "inversion", "pipeline")
BUILDS = {"plain": "build_wheel", "editable": "build_editable"}
RIGHT = '''
"""A small program of a user's."""

from importlib.metadata import version
from pathlib import Path

import photodrag
from photodrag.alignment import Face, Photo, find_faces, open_photo
from photodrag.errors import PhotodragError
from photodrag.pipeline import EditRequest, EditResult, EditRun, EditSettings


def faces_of(path: Path) -> tuple[Photo, list[Face]]:
    photo = open_photo(path)
    return photo, list(find_faces(photo))


def smile(path: Path, to: Path) -> float:
    photo, faces = faces_of(path)
    settings = EditSettings(checkpoint="mine")
    run = EditRun(photo, EditRequest(["mouth_left->-5%,-4%"], settings=settings))
    try:
        for step in run:
            print(step.stage, step.index, step.total, len(faces))
    except PhotodragError as error:
        print(error)
    result: EditResult = run.result
    result.photo.save(to)
    return float(result.changed.mean())


photodrag.edit("me.jpg", ["mouth_left->-5%,-4%"]).save("out.jpg")
'''
WRONG = """
from photodrag.alignment import open_photo
from photodrag.pipeline import EditRequest, EditRun

open_photo(3)  # wrong
EditRun("me.jpg")  # wrong
EditRun("me.jpg", EditRequest()).result.no_such_thing  # wrong
number: int = open_photo("me.jpg")  # wrong
from photodrag.pipeline import NoSuchName  # wrong
"""


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """All that is installed here but photodrag."""
    folder = tmp_path_factory.mktemp("others")
    for place in map(Path, sys.path):
        if place.name == "site-packages":
            for path in place.iterdir():
                if "photodrag" not in path.name and not (folder / path.name).exists():
                    (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module", params=BUILDS)
def environment(request, others, tmp_path_factory):
    """The interpreter of an environment with photodrag in it, as pip would install it."""
    # Not imported here: it takes the place of distutils in the whole process.
    if (
        importlib.util.find_spec("setuptools") is None
        or int(version("setuptools").split(".")[0]) < 77
    ):
        pytest.skip("setuptools is not installed, or too old")
    folder = tmp_path_factory.mktemp(request.param)
    sources = folder / "sources"
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, sources / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    code = f"import setuptools.build_meta as build; build.{BUILDS[request.param]}({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=sources, check=True, capture_output=True)
    venv.create(folder / "environment", symlinks=True)
    (site,) = (folder / "environment").glob("lib/python*/site-packages")
    (site / "others.pth").write_text(str(others))
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return folder / "environment" / "bin" / "python"


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def checker(request, environment, tmp_path_factory):
    """Run a type checker over a text: whether it passes, and what it says."""
    program = Path(sys.executable).with_name(request.param)
    if request.param == "mypy":
        options = ["--strict", "--python-executable", environment]
    else:
        options = ["--pythonpath", environment]
        known = program.exists() and not subprocess.call([program, "--version"])
        if not known:
            pytest.skip("pyright is not installed; pip install pyright, which fetches its program")
    folder = tmp_path_factory.mktemp("programs")

    def check(name, text):
        (folder / name).write_text(text)
        done = subprocess.run(
            [program, *options, name],
            cwd=folder,
            check=False,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
        )
        return done.returncode == 0, done.stdout + done.stderr

    return check


def test_a_users_program_passes(checker):
    passed, said = checker("right.py", RIGHT)
    assert passed, said


def test_wrong_calls_are_told(checker):
    passed, said = checker("wrong.py", WRONG)
    assert not passed
    wrong = {n for n, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# wrong")}
    assert {int(n) for n in re.findall(r"wrong\.py:(\d+).* error", said)} == wrong, said
