"""The whole edit: with a random generator for what happens, with the real one for how well."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
import torch

from photodrag.alignment import (
    Photo,
    find_faces,
    identity_distance,
    landmark_index,
    open_photo,
    select_face,
)
from photodrag.checkpoints import (
    DEFAULT_CHECKPOINT,
    FetchRun,
    StyleGAN2Config,
    build_generator,
    load_generator,
)
from photodrag.drag import DragSettings
from photodrag.errors import (
    CheckpointError,
    FaceNumberError,
    LandmarkError,
    MaskError,
    NoFaceError,
    PhotoError,
    PointError,
    SettingsError,
)
from photodrag.inversion import ProjectSettings, TuneSettings
from photodrag.pipeline import EditRequest, EditRun, EditSettings

DRAGS = ["mouth_left->-5%,-4%", "mouth_right->+5%,-4%"]
QUICK = EditSettings(
    project=ProjectSettings(steps=2),
    tune=TuneSettings(steps=2),
    drag=DragSettings(max_steps=3),
)


def edit(photo, request, **given):
    """A finished edit."""
    run = EditRun(photo, request, **given)
    for _ in run:
        pass
    return run.result


@pytest.fixture(scope="module")
def tiny():
    config = StyleGAN2Config(
        resolution=64, z_dim=16, w_dim=16, mapping_layers=2, channel_base=512, channel_max=16
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_generator("tiny", config)


@pytest.fixture(scope="module")
def portrait(portrait_path):
    return open_photo(portrait_path)


@pytest.fixture(scope="module")
def finished(portrait, tiny):
    run = EditRun(portrait, EditRequest(DRAGS, settings=QUICK), generator=tiny)
    steps = []
    for step in run:
        assert run.preview(32).shape == (32, 32, 3)
        steps.append(step)
    return run, steps


def test_stages_come_in_order(finished):
    run, steps = finished
    stages = [(stage, len(list(group))) for stage, group in groupby(s.stage for s in steps)]
    assert stages == [("pivot", 2), ("tune", 2), ("drag", 3), ("composite", 1)]
    assert len(run) == len(steps) == 8
    for _, group in groupby(steps, key=lambda step: step.stage):
        members = list(group)
        assert [step.index for step in members] == list(range(1, len(members) + 1))
        assert {step.total for step in members} == {len(members)}


def test_steps_tell_loss_or_distance(finished):
    for step in finished[1]:
        assert (step.loss is not None) == (step.stage in {"pivot", "tune"})
        assert (step.distance is not None) == (step.stage == "drag")
        assert torch.isfinite(step.latent.w).all()


def test_first_distance_is_that_of_the_drag_in_photo_pixels(finished):
    run, steps = finished
    longest = max(np.hypot(*np.subtract(p.target, p.handle)) for p in run.points)
    first = next(step for step in steps if step.stage == "drag")
    assert first.distance == pytest.approx(longest, rel=1e-3)
    np.testing.assert_allclose(first.positions, [p.handle for p in run.points], atol=1e-3)


def test_result_holds_every_value_on_the_way(finished, portrait):
    run, _ = finished
    result = run.result
    assert result.source is portrait
    assert result.photo.size == portrait.size
    assert result.photo.pixels.dtype == portrait.pixels.dtype
    assert result.changed.shape == (portrait.height, portrait.width)
    assert len(result.points) == len(result.reached) == 2
    assert isinstance(result.arrived, bool)
    assert result.mask is None
    assert result.settings is QUICK
    assert result.inversion.tuned
    assert {"project", "tune", "drag", "composite"} <= result.seconds.keys()
    assert all(seconds >= 0 for seconds in result.seconds.values())


def test_points_are_those_asked_for(finished):
    run, _ = finished
    face = run.result.crop.face
    left = face.landmarks[landmark_index("mouth_left")]
    assert run.points[0].handle == pytest.approx(tuple(left))
    offset = np.array([-0.05, -0.04]) * face.eye_distance
    assert run.points[0].target == pytest.approx(tuple(left + offset))


def test_outside_of_changed_the_photo_is_bit_identical(finished, portrait):
    result = finished[0].result
    same = ~result.changed
    assert same.any()
    np.testing.assert_array_equal(result.photo.pixels[same], portrait.pixels[same])


def test_metadata_is_kept(finished, portrait):
    photo = finished[0].result.photo
    assert photo.icc_profile == portrait.icc_profile
    assert photo.exif == portrait.exif
    assert photo.format == portrait.format


def test_generator_given_is_left_alone(portrait, tiny):
    before = {name: tensor.clone() for name, tensor in tiny.synthesis.state_dict().items()}
    result = edit(portrait, EditRequest(DRAGS, settings=QUICK), generator=tiny)
    assert result.inversion.generator is not tiny
    for name, tensor in tiny.synthesis.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_same_edit_twice_gives_the_same_photo(finished, portrait, tiny):
    again = edit(portrait, EditRequest(DRAGS, settings=QUICK), generator=tiny)
    np.testing.assert_array_equal(again.photo.pixels, finished[0].result.photo.pixels)
    assert again.reached == finished[0].result.reached


def test_mask_is_obeyed_exactly(portrait, tiny):
    mask = np.zeros((portrait.height, portrait.width), bool)
    left, top, right, bottom = (int(v) for v in find_faces(portrait)[0].box)
    mask[(top + bottom) // 2 : bottom, left:right] = True
    kept = mask.copy()
    result = edit(portrait, EditRequest(DRAGS, mask=mask, settings=QUICK), generator=tiny)
    np.testing.assert_array_equal(result.photo.pixels[~mask], portrait.pixels[~mask])
    assert not (result.changed & ~mask).any()
    np.testing.assert_array_equal(mask, kept)
    np.testing.assert_array_equal(result.mask, mask)


def test_result_before_the_end_is_a_mistake(portrait, tiny):
    run = EditRun(portrait, EditRequest(DRAGS, settings=QUICK), generator=tiny)
    next(iter(run))
    with pytest.raises(RuntimeError, match="not finished"):
        _ = run.result


def test_pairs_of_places_are_points(portrait, tiny, finished):
    pairs = [(point.handle, point.target) for point in finished[0].points]
    run = EditRun(portrait, EditRequest(pairs, settings=QUICK), generator=tiny)
    assert run.points == finished[0].points


@pytest.mark.parametrize(
    ("points", "seen"),
    [
        ([], "nothing to do"),
        ([((250, 200), (250, 200))], "250, 200"),
        ([((-5, 200), (250, 200))], "-5, 200"),
        ([((250, 200), (9999, 200))], "9999, 200"),
        (["mouth_left"], "mouth_left"),
        (["nose_of_somebody->+1,+1"], "nose_of_somebody"),
    ],
)
def test_points_that_cannot_be_dragged_are_refused_at_once(portrait, tiny, points, seen):
    with pytest.raises((PointError, LandmarkError), match=seen):
        EditRun(portrait, EditRequest(points, settings=QUICK), generator=tiny)


def test_point_beside_the_face_is_refused_at_once(portrait, tiny):
    corner = ((portrait.width - 2, portrait.height - 2), (portrait.width - 9, portrait.height - 9))
    with pytest.raises(PointError, match="face's square"):
        EditRun(portrait, EditRequest([corner], settings=QUICK), generator=tiny)


def test_mask_of_another_size_is_refused_at_once(portrait, tiny):
    size = rf"\({portrait.height}, {portrait.width}\)"
    with pytest.raises(MaskError, match=size):
        EditRun(
            portrait,
            EditRequest(DRAGS, mask=np.ones((10, 10), bool), settings=QUICK),
            generator=tiny,
        )


def test_mask_without_white_is_refused_at_once(portrait, tiny):
    black = np.zeros((portrait.height, portrait.width), bool)
    with pytest.raises(MaskError, match="black"):
        EditRun(portrait, EditRequest(DRAGS, mask=black, settings=QUICK), generator=tiny)


def test_mask_beside_the_face_is_refused_at_once(portrait, tiny):
    corner = np.zeros((portrait.height, portrait.width), bool)
    corner[-2:, -2:] = True
    with pytest.raises(MaskError, match="face's square"):
        EditRun(portrait, EditRequest(DRAGS, mask=corner, settings=QUICK), generator=tiny)


def test_other_wrong_inputs_are_refused_at_once(portrait, tiny, tmp_path):
    with pytest.raises(PhotoError, match="none"):
        EditRun(tmp_path / "none.jpg", EditRequest(DRAGS, settings=QUICK), generator=tiny)
    with pytest.raises(NoFaceError):
        EditRun(
            Photo(np.zeros((200, 200, 3), np.uint8)),
            EditRequest(DRAGS, settings=QUICK),
            generator=tiny,
        )
    with pytest.raises(FaceNumberError, match="3"):
        EditRun(portrait, EditRequest(DRAGS, face=3, settings=QUICK), generator=tiny)
    with pytest.raises(FaceNumberError, match="face 0"):
        EditRequest(DRAGS, face=0)
    with pytest.raises(SettingsError, match="48"):
        EditRun(
            portrait,
            EditRequest(
                DRAGS, settings=replace(QUICK, drag=replace(QUICK.drag, feature_resolution=48))
            ),
            generator=tiny,
        )


@pytest.fixture(scope="module")
def real_generator():
    try:
        FetchRun(DEFAULT_CHECKPOINT).finish()
        return load_generator()
    except CheckpointError as error:
        pytest.skip(f"the default checkpoint is neither in the cache nor could be fetched: {error}")


@pytest.mark.weights
@pytest.mark.slow
def test_real_generator_widens_the_mouth_and_keeps_the_person(portrait, real_generator):
    settings = EditSettings(
        project=ProjectSettings(steps=15),
        tune=TuneSettings(steps=15),
        drag=DragSettings(max_steps=30),
    )
    result = edit(portrait, EditRequest(DRAGS, settings=settings), generator=real_generator)
    same = ~result.changed
    np.testing.assert_array_equal(result.photo.pixels[same], portrait.pixels[same])
    assert 0.001 < result.changed.mean() < 0.5

    before, after = (
        select_face(find_faces(photo), 1).landmarks for photo in (portrait, result.photo)
    )
    for point, name in zip(result.points, ("mouth_left", "mouth_right"), strict=True):
        index = landmark_index(name)
        displacement = np.subtract(point.target, point.handle)
        moved = (after[index] - before[index]) @ displacement / (displacement @ displacement)
        assert moved > 0.3, name  # of the way, even with a tenth of the usual steps
        left = np.hypot(*(after[index] - point.target))
        assert left < np.hypot(*displacement), name

    assert identity_distance(portrait.srgb(), before, result.photo.srgb(), after) < 0.4


def test_finished_early_it_composites_the_best_so_far(portrait, tiny):
    run = EditRun(portrait, EditRequest(DRAGS, settings=QUICK), generator=tiny)
    steps, asked = [], []
    for step in run:
        steps.append(step)
        asked.append(run.finish_early())
    # While it is inverted there is nothing to keep, and the request is not remembered.
    assert [step.stage for step in steps] == ["pivot"] * 2 + ["tune"] * 2 + ["drag", "composite"]
    assert asked == [False] * 4 + [True] * 2
    assert run.result.stopped_early
    assert torch.equal(run.result.dragged.w, steps[4].latent.w)
    assert run.result.photo.size == portrait.size


def test_a_request_after_the_drag_changes_nothing(finished):
    run, _ = finished
    assert run.finish_early()
    assert not run.result.stopped_early


def test_stages_are_told_beforehand(finished):
    run, steps = finished
    counted = [(stage, len(list(group))) for stage, group in groupby(s.stage for s in steps)]
    assert list(run.stages) == counted
