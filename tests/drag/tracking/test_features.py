from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.drag.tracking.features import NoTracker, PatchTracker, VectorTracker

HANDLES = torch.tensor([[30.5, 28.25], [20.0, 40.0]])  # px of the image, twice those of the map
TARGETS = torch.tensor([[40.5, 28.25], [20.0, 41.0]])


@pytest.mark.parametrize("move", [(0.0, 0.0), (3.0, -2.0), (1.3, 2.8), (-4.6, 0.4)])
def test_patches_are_found_to_a_part_of_a_pixel(make_task, make_view, small_settings, move):
    tracker = PatchTracker(make_task(small_settings))
    start = tracker.begin(make_view(count=2), HANDLES, TARGETS)
    torch.testing.assert_close(start, HANDLES)
    found = tracker.track(make_view(move, count=2), start, TARGETS)
    np.testing.assert_allclose(found, HANDLES + 2 * torch.tensor(move), atol=0.25)


@pytest.mark.parametrize("move", [(0.0, 0.0), (3.0, -2.0), (-4.5, 0.5)])
def test_vectors_are_found_at_whole_pixels(make_task, make_view, small_settings, move):
    tracker = VectorTracker(make_task(small_settings))
    start = tracker.begin(make_view(count=2), HANDLES, TARGETS)
    torch.testing.assert_close(start, HANDLES.round())
    found = tracker.track(make_view(move, count=2), start, TARGETS)
    torch.testing.assert_close(found, HANDLES.round() + 2 * torch.tensor(move))


@pytest.mark.parametrize("kind", [PatchTracker, VectorTracker])
def test_no_point_moves_farther_than_is_searched(make_task, make_view, small_settings, kind):
    tracker = kind(make_task(replace(small_settings, search_radius=32)))
    start = tracker.begin(make_view(count=2), HANDLES, TARGETS)
    found = tracker.track(make_view((7.0, -5.0), count=2), start, TARGETS)
    assert (found - start).abs().max() <= 2 * tracker.move


def test_reckoning_goes_straight_on_and_stops_at_the_target(make_task, make_view, small_settings):
    task = make_task(replace(small_settings, patience=7))
    tracker = NoTracker(task)
    places = tracker.begin(make_view(count=2), HANDLES, TARGETS)
    seen = [places]
    for _ in range(200):
        places = tracker.track(make_view((9.0, 9.0), count=2), places, TARGETS)
        seen.append(places)
    pace = 64 / 512
    torch.testing.assert_close(seen[8], HANDLES + 8 * pace * torch.tensor([[1.0, 0], [0, 1]]))
    torch.testing.assert_close(seen[9][1], TARGETS[1])
    torch.testing.assert_close(places, TARGETS)
    assert tracker.settle == 7
