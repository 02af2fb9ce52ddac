"""FreeDrag's line search on features that move as they are told."""

from dataclasses import replace

import pytest
import torch

from photodrag.drag import DragPoint, DragRun
from photodrag.drag.methods.free import FreeSupervision, LineSearch, _renewal

HANDLE = torch.tensor([[30.0, 30.0]])
TARGET = torch.tensor([[42.0, 30.0]])
# The part of the way that one search covers, in pixels of the map and of the image.
PART = 3 / 512 * 32
PART_OF_IMAGE = 2 * PART


@pytest.fixture
def search(make_task, make_view, small_settings):
    found = LineSearch(make_task(replace(small_settings, method="free")))
    found.begin(make_view(), HANDLE, TARGET)
    return found


def follow(search, make_view, moves):
    """Positions after each view of features moved right by so much."""
    places, seen = HANDLE, []
    for move in moves:
        places = search.track(make_view((move, 0.0)), places, TARGET)
        seen.append(places)
    return seen


def test_what_followed_is_confirmed_at_once(search, make_view):
    (place,) = follow(search, make_view, [PART])
    torch.testing.assert_close(place, HANDLE + torch.tensor([[PART_OF_IMAGE, 0.0]]))


def test_what_follows_all_the_way_arrives_and_stays(search, make_view):
    moves = [PART * i for i in range(1, 33)] + [6.0] * 3  # 6 map pixels are the whole way
    seen = follow(search, make_view, moves)
    steps = torch.cat(seen).diff(dim=0)
    assert (steps[:, 0] <= PART_OF_IMAGE + 1e-4).all()
    assert (steps[:, 1] == 0).all()
    torch.testing.assert_close(seen[-1], TARGET)
    torch.testing.assert_close(seen[-2], TARGET)


def test_what_does_not_follow_is_never_confirmed(search, make_view):
    seen = follow(search, make_view, [-3.0] * 40)
    torch.testing.assert_close(torch.cat(seen), HANDLE.expand(40, 2))


def test_a_part_of_the_way_takes_five_steps_at_most(search, make_view):
    before = search.templates
    follow(search, make_view, [-2.0] * 4)
    assert search.templates is before  # not done with
    follow(search, make_view, [-2.0])
    assert search.templates is not before


def test_what_went_the_wrong_way_is_asked_for_behind(search, make_view):
    wanted = search._wanted.clone()
    follow(search, make_view, [-1.0] * 5)
    assert (search._wanted < wanted).all()
    assert (search._wanted >= 0).all()


def test_templates_are_renewed_the_more_the_better_they_match():
    weights = _renewal(torch.tensor([0.2, 0.8, 0.0, 3.0]))
    torch.testing.assert_close(weights[:2], torch.tensor([0.5, 0.1]))
    assert 0.5 < weights[2] < 1
    assert 0 < weights[3] < 0.01


def test_each_handle_goes_on_or_stays_by_itself(make_task, make_view, small_settings):
    search = LineSearch(make_task(replace(small_settings, method="free")))
    handles = torch.tensor([[30.0, 30.0], [20.0, 40.0]])
    targets = torch.tensor([[42.0, 30.0], [8.0, 40.0]])
    places = search.begin(make_view(count=2), handles, targets)
    for i in range(10):  # the first follows, the second goes the other way
        places = search.track(make_view((PART * (1 + i // 5), 0.0), count=2), places, targets)
    assert places[0, 0] > handles[0, 0]
    torch.testing.assert_close(places[1], handles[1])


def test_loss_is_lowest_where_the_template_is_wanted(make_task, make_view, small_settings):
    task = make_task(replace(small_settings, method="free"))
    search = LineSearch(task)
    supervision = FreeSupervision(task, search)
    search.begin(make_view(), HANDLE, TARGET)
    supervision.begin(make_view(), HANDLE)
    losses = [
        float(supervision.loss(replace(make_view((move, 0.0)), whole=None), HANDLE, TARGET))
        for move in (0.0, PART / 2, PART)
    ]
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 1e-2 * losses[0] + 0.05


def test_positions_stay_on_the_line(drag_generator, drag_latent, small_settings):
    settings = replace(
        small_settings, method="free", max_steps=60, feature_resolution=32, learning_rate=0.01
    )
    steps = list(DragRun(drag_generator, drag_latent, [DragPoint((30, 30), (36, 27))], settings))
    for step in steps:
        x, y = step.positions[0]
        assert (y - 30) == pytest.approx(-(x - 30) / 2, abs=1e-3)
    assert steps[-1].distance < steps[0].distance - PART_OF_IMAGE
