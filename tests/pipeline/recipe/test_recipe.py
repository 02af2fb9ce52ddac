"""Recipes: read, written, and refused with a reason."""

import json
from dataclasses import replace

import pytest

from photodrag.alignment.face_choice import FaceChoice
from photodrag.errors import OutputError, RecipeError
from photodrag.pipeline import EditRequest
from photodrag.pipeline.recipe.recipe import Recipe
from photodrag.pipeline.recipe.recipe_file import (
    read_recipe,
    recipe_from_values,
    recipe_to_values,
    write_recipe,
)
from photodrag.pipeline.request.face_drag import FaceDrag, parse_face_drag
from photodrag.pipeline.settings import DEFAULTS

SMILE = "mouth_left->-4%,-4%"
PLAIN = {"photodrag_recipe": 1, "drag": [SMILE]}


def edit(text=SMILE, **more):
    return EditRequest((parse_face_drag(text),), **more)


FASTER = replace(DEFAULTS, drag=replace(DEFAULTS.drag, max_steps=9))
RECIPES = [
    Recipe((edit(),)),
    Recipe((edit(mask="masks/a.png", face="all"),), FASTER),
    Recipe((edit(), edit("chin+1%,-2%->+0%,+9%"))).for_face(FaceChoice(nearest=(3, 4.5))),
    Recipe((edit(settings=FASTER), edit("chin->+0%,+9%", settings=DEFAULTS))),
]


def test_the_shortest_recipe():
    assert recipe_from_values(PLAIN) == Recipe((EditRequest((FaceDrag("mouth_left", (-4, -4)),)),))
    values = recipe_to_values(recipe_from_values(PLAIN))
    assert values == {"photodrag_recipe": 1, "face": "1", "drag": [SMILE]}


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_file_gives_the_recipe_back(number, tmp_path):
    recipe = RECIPES[number]
    write_recipe(tmp_path / "r.json", recipe)
    read = read_recipe(tmp_path / "r.json")
    assert recipe_to_values(read)["face"] == recipe_to_values(recipe)["face"]
    assert [one.points for one in read.edits] == [one.points for one in recipe.edits]
    assert read.settings == recipe.settings
    for one, expected in zip(read.edits, recipe.edits, strict=True):
        assert (one.settings or read.settings) == (expected.settings or recipe.settings)


def test_a_mask_lies_beside_the_recipe(tmp_path):
    write_recipe(tmp_path / "r.json", RECIPES[1])
    assert read_recipe(tmp_path / "r.json").edits[0].mask == tmp_path / "masks" / "a.png"


def test_a_face_may_be_a_number():
    assert recipe_from_values({**PLAIN, "face": 2}).face == FaceChoice(2)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"photodrag_recipe": 2}, 'photodrag_recipe" is 2; this version of photodrag reads 1'),
        ({"photodrag_recipe": True}, "is True"),
        ({"darg": []}, "no 'darg'; did you mean 'drag'"),
        ({"drag": []}, "nothing to do"),
        ({"drag": SMILE}, "must be a list"),
        ({"drag": [3]}, r"drag\[0\] is 3; it must be a drag as 'mouth_left->"),
        ({"drag": ["310,420->+3%,+3%"]}, "any photo"),
        ({"drag": ["mouth_lef->+3%,+3%"]}, "mouth_left"),
        ({"face": "biggest"}, "nearest:X,Y"),
        ({"face": 0}, "face 0"),
        ({"adjust": []}, "adjust is"),
        ({"adjust": {"smile": "much"}}, "smile is 'much'"),
        ({"adjust": {"smirk": 0.5}}, "'smirk'.*did you mean 'smile'"),
        ({"mask": 3}, "mask is 3"),
        ({"mask": "elbow"}, "no mask is called 'elbow'.*a file needs its extension"),
        ({"settings": []}, r"settings is \[\]; it must be an object"),
        ({"settings": {"drag": {"speed": 1}}}, r"settings\.drag has no 'speed'"),
        ({"edits": [{"drag": [SMILE]}]}, '"edits" and "drag"'),
    ],
)
def test_what_is_wrong_is_named(change, seen):
    with pytest.raises(RecipeError, match=seen):
        recipe_from_values({**PLAIN, **change})


@pytest.mark.parametrize(
    ("edits", "seen"),
    [
        ([], "nothing to do"),
        ({}, "must be a list"),
        ([{"drag": [SMILE]}, {"drag": []}], "edit 2: .*nothing to do"),
        ([{"drag": [SMILE], "face": 2}], "edit 1: an edit has no 'face'"),
        ([{"drag": [SMILE], "settings": {"project": {}}}], "settings of an edit has no 'project'"),
        ([3], "edit 1: 3 is not an edit"),
    ],
)
def test_what_is_wrong_in_an_edit_is_named(edits, seen):
    with pytest.raises(RecipeError, match=seen):
        recipe_from_values({"photodrag_recipe": 1, "edits": edits})


@pytest.mark.parametrize("values", [[], "text", 3, None, {}, {"drag": [SMILE]}])
def test_what_is_no_recipe_is_told_how_one_begins(values):
    with pytest.raises(RecipeError, match=r'\{"photodrag_recipe": 1'):
        recipe_from_values(values)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": 1}'])
def test_a_file_that_is_no_recipe_is_named(content, tmp_path):
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(RecipeError, match=r"r\.json"):
        read_recipe(tmp_path / "r.json")


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(RecipeError, match=r"none\.json: cannot be read"):
        read_recipe(tmp_path / "none.json")
    with pytest.raises(OutputError, match="none"):
        write_recipe(tmp_path / "none" / "r.json", RECIPES[0])


def test_what_is_written_can_be_read_by_people(tmp_path):
    write_recipe(tmp_path / "r.json", RECIPES[2])
    values = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert values["edits"] == [{"drag": [SMILE]}, {"drag": ["chin+1%,-2%->+0%,+9%"]}]


def test_all_edits_are_for_the_same_face():
    with pytest.raises(RecipeError, match="face 1, another for face all"):
        Recipe((edit(), edit(face="all")))


def test_a_drag_in_pixels_is_for_no_other_photo():
    with pytest.raises(RecipeError, match="on any photo"):
        Recipe((EditRequest(["10,20->30,40"]),))


def test_an_edit_that_asks_for_nothing_is_refused():
    with pytest.raises(RecipeError, match="nothing to do"):
        Recipe((EditRequest(),))


def test_the_composites_former_name_is_read():
    recipe = recipe_from_values({**PLAIN, "settings": {"composite": {"told": 0.5}}})
    assert recipe.settings.composite.shared_motion_weight == 0.5
    values = recipe_to_values(recipe)["settings"]["composite"]
    assert values == {"shared_motion_weight": 0.5}
