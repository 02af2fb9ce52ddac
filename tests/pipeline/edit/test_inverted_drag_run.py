"""What leads the points of an inverted face, and how far they come."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.alignment import Face
from photodrag.checkpoints import StyleGAN2Config, load_generator
from photodrag.drag import DEFAULTS as DRAG
from photodrag.drag import DragPoint
from photodrag.errors import NoFaceError, PointError
from photodrag.inversion import Inversion
from photodrag.inversion.values import Losses
from photodrag.pipeline.edit import inverted_drag_run as inverted_drag
from photodrag.pipeline.edit.inverted_drag_run import InvertedDragRun
from photodrag.pipeline.guide import painted_face
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.guide.run import far_guide
from photodrag.pipeline.settings import DEFAULTS
from photodrag.runs import Run

SIZE = 64
SETTINGS = replace(
    DEFAULTS, drag=replace(DRAG, max_steps=3, feature_resolution=32, learning_rate=0.01)
)
UNGUIDED = replace(SETTINGS, guide=replace(SETTINGS.guide, steps=0))
CORNER = ["mouth_left->-10%,-5%"]
BARE = [DragPoint((20.0, 20.0), (22.0, 20.0))]


@pytest.fixture(scope="module")
def inversion(make_generator):
    config = StyleGAN2Config(
        resolution=SIZE, z_dim=32, w_dim=32, mapping_layers=2, channel_base=1024, channel_max=32
    )
    generator = make_generator(config)
    return Inversion(generator.sample(0), generator, Losses(0.0, 0.0), tuned=False, base="known")


@pytest.fixture
def faces(monkeypatch, face_marks, statistics):
    """What is found in the picture: one face, or what else a test puts there; and how often."""
    face = Face(1, (0.0, 0.0, 64.0, 64.0), (face_marks + 0.5) / 8 - 0.5, 1.0)
    found = {"faces": [face], "times": 0}

    def find_faces(photo):
        assert photo.pixels.shape == (SIZE, SIZE, 3)
        found["times"] += 1
        return found["faces"]

    monkeypatch.setattr(inverted_drag, "find_faces", find_faces)
    return found


@pytest.fixture
def statistics(monkeypatch):
    """Known of the generator before tuning alone; landmarks are found where they were."""
    made = LandmarkStatistics(32)
    made.cross.copy_(0.02 * torch.randn(136, 32, generator=torch.Generator().manual_seed(0)))
    monkeypatch.setattr(
        inverted_drag, "statistics_of", lambda base: made if base == "known" else None
    )
    monkeypatch.setattr(painted_face, "landmarks_near", lambda image, expected: expected)


def stages(run):
    return [name for name, _ in run.stages]


def test_a_landmark_is_led(inversion, faces):
    run = InvertedDragRun(inversion, CORNER, settings=SETTINGS)
    assert stages(run) == ["guide"]
    assert {step.stage for step in run} >= {"guide"}


def test_other_points_are_dragged_by_features(inversion, faces):
    run = InvertedDragRun(inversion, [DragPoint((2.0, 2.0), (4.0, 2.0))], settings=SETTINGS)
    assert {step.stage for step in run} == {"drag"}


@pytest.mark.parametrize("mask", ["mouth", np.ones((SIZE, SIZE), bool)], ids=["named", "given"])
def test_a_mask_is_heeded_by_features(inversion, faces, mask):
    run = InvertedDragRun(inversion, CORNER, mask, SETTINGS)
    assert stages(run) == ["drag"]
    assert not torch.equal(next(iter(run)).latent.w, list(run)[-1].latent.w)


def test_who_wants_no_guide_gets_none(inversion, faces):
    assert stages(InvertedDragRun(inversion, CORNER, settings=UNGUIDED)) == ["drag"]


def test_a_generator_of_which_nothing_is_known_has_no_guide(inversion, faces):
    other = replace(inversion, base="")
    assert stages(InvertedDragRun(other, CORNER, settings=SETTINGS)) == ["drag"]


def test_a_face_is_looked_for_where_one_is_of_use(inversion, faces):
    InvertedDragRun(inversion, BARE, settings=UNGUIDED)
    InvertedDragRun(inversion, BARE, np.ones((SIZE, SIZE), bool), SETTINGS)
    assert faces["times"] == 0
    InvertedDragRun(inversion, BARE, settings=SETTINGS)
    InvertedDragRun(inversion, CORNER, settings=UNGUIDED)
    assert faces["times"] == 2


def test_without_a_face_features_drag(inversion, faces):
    faces["faces"] = []
    run = InvertedDragRun(inversion, BARE, settings=SETTINGS)
    assert run.face is None
    assert {step.stage for step in run} == {"drag"}


@pytest.mark.parametrize(("points", "mask"), [(CORNER, None), (BARE, "mouth")])
def test_a_face_that_is_needed_must_be_there(inversion, faces, points, mask):
    faces["faces"] = []
    with pytest.raises(NoFaceError, match="64x64"):
        InvertedDragRun(inversion, points, mask, SETTINGS)


def test_without_points_there_is_nothing_to_drag(inversion, faces):
    with pytest.raises(PointError, match="no point"):
        InvertedDragRun(inversion, [])


def test_the_default_guide_goes_far_and_another_one_stays(inversion, faces, monkeypatch):
    given = []

    class Seen(inverted_drag.FaceDragRun):
        def __init__(self, *args):
            given.append(args[3].guide)
            super().__init__(*args)

    monkeypatch.setattr(inverted_drag, "FaceDragRun", Seen)
    own = replace(SETTINGS, guide=replace(SETTINGS.guide, noise=0.5))
    for settings in (SETTINGS, own):
        InvertedDragRun(inversion, CORNER, settings=settings)
    assert given == [far_guide(inversion.generator), own.guide]


def test_the_farthest_point_tells_how_far_it_is(inversion, faces):
    run = InvertedDragRun(inversion, [*BARE, DragPoint((40.0, 40.0), (43.0, 44.0))])
    assert run.distance == pytest.approx(5)
    assert not run.arrived


@pytest.mark.parametrize("near", [True, False])
def test_features_say_whether_points_arrived(inversion, faces, near):
    stop = 500.0 if near else 0.01
    settings = replace(UNGUIDED, drag=replace(UNGUIDED.drag, stop_distance=stop))
    run = InvertedDragRun(inversion, BARE, settings=settings)
    assert not run.arrived
    assert len(run) == settings.drag.max_steps
    assert list(run)
    assert run.arrived is near


@pytest.mark.parametrize("displacement", [0.5, 3.0])
def test_before_features_drag_points_have_arrived_as_in_an_edit(inversion, faces, displacement):
    """Within a hundredth of the eye distance."""
    assert InvertedDragRun(inversion, [f"mouth_left->+{displacement}%,+0"]).arrived is (
        displacement < 1
    )
    faces["faces"] = []
    assert not InvertedDragRun(inversion, BARE).arrived


def test_it_can_be_ended_early(inversion, faces):
    run = InvertedDragRun(inversion, BARE, settings=UNGUIDED)
    assert isinstance(run, Run)
    assert not run.finish_early()
    done = []
    for step in run:
        done.append(step)
        assert run.finish_early()
    assert len(done) == 1
    assert run.fraction == 1.0
    assert run.latent is done[0].latent


def test_the_latent_is_the_drags(inversion, faces):
    run = InvertedDragRun(inversion, BARE, settings=UNGUIDED)
    assert torch.equal(run.latent.w, inversion.latent.w)
    latents = [step.latent for step in run]
    assert any(run.latent is latent for latent in latents)
    assert run.distance != pytest.approx(2)


@pytest.mark.weights
def test_a_painted_face_smiles_and_comes_back():
    """Of the default generator, drags by name in its mean face."""
    generator = load_generator()
    latents = [generator.mean_latent()]
    for left, right in (("-5%,-5%", "+5%,-5%"), ("+5%,+5%", "-5%,+5%")):
        inversion = Inversion(latents[-1], generator, Losses(0.0, 0.0), tuned=False)
        run = InvertedDragRun(inversion, [f"mouth_left->{left}", f"mouth_right->{right}"])
        assert {step.stage for step in run} == {"guide"}
        assert run.distance < 0.01 * generator.resolution
        latents.append(run.latent)
    start, there, home = latents
    assert home.distance(start) < 0.2 * there.distance(start)
