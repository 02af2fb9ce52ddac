"""The frames between before and after."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.alignment import align
from photodrag.checkpoints import Latent
from photodrag.pipeline import continue_from
from photodrag.pipeline.results.film import FilmRun

SIZE = 64


@pytest.fixture(scope="module")
def way(quick_edit):
    return [step.latent for step in quick_edit[1] if step.stage == "drag"]


@pytest.fixture(scope="module")
def frames(result, way):
    return list(FilmRun(result, way, SIZE, 5))


def test_it_leads_from_the_photo_to_the_result(frames, result):
    assert len(frames) == 5
    assert {(one.shape, one.dtype) for one in frames} == {((SIZE, SIZE, 3), np.dtype(np.uint8))}
    for frame, photo in ((frames[0], result.source), (frames[-1], result.photo)):
        np.testing.assert_array_equal(frame, align(photo, result.start.face, SIZE).pixels)


def test_frames_between_go_from_one_to_the_other(frames):
    away = [int(np.abs(frame.astype(int) - frames[0]).sum()) for frame in frames]
    assert away[1] < away[3]
    assert away[2] > 0


def test_it_says_how_many_there_are(result, way):
    run = FilmRun(result, way, SIZE, 7)
    assert len(run) == len(list(run)) == 7


def test_an_edit_that_moved_nothing_is_still(result):
    still = replace(result, dragged=result.inversion.latent)
    first, *between, _ = FilmRun(still, [], SIZE, 4)
    assert len(between) == 2
    for frame in between:
        assert np.abs(frame.astype(int) - first).max() <= np.ptp(first)


def test_latents_lie_evenly_along_the_way(result):
    begin = result.inversion.latent
    there = Latent(begin.w + 1, begin.generator)
    back = Latent(begin.w + 3, begin.generator)
    run = FilmRun(replace(result, dragged=back), [there, back], SIZE, 7)
    moved = [float((latent.w - begin.w).mean()) for latent in run._between]
    assert moved == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.5], abs=1e-4)


def test_what_was_not_kept_of_the_way_is_left_out(result):
    begin = result.inversion.latent
    kept, beyond = (Latent(begin.w + number, begin.generator) for number in (1, 9))
    run = FilmRun(replace(result, dragged=kept), [kept, beyond], SIZE, 3)
    assert torch.allclose(run._between[0].w, begin.w + 0.5)


def test_a_next_edit_begins_where_the_last_one_ended(result, frames):
    start = continue_from(result)
    points = result.points
    after = replace(result, start=start, all_drags=(*result.all_drags, *points))
    first, *_ = FilmRun(after, [result.dragged], SIZE, 3)
    assert (first != frames[0]).any()
