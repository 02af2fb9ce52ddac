from dataclasses import replace

import pytest
import torch

from photodrag.alignment import open_photo
from photodrag.checkpoints import load_generator
from photodrag.inversion.settings import INSTANT, QUICK
from photodrag.pipeline import EditRequest, EditRun, InvertRun
from photodrag.pipeline.edit.depth import is_open, settled
from photodrag.pipeline.edit.invert_run import inversion_stages
from photodrag.pipeline.edit.start import first_start
from photodrag.pipeline.option_settings import with_inversion
from photodrag.pipeline.settings import DEFAULTS

PASTE = replace(DEFAULTS, composite=replace(DEFAULTS.composite, method="paste"))
LIGHT, DEEP = settled(DEFAULTS), settled(PASTE)


def test_a_composite_of_the_photos_own_pixels_needs_no_tuning():
    assert (LIGHT.project, LIGHT.tune, LIGHT.loss) == (QUICK.project, QUICK.tune, QUICK.loss)
    assert LIGHT.composite == DEFAULTS.composite


@pytest.mark.parametrize("method", ["paste", "poisson"])
def test_the_generators_own_face_needs_all_of_it(method):
    shown = replace(DEFAULTS, composite=replace(DEFAULTS.composite, method=method))
    assert settled(shown) == shown


@pytest.mark.parametrize(
    "chosen",
    [
        with_inversion(PASTE, "default"),
        with_inversion(PASTE, "quick"),
        replace(PASTE, tune=replace(PASTE.tune, steps=20)),
        replace(PASTE, loss=replace(PASTE.loss, resolution=128)),
        replace(PASTE, project=INSTANT.project),
    ],
)
def test_what_was_chosen_stays(chosen):
    assert not is_open(chosen)
    assert settled(chosen) == chosen


def test_a_seed_is_no_choice_of_a_depth():
    seeded = replace(DEFAULTS, project=replace(DEFAULTS.project, seed=4))
    assert is_open(seeded)
    assert settled(seeded).project == replace(QUICK.project, seed=4)
    assert settled(settled(seeded)) == settled(seeded)


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(str(tiny_checkpoint))


@pytest.fixture(scope="module")
def light_run(small_portrait, generator):
    """A finished inversion without tuning."""
    run = InvertRun(open_photo(small_portrait), LIGHT, generator=generator)
    list(run)
    return run


def test_one_that_is_not_deep_enough_is_made_anew(light_run, generator):
    start = first_start(light_run.photo, light_run.face, light_run.inversion)
    run = InvertRun(light_run.photo, DEEP, generator=generator, start=start)
    assert not run.cached
    assert run.stages == inversion_stages(DEEP)
    assert InvertRun(light_run.photo, LIGHT, generator=generator, start=start).cached


def test_latents_that_were_found_with_it_hold(light_run, generator):
    start = first_start(light_run.photo, light_run.face, light_run.inversion)
    start = replace(start, latent=light_run.inversion.latent)
    run = InvertRun(light_run.photo, DEEP, generator=generator, start=start)
    assert run.stages == (("tune", DEEP.tune.steps),)
    assert {step.stage for step in run} == {"tune"}
    assert run.inversion.tuned
    assert torch.equal(run.inversion.latent.w, light_run.inversion.latent.w)
    assert run.inversion.losses.perceptual < light_run.inversion.losses.perceptual


def test_a_chosen_depth_takes_what_is_at_hand(light_run, generator):
    start = first_start(light_run.photo, light_run.face, light_run.inversion)
    chosen = with_inversion(PASTE, "default")
    run = InvertRun(light_run.photo, settled(chosen), generator=generator, start=start)
    assert [step.stage for step in run] == ["cached"]
    assert run.inversion is light_run.inversion


def test_an_edit_says_what_it_tunes_for(light_run, generator):
    start = first_start(light_run.photo, light_run.face, light_run.inversion)
    start = replace(start, latent=light_run.inversion.latent)
    request = EditRequest(["mouth_left->-5%,-4%"], settings=PASTE)
    run = EditRun(light_run.photo, request, generator=generator, start=start)
    purposes = {step.stage: step.purpose for step in run}
    assert purposes["tune"] == "paste"
    assert purposes["composite"] is None
    assert run.result.inversion.tuned
