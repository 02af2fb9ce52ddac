"""Points found again in painted images."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest
import torch

from photodrag.drag.tracking.flow import PICTURE_SIZE, DenseInverseSearch, FlowTracker, LucasKanade

STARTS = np.array([[100, 120], [60.5, 80.25]], np.float32)
HANDLES = torch.tensor([[30.0, 20.0], [12.0, 40.0]])


def texture(move):
    """A smooth random picture, moved by (x, y) pixels."""
    draw = np.random.default_rng(0)
    grey = cv2.GaussianBlur(draw.uniform(0, 255, (256, 256)).astype(np.float32), (0, 0), 4)
    grey = cv2.normalize(grey, None, 0, 255, cv2.NORM_MINMAX)
    matrix = np.array([[1, 0, move[0]], [0, 1, move[1]]], np.float64)
    moved = cv2.warpAffine(grey, matrix, (256, 256), borderMode=cv2.BORDER_REFLECT)
    return np.repeat(np.clip(moved, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("kind", [LucasKanade, DenseInverseSearch])
@pytest.mark.parametrize("move", [(0, 0), (3.4, -2.2), (-7.0, 5.5)])
def test_moved_places_are_found(kind, move):
    flow, first = kind(), texture((0, 0))
    kept = STARTS.copy()
    halfway = flow.find(first, texture(np.array(move) / 2), STARTS, STARTS)
    found = flow.find(first, texture(move), STARTS, halfway)
    np.testing.assert_allclose(found, STARTS + np.array(move), atol=0.3)
    np.testing.assert_array_equal(STARTS, kept)


def test_lucas_kanade_says_what_it_lost():
    picture = texture((0, 0))
    places = np.array([[100, 100], [-80, 500]], np.float32)
    found = LucasKanade().find(picture, picture, places, places)
    np.testing.assert_array_equal(np.isnan(found), [[False, False], [True, True]])


@dataclass
class Moved:
    """A flow that answers what it is told, and remembers what it was asked."""

    answers: list
    asked: list = field(default_factory=list)

    def find(self, first, now, starts, guess):
        self.asked.append((first, now, starts, guess))
        return self.answers.pop(0)


@pytest.fixture
def track(make_task, make_view, small_settings, drag_latent):
    def run(*answers):
        flow = Moved([np.array(answer, np.float32) for answer in answers])
        tracker = FlowTracker(make_task(small_settings), flow)
        view = replace(make_view(), w=drag_latent.w)
        seen = [tracker.begin(view, HANDLES, HANDLES)]
        for _ in answers:
            seen.append(tracker.track(view, seen[-1], HANDLES))
        return tracker, flow, seen

    def run_quietly(*answers):
        with torch.no_grad():
            return run(*answers)

    return run_quietly


# The small generator's 64 px are shown four times as large.
IN_PICTURE = ((HANDLES + 0.5) * 4 - 0.5).numpy()
THERE = IN_PICTURE + np.array([[8, -4], [0, 2]])
FAR = IN_PICTURE + np.array([[300, 400], [0, 0]])


def test_places_go_to_the_picture_and_back(track):
    _, flow, seen = track(THERE, IN_PICTURE)
    first, now, starts, guess = flow.asked[1]
    assert first.shape == now.shape == (PICTURE_SIZE, PICTURE_SIZE, 3)
    assert first.dtype == np.uint8
    np.testing.assert_allclose(starts, IN_PICTURE)
    np.testing.assert_allclose(guess, THERE, atol=1e-4)
    torch.testing.assert_close(seen[1], HANDLES + torch.tensor([[2, -1], [0, 0.5]]))
    torch.testing.assert_close(seen[2], HANDLES)


def test_lost_point_stays(track):
    _, _, seen = track([[np.nan, np.nan], IN_PICTURE[1] + 4])
    torch.testing.assert_close(seen[1], HANDLES + torch.tensor([[0.0, 0.0], [1.0, 1.0]]))


def test_point_jumps_no_farther_than_the_search_radius(track):
    tracker, _, seen = track(FAR)
    jump = seen[1] - HANDLES
    most = 96 / 512 * 64
    torch.testing.assert_close(jump[0], torch.tensor([0.6, 0.8]) * most)
    assert tracker.move == pytest.approx(most / 2)


def test_what_is_painted_is_the_latent(track, drag_generator, drag_latent):
    _, flow, _ = track(IN_PICTURE)
    shown = torch.from_numpy(flow.asked[0][0]).permute(2, 0, 1)[None].float() / 127.5 - 1
    image = drag_generator.render(drag_latent).clamp(-1, 1)
    small = torch.nn.functional.avg_pool2d(shown, 4)
    assert (small - image).abs().mean() < 0.1 * image.std()
