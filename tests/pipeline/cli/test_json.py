"""Every --json: its keys are these, and stand in docs/cli.md."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from photodrag.pipeline.cli import main

DOCS = Path(__file__).resolve().parents[3] / "docs" / "cli.md"
SMILE = {"photodrag_recipe": 1, "drag": ["mouth_left->-5%,-4%"]}
QUICK = ["--pivot-steps", "1", "--tune-steps", "0"]

# The keys of each listing; "a[]" is a list of objects, whose keys follow as "a[].b".
KEYS = {
    "session show": """
        photodrag_session photo photo.path photo.sha256 photo.size photo.place photo.state
        face face.number face.box face.score face.landmarks fingerprint settings
        inversion position edits[] edits[].recipe edits[].points edits[].reached
        edits[].arrived edits[].held edits[].file edits[].mask
    """,
    "batch": """
        done before failed photos[] photos[].photo photos[].output photos[].state photos[].error
        photos[].arrived photos[].seconds photos[].notes
    """,
    "adjustments": """
        adjustments[] adjustments[].name adjustments[].description adjustments[].least
        adjustments[].most adjustments[].unit masks[] masks[].name masks[].description
    """,
    "landmarks": """
        photo photo.width photo.height faces[] faces[].number faces[].box faces[].score
        faces[].eye_distance faces[].landmarks landmark_names
    """,
    "checkpoints list": """
        [].name [].kind [].resolution [].domain [].source [].source_kind [].sha256
        [].licence [].licence_note [].homepage [].fetched
    """,
    "checkpoints info": "path fetched kind resolution bytes parameters config notes",
    "info": """
        versions versions.photodrag versions.torch versions.numpy versions.OpenCV versions.dlib
        versions.Pillow versions.Python system devices threads problem cache cache.folder
        cache.bytes cache.chosen_by default_checkpoint default_checkpoint.name
        default_checkpoint.fetched extras extras.heic extras.movie extras.studio
    """,
    "cache list": """
        folder bytes limit inversions[] inversions[].key inversions[].photo
        inversions[].checkpoint inversions[].size inversions[].made inversions[].used
    """,
}
ANY = {"settings", "edits[].recipe", "landmark_names", "config", "notes"}  # their keys vary


def commands(group=main, name=""):
    for inner_name, inner in group.commands.items():
        full = f"{name} {inner_name}".strip()
        if isinstance(inner, click.Group):
            yield from commands(inner, full)
        else:
            yield full, inner


def keys(values, before=""):
    """All keys of nested objects, as in `KEYS`."""
    if isinstance(values, list) and values and isinstance(values[0], dict):
        for one in values:
            yield from keys(one, f"{before}[]")
        if before:
            yield f"{before}[]"
    elif isinstance(values, dict) and before not in ANY:
        if before and not before.endswith("[]"):
            yield before
        for key, value in values.items():
            yield from keys(value, f"{before}.{key}" if before else key)
    elif before:
        yield before


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("listings")


@pytest.fixture(scope="module")
def listed(folder, small_portrait, tiny_checkpoint):
    """What the command prints, after what it needs."""

    def run(*args):
        done = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
        assert done.exit_code in (0, 3), done.output
        return done.stdout

    def made(name):
        if name == "session show":
            session = folder / "me.session"
            net = ["--checkpoint", tiny_checkpoint]
            run("session", "new", small_portrait, "-o", session, *net, *QUICK)
            run("session", "edit", session, *("--drag", "mouth_left->-5%,-4%", "--drag-steps", 1))
            return run(*name.split(), session, "--json")
        if name == "batch":
            (folder / "r.json").write_text(json.dumps(SMILE))
            args = [folder / "r.json", folder / "none.jpg", "-o", folder / "out"]
            return run("batch", *args, "--json", "--quiet")
        if name == "cache list":
            net = ["--checkpoint", tiny_checkpoint]
            run("invert", small_portrait, "-o", folder / "me.safetensors", *net, *QUICK)
        given = {"landmarks": [small_portrait], "checkpoints info": [tiny_checkpoint]}
        return run(*name.split(), *given.get(name, []), "--json")

    return made


def test_every_command_that_lists_has_it():
    with_json = {
        name
        for name, command in commands()
        if any("--json" in parameter.opts for parameter in command.params)
    }
    assert with_json == set(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_these(name, listed):
    assert set(keys(json.loads(listed(name)))) == set(KEYS[name].split())


@pytest.mark.parametrize("name", KEYS)
def test_keys_stand_in_the_docs(name):
    text = DOCS.read_text("utf-8")
    section = text.partition(f"\n## `photodrag {name}")[2].partition("\n## ")[0]
    for key in KEYS[name].split():
        last = re.split(r"[.]", key.replace("[]", ""))[-1]
        assert not last or f"`{last}`" in section, key
