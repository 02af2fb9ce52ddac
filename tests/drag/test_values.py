import pytest

from photodrag.drag import DragPoint
from photodrag.errors import PointError


def test_handle_equal_to_target_is_refused():
    with pytest.raises(PointError, match=r"\(3, 4\)"):
        DragPoint((3, 4), (3.0, 4.0))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_place_that_is_not_finite_is_refused(bad):
    with pytest.raises(PointError, match=f"the handle is .*{bad}"):
        DragPoint((bad, 4), (3, 4))
    with pytest.raises(PointError, match=f"the target is .*{bad}"):
        DragPoint((1, 4), (3, bad))


def test_places_become_floats():
    point = DragPoint((1, 2), (3, 4))
    assert point == DragPoint((1.0, 2.0), (3.0, 4.0))
    assert all(isinstance(v, float) for v in (*point.handle, *point.target))
