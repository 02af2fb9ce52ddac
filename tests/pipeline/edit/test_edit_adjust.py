"""Edits by name: adjustments and masks from the face, through every way an edit is asked for."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.alignment import landmark_index, open_photo
from photodrag.checkpoints import load_generator
from photodrag.errors import MaskError, PointError
from photodrag.pipeline import (
    ADJUSTMENTS,
    MASKS,
    EditRequest,
    EditRun,
    FacesRun,
    continue_from,
    named_mask,
)
from photodrag.pipeline.cli import main
from photodrag.pipeline.composite.gaze import eye_displacements
from photodrag.pipeline.composite.lid_drags import closings
from photodrag.pipeline.results.compare import compare_picture
from photodrag.pipeline.results.report import make_report

SMILE = (("smile", 0.6),)
DRAG = "chin->+0%,+4%"


@pytest.fixture(scope="module")
def photo(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(str(tiny_checkpoint))


@pytest.fixture(scope="module")
def finished(photo, quick_settings, generator):
    run = EditRun(
        photo,
        EditRequest([DRAG], SMILE, mask="mouth", settings=quick_settings),
        generator=generator,
    )
    for _ in run:
        pass
    return run.result


def run(*args, code=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def test_an_adjustment_becomes_drags_beside_ones_own(finished):
    assert finished.adjust == SMILE
    assert len(finished.adjusted) == len(ADJUSTMENTS["smile"].displacements)
    assert finished.points[1:] == finished.adjusted
    assert len(finished.reached) == len(finished.points)
    chin = finished.start.face.landmarks[landmark_index("chin")]
    assert finished.points[0].handle == pytest.approx(tuple(chin))


def test_eyes_alone_are_turned_without_a_drag(photo, quick_settings, generator):
    run = EditRun(
        photo, EditRequest(adjust=[("gaze_x", 0.8)], settings=quick_settings), generator=generator
    )
    stages = {step.stage for step in run}
    result = run.result
    assert not {"guide", "drag"} & stages
    assert result.dragged is result.inversion.latent
    assert result.reached == tuple(point.target for point in result.points)
    assert result.arrived
    rows, columns = np.nonzero(result.changed)
    landmarks = result.start.face.landmarks
    margin = 0.1 * result.start.face.eye_distance
    assert landmarks[36:48].min(axis=0)[0] - margin < columns.min()
    assert columns.max() < landmarks[36:48].max(axis=0)[0] + margin
    assert landmarks[36:48].min(axis=0)[1] - margin < rows.min()
    assert rows.max() < landmarks[36:48].max(axis=0)[1] + margin
    (gaze,) = make_report(result)["adjustments"]
    assert 0.3 < gaze["reached"] < 1.4


def test_turned_eyes_stay_so_in_the_next_edit(photo, quick_settings, generator):
    start = None
    for adjust in ([("gaze_x", 0.5)], [("gaze_y", 0.5)], [("smile", 0.5)]):
        run = EditRun(
            photo,
            EditRequest(adjust=adjust, settings=quick_settings),
            generator=generator,
            start=start,
        )
        for _ in run:
            pass
        start = continue_from(run.result)
    assert len(start.all_drags) == 4 + len(ADJUSTMENTS["smile"].displacements)
    displacements = (
        eye_displacements(start.all_drags, start.face.landmarks) / start.face.eye_distance * 100
    )
    np.testing.assert_allclose(displacements.sum(axis=0), (6, -3), atol=1)


def test_a_wink_needs_no_drag_and_leaves_the_other_eye(photo, quick_settings, generator):
    asked = EditRequest(adjust=[("eye_right_open", -1)], settings=quick_settings)
    run = EditRun(photo, asked, generator=generator)
    stages = {step.stage for step in run}
    result = run.result
    assert not {"guide", "drag"} & stages
    assert result.dragged is result.inversion.latent
    assert result.arrived
    left, right = (result.start.face.landmarks[eye, 0] for eye in (slice(36, 42), slice(42, 48)))
    columns = np.nonzero(result.changed)[1]
    assert left.max() < columns.min() < right.min()
    (wink,) = make_report(result)["adjustments"]
    assert wink["reached"] == pytest.approx(-1)


def test_eyes_stay_shut_in_the_next_edits_and_open_again(photo, quick_settings, generator):
    start, found = None, []
    for adjust in ([("eyes_open", -0.5)], [("smile", 0.5)], [("eyes_open", -0.5)]):
        run = EditRun(
            photo,
            EditRequest(adjust=adjust, settings=quick_settings),
            generator=generator,
            start=start,
        )
        for _ in run:
            pass
        start = continue_from(run.result)
        found.append(closings(start.all_drags, start.face.landmarks).tolist())
    assert found == [pytest.approx([part, part], abs=0.01) for part in (0.5, 0.5, 0.75)]
    asked = EditRequest(adjust=[("eyes_open", 0.5)], settings=quick_settings)
    run = EditRun(photo, asked, generator=generator, start=start)
    for _ in run:
        pass
    opened = closings(run.result.all_drags, start.face.landmarks).tolist()
    assert opened == pytest.approx([0.25, 0.25], abs=0.01)
    (eyes,) = make_report(run.result)["adjustments"]
    assert eyes["reached"] == pytest.approx(0.5, abs=0.05)


def test_a_mask_leaves_an_eye_open_and_says_so(photo, quick_settings, generator):
    asked = EditRequest(adjust=[("eyes_open", -1)], mask="mouth", settings=quick_settings)
    run = EditRun(photo, asked, generator=generator)
    for _ in run:
        pass
    (eyes,) = make_report(run.result)["adjustments"]
    assert eyes["reached"] == pytest.approx(0, abs=0.05)
    assert not run.result.arrived


def test_eyes_turn_beside_a_drag_of_ones_own(photo, quick_settings, generator):
    run = EditRun(
        photo, EditRequest([DRAG], [("gaze_x", 0.8)], settings=quick_settings), generator=generator
    )
    positions = [step.positions for step in run if step.positions is not None]
    assert all(len(one) == len(run.points) == 3 for one in positions)
    assert positions[-1][1:] == tuple(point.target for point in run.points[1:])
    assert run.result.reached[1:] == positions[-1][1:]
    assert run.result.dragged is not run.result.inversion.latent


def test_nothing_changes_outside_a_mask_by_name(finished, photo):
    mask = named_mask("mouth", finished.start.face, photo.size)
    np.testing.assert_array_equal(finished.mask, mask)
    assert not (finished.changed & ~mask).any()
    np.testing.assert_array_equal(finished.photo.pixels[~mask], photo.pixels[~mask])


def test_the_report_says_what_was_asked_and_reached(finished):
    report = make_report(finished)
    (adjustment,) = report["adjustments"]
    assert adjustment.keys() == {"name", "asked", "reached", "unit"}
    assert (adjustment["name"], adjustment["asked"]) == ("smile", 0.6)
    assert -1 < adjustment["reached"] < 1
    assert report["photo"]["mask"] == "mouth"
    json.dumps(report, allow_nan=False)


def test_a_comparison_shows_an_adjusted_face(finished):
    assert compare_picture(finished, 128).shape[0] == 128


@pytest.mark.parametrize(
    ("adjust", "mask", "error", "problem"),
    [
        ((("smirk", 0.5),), None, PointError, "did you mean 'smile'"),
        ((("smile", 3),), None, PointError, "goes from -1 to 1"),
        ((), None, PointError, "nothing to do"),
        (SMILE, "mouht", MaskError, "did you mean 'mouth'"),
    ],
)
def test_what_is_not_known_is_refused(photo, generator, adjust, mask, error, problem):
    with pytest.raises(error, match=problem):
        EditRun(photo, EditRequest(adjust=adjust, mask=mask), generator=generator)


def test_each_planned_edit_has_its_own_mask(photo, generator, quick_settings):
    edits = [EditRequest(adjust=SMILE, mask="mouth"), EditRequest((DRAG,), mask="hair_kept")]
    faces = FacesRun(photo, edits, settings=quick_settings, generator=generator)
    for _ in faces:
        pass
    face = faces.faces[0]
    either = named_mask("mouth", face, photo.size) | named_mask("hair_kept", face, photo.size)
    assert not (faces.changed & ~either).any()
    with pytest.raises(MaskError, match="'nos'"):
        FacesRun(photo, [EditRequest((DRAG,), mask="nos")], generator=generator)


def test_a_session_keeps_the_names(small_portrait, tiny_checkpoint, tmp_path):
    shutil.copyfile(small_portrait, tmp_path / "me.png")
    session = tmp_path / "me.session"
    run(
        *("session", "new", tmp_path / "me.png", "-o", session, "--no-cache", "--device", "cpu"),
        *("--checkpoint", tiny_checkpoint, "--pivot-steps", 2, "--tune-steps", 1),
    )
    output = run(
        *("session", "edit", session, "--adjust", "smile=0.6", "--mask", "mouth"),
        *("--drag-steps", 2, "--device", "cpu", "-o", tmp_path / "1.png"),
    ).output
    assert " of 0.6; " in output
    assert "1  smile=0.6  in mouth" in run("session", "show", session).output
    run("session", "recipe", session, "-o", tmp_path / "smile.json")
    recipe = json.loads((tmp_path / "smile.json").read_text("utf-8"))
    assert recipe["adjust"] == {"smile": 0.6}
    assert recipe["mask"] == "mouth"
    assert "drag" not in recipe
    run("session", "render", session, "-o", tmp_path / "again.png", "--device", "cpu")
    np.testing.assert_array_equal(pixels(tmp_path / "again.png"), pixels(tmp_path / "1.png"))
    run(
        *("apply", tmp_path / "smile.json", tmp_path / "me.png", "-o", tmp_path / "2.png"),
        *("--device", "cpu", "--no-cache", "--quiet"),
    )
    np.testing.assert_array_equal(pixels(tmp_path / "2.png"), pixels(tmp_path / "1.png"))


def test_edit_refuses_in_one_line_before_the_work(small_portrait, tmp_path):
    asked = ("edit", small_portrait, "-o", tmp_path / "out.png")
    for wrong, problem in (
        (("--adjust", "smirk=1"), "did you mean 'smile'"),
        (("--adjust", "smile"), "NAME=NUMBER"),
        (("--adjust", "smile=1", "--mask", "elbow"), "no mask is called 'elbow'"),
        (("--adjust", "smile=1", "--mask", "none.png"), "none.png"),
    ):
        output = run(*asked, *wrong, code=1).output
        assert output.startswith("photodrag: ")
        assert problem in output
    assert list(tmp_path.iterdir()) == []


def test_the_names_are_listed():
    shown = run("adjustments").output
    values = json.loads(run("adjustments", "--json").output)
    assert [one["name"] for one in values["adjustments"]] == list(ADJUSTMENTS)
    assert [one["name"] for one in values["masks"]] == list(MASKS)
    assert values["adjustments"][0].keys() == {"name", "description", "least", "most", "unit"}
    for name in (*ADJUSTMENTS, *MASKS):
        assert f"  {name} " in shown
