"""Several edits, and several faces, on one photo."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo, find_faces, open_photo
from photodrag.alignment.face_choice import FaceChoice, parse_face
from photodrag.alignment.landmarks_again import shown_face
from photodrag.checkpoints import load_generator
from photodrag.errors import FaceNumberError, MaskError, PhotoError, PointError
from photodrag.pipeline import EditRequest, EditRun, InversionCache
from photodrag.pipeline.edit.faces_run import FacesRun
from photodrag.pipeline.edit.start import continue_from, crop_of_base

SMILE = ("mouth_left->-5%,-4%", "mouth_right->+5%,-4%")
BROWS = ("brow_left_middle->+0%,-5%",)


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(str(tiny_checkpoint))


@pytest.fixture(scope="module")
def settings(quick_settings):
    composite = replace(quick_settings.composite, flow_size=128)
    return replace(quick_settings, composite=composite)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return InversionCache(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def two(portrait_path, tmp_path_factory):
    """A photo with two faces: the portrait, and beside it a smaller copy."""
    path = tmp_path_factory.mktemp("photos") / "two.png"
    with Image.open(portrait_path) as image:
        both = Image.new("RGB", (700, 400), "white")
        both.paste(image.convert("RGB").resize((400, 400)), (0, 0))
        both.paste(image.convert("RGB").resize((300, 300)), (400, 50))
    both.save(path)
    return open_photo(path)


@pytest.fixture(scope="module")
def run(generator, cache, settings):
    def run(photo, edits, choice=None):
        face = choice or FaceChoice(1)
        asked = [
            EditRequest(points, mask=next(iter(mask), None), face=face) for points, *mask in edits
        ]
        made = FacesRun(photo, asked, settings, generator=generator, cache=cache)
        for step in made:
            assert step.index <= step.total
        return made

    return run


@pytest.fixture(scope="module")
def portrait(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def all_faces(run, two):
    return run(two, [(SMILE,)], FaceChoice(every=True))


def same(one, other):
    return np.array_equal(one.pixels, other.pixels)


def test_one_edit_of_one_face_is_what_the_edit_run_gives(run, portrait, generator, settings):
    alone = EditRun(portrait, EditRequest(SMILE, settings=settings), generator=generator)
    for _ in alone:
        pass
    done = run(portrait, [(SMILE,)])
    assert same(done.photo, alone.result.photo)
    assert same(done.results[0].photo, done.photo)
    np.testing.assert_array_equal(done.changed, alone.result.changed)
    assert done.results[0].all_drags == done.results[0].points
    assert {"find faces", "load"} <= done.results[0].seconds.keys()


def test_every_face_is_edited_and_nothing_else_changes(all_faces, two):
    assert [result.start.face.index for result in all_faces.results] == [1, 2]
    outside = ~all_faces.changed
    np.testing.assert_array_equal(all_faces.photo.pixels[outside], two.pixels[outside])
    for result in all_faces.results:
        own = result.photo.pixels != result.start.base.pixels
        assert own.any()
        assert not own[~result.changed].any()
        left, top, right, bottom = (int(value) for value in result.start.face.box)
        assert own[top:bottom, left:right].any()
    assert same(all_faces.results[1].start.base, all_faces.results[0].photo)


def test_each_face_alone_is_what_it_is_among_all(all_faces, run, two):
    second = run(two, [(SMILE,)], parse_face("2"))
    box = np.zeros(two.pixels.shape[:2], bool)
    left, top, right, bottom = (int(value) for value in second.results[0].start.face.box)
    box[top:bottom, left:right] = True
    among = all_faces.photo.pixels[box]
    np.testing.assert_array_equal(among, second.photo.pixels[box])
    nearest = run(two, [(SMILE,)], FaceChoice(nearest=((left + right) / 2, top + 5.0)))
    assert same(nearest.photo, second.photo)


@pytest.mark.parametrize("points", [[((90, 150), (95, 150))], ["chin->200,300"]])
def test_places_in_the_photo_are_refused_for_all_faces(points, two, generator, settings):
    with pytest.raises(PointError, match="all faces were chosen"):
        FacesRun(two, [EditRequest(points, face="all")], settings)


def test_what_cannot_be_done_on_one_face_names_it_before_the_work(two, settings, cache):
    far = [EditRequest(("nose_tip->+180%,+0%",), face="all")]
    narrow = Photo(two.pixels[:, :640])
    with pytest.raises(PointError, match=r"face 2: .*off the photo"):
        FacesRun(narrow, far, settings, cache=cache)
    mask = np.zeros((two.height, two.width), bool)
    mask[:, :200] = True
    edits = [EditRequest(SMILE, mask=mask, face="all")]
    with pytest.raises(MaskError, match=r"face 2: .*no white"):
        FacesRun(two, edits, settings, cache=cache)
    with pytest.raises(FaceNumberError, match="2 faces"):
        FacesRun(two, [EditRequest(SMILE, face=3)], settings, cache=cache)
    with pytest.raises(PointError, match="no edit"):
        FacesRun(two, [], settings, cache=cache)


def test_a_second_edit_goes_on_from_the_first(run, portrait):
    done = run(portrait, [(SMILE,), (BROWS,)])
    (result,) = done.results
    assert same(result.start.base, portrait)  # put anew into the original
    assert len(result.all_drags) == 3
    assert len(result.points) == len(result.reached) == 1
    first = result.all_drags[0]
    assert first.handle == pytest.approx(tuple(result.start.face.landmarks[48]))
    assert result.all_drags[2].target == pytest.approx(result.points[0].target)
    assert not np.array_equal(result.start.current_face.landmarks, result.start.face.landmarks)
    outside = ~done.changed
    np.testing.assert_array_equal(done.photo.pixels[outside], portrait.pixels[outside])


def test_a_place_dragged_again_is_held_once(run, portrait):
    again = ("mouth_left->+3%,+2%",)
    (result,) = run(portrait, [(SMILE,), (again,)]).results
    assert len(result.all_drags) == 2
    assert result.all_drags[-1].target == pytest.approx(result.points[0].target)


def test_with_another_mask_the_photo_as_it_looks_is_kept_outside(run, portrait):
    mask = np.zeros((portrait.height, portrait.width), bool)
    left, top, right, bottom = (int(value) for value in find_faces(portrait)[0].box)
    mask[top : (top + bottom) // 2, left:right] = True
    first = run(portrait, [(SMILE,)])
    done = run(portrait, [(SMILE,), (BROWS, mask), (BROWS, mask)])
    (result,) = done.results
    assert same(result.start.base, first.photo)
    np.testing.assert_array_equal(done.photo.pixels[~mask], first.photo.pixels[~mask])
    assert len(result.all_drags) == 1
    outside = ~done.changed
    np.testing.assert_array_equal(done.photo.pixels[outside], portrait.pixels[outside])


def test_a_start_keeps_its_base_while_the_mask_is_the_same(result):
    after = continue_from(result)
    assert after.base is result.start.base
    assert after.latent is result.dragged
    assert after.all_drags == result.all_drags
    mask = np.ones(result.changed.shape, bool)
    other = continue_from(result, mask)
    assert other.base is result.photo
    assert other.base_latent is result.dragged
    assert other.all_drags == ()
    again = continue_from(replace(result, mask=mask), mask.copy())
    assert again.base is result.start.base


def test_a_base_has_landmarks_of_its_own(result):
    """Of the original, those that were found in it; of any other, what it shows."""
    face = result.start.face
    assert crop_of_base(result.crop, face, result.photo, None) is result.crop
    shown = crop_of_base(result.crop, face, result.photo, result.dragged)
    np.testing.assert_array_equal(shown.face.landmarks, shown_face(result.photo, face).landmarks)
    assert shown.transform is result.crop.transform


def test_a_start_of_another_photo_is_refused(result, portrait_path, generator, settings):
    start = continue_from(result)
    with pytest.raises(PhotoError, match="of one photo"):
        EditRun(
            portrait_path, EditRequest(SMILE, settings=settings), generator=generator, start=start
        )


def test_landmarks_are_found_again_near_where_they_were(portrait):
    (face,) = find_faces(portrait)
    again = shown_face(portrait, face)
    gaps = np.hypot(*(again.landmarks - face.landmarks).T)
    assert gaps.max() < 0.02 * face.eye_distance
    assert (again.index, again.box) == (face.index, face.box)


@pytest.mark.parametrize(
    ("stage", "faces"), [("cached", [1]), ("drag", [1, 2])], ids=["before it drags", "dragging"]
)
def test_finished_early_at_the_second_face(
    stage, faces, all_faces, two, generator, cache, settings
):
    asked = [EditRequest(SMILE, face="all")]
    run = FacesRun(two, asked, settings, generator=generator, cache=cache)
    assert not run.finish_early()
    for step in run:
        if run.face.index == 2 and step.stage == stage:
            assert run.finish_early()
    assert [result.start.face.index for result in run.results] == faces
    assert run.results[-1].stopped_early
    assert same(run.results[0].photo, all_faces.results[0].photo)
    outside = ~run.changed
    np.testing.assert_array_equal(run.photo.pixels[outside], two.pixels[outside])


def test_stages_are_those_from_the_edit_at_work_on(portrait, two, generator, cache, settings):
    edits = [EditRequest(SMILE, face="all"), EditRequest(BROWS, face="all")]
    run = FacesRun(two, edits, settings, generator=generator, cache=cache)
    names = [stage for stage, _ in run.stages]
    face = ["drag", "composite", "cached", "drag", "composite"]
    assert names[-len(face) * 2 - 3 :] == ["cached", *face, "pivot", "tune", *face]
    ahead = []
    for step in run:
        now = [stage for stage, _ in run.stages]
        ahead.append(len(now[now.index(step.stage) + 1 :]))
    assert ahead == sorted(ahead, reverse=True)
    assert ahead[-1] == 0
