"""`photodrag batch` with a recipe told by options."""

import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from photodrag.alignment.face_choice import FaceChoice
from photodrag.errors import BatchError, PhotodragError
from photodrag.inversion import PRESETS
from photodrag.pipeline import EditRequest
from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.recipe_options import RecipeOptions
from photodrag.pipeline.cli.set_option import OF_CHANGE, OF_INVERSION, SetOptions
from photodrag.pipeline.recipe.recipe import Recipe
from photodrag.pipeline.recipe.recipe_file import write_recipe
from photodrag.pipeline.request.face_drag import parse_face_drag
from photodrag.pipeline.settings import DEFAULTS

SMILE = EditRequest((), (("smile", 0.4),))


def told(adjust=(), drag=(), mask=None, face=None, inversion=None, checkpoint=None):
    return RecipeOptions(tuple(adjust), tuple(drag), mask, face, inversion, checkpoint)


def sets(*texts):
    return SetOptions(texts, (*OF_INVERSION, *OF_CHANGE))


@pytest.fixture
def photos(tmp_path):
    return tmp_path / "a.jpg", tmp_path / "b.png"


@pytest.fixture
def recipe(tmp_path):
    write_recipe(tmp_path / "smile.json", Recipe((SMILE,)))
    return tmp_path / "smile.json"


def test_options_are_a_recipe_and_all_files_are_photos(photos):
    found, files = told(["smile=0.4"]).choose(photos[0], photos[1:], sets())
    assert found == Recipe((SMILE,))
    assert files == photos


def test_all_of_it_can_be_told(photos):
    options = told(["smile=0.4"], ["chin->+0%,+3%"], "mouth+eyes", "all", "quick", "ffhq")
    found, _ = options.choose(photos[0], (), sets("composite.reach=0.3"))
    drag = parse_face_drag("chin->+0%,+3%")
    quick = PRESETS["quick"]
    assert found == Recipe(
        (EditRequest((drag,), (("smile", 0.4),), "mouth+eyes", face="all"),),
        replace(
            DEFAULTS,
            checkpoint="ffhq",
            depth="set",
            loss=quick.loss,
            project=quick.project,
            tune=quick.tune,
            composite=replace(DEFAULTS.composite, reach=0.3),
        ),
    )


def test_a_manifest_alone_can_take_them():
    found, files = told(["smile=0.4"]).choose(None, (), sets())
    assert (found, files) == (Recipe((SMILE,)), ())


def test_a_file_is_a_recipe_as_ever(recipe, photos):
    assert told().choose(recipe, photos, sets()) == (Recipe((SMILE,)), photos)
    found, _ = told(face="2").choose(recipe, photos, sets())
    assert found.face == FaceChoice(2)
    assert told().choose(None, (), sets()) == (None, ())


@pytest.mark.parametrize(
    ("options", "texts", "expected"),
    [
        (told(["smile=0.4"]), (), "use the file or the options"),
        (told(mask="mouth"), (), "use the file or the options"),
        (told(inversion="quick"), (), "a recipe has its own settings"),
        (told(checkpoint="ffhq"), (), "a recipe has its own settings"),
        (told(), ("tune.steps=1",), "a recipe has its own settings"),
    ],
)
def test_a_file_and_options_are_refused(recipe, photos, options, texts, expected):
    with pytest.raises(BatchError, match=expected):
        options.choose(recipe, photos, sets(*texts))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (told(), "is a photo; tell what to do"),
        (told(["smlie=0.4"]), "smile"),
        (told(drag=["310,420->+3,+4"]), "on any photo"),
        (told(mask="mouth"), "nothing to do"),
        (told(["smile=0.4"], face="none"), "none"),
    ],
)
def test_what_cannot_be_told_is_refused(photos, options, expected):
    with pytest.raises(PhotodragError, match=expected):
        options.choose(photos[0], photos[1:], sets())


def test_a_face_for_no_recipe_is_refused():
    with pytest.raises(BatchError, match="--face needs a recipe"):
        told(face="2").choose(None, (), sets())


def test_many_photos_without_a_recipes_file(small_portrait, tiny_checkpoint, tmp_path):
    for name in ("a.png", "b.png"):
        shutil.copyfile(small_portrait, tmp_path / name)
    (tmp_path / "m.csv").write_text("photo,face\nb.png,2\n")
    args = [
        *("batch", "--adjust", "smile=0.4", "--drag", "chin->+0%,+3%", tmp_path / "a.png"),
        *("--manifest", tmp_path / "m.csv", "-o", tmp_path / "out", "--device", "cpu"),
        *("--set", "project.steps=1", "--set", "tune.steps=0", "--json", "--quiet"),
        *("--checkpoint", tiny_checkpoint),
    ]
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == 3, done.output
    states = {one["output"]: one["state"] for one in json.loads(done.stdout)["photos"]}
    assert states == {"a.png": "done", "b.png": "failed"}
    assert "2" in done.stderr
    assert (tmp_path / "out" / "a.png").read_bytes() != small_portrait.read_bytes()
