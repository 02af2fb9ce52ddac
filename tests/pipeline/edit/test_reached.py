import pytest

from photodrag.drag import DragPoint
from photodrag.pipeline.edit.reached import has_arrived

EYES = 200.0


@pytest.mark.parametrize(
    ("gap", "adjusted", "arrived"),
    [(1.9, 0, True), (2.1, 0, False), (2.1, 1, True), (5.9, 1, True), (6.1, 1, False)],
)
def test_near_enough_is_a_part_of_the_eye_distance(gap, adjusted, arrived):
    points = [DragPoint((0, 0), (10, 0)), DragPoint((0, 50), (10, 50))]
    reached = [(10.0, 1.0), (10.0, 50 + gap)]
    assert has_arrived(points, reached, EYES, adjusted) is arrived
