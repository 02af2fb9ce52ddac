"""Arrays inside frozen values cannot be written to."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])


def read_only(array: Array) -> Array:
    """The same numbers in an array that refuses writes; copied if the one given allows them."""
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def owned(array: NDArray[Any]) -> NDArray[Any]:
    """Like `read_only`, for an array that nobody else holds: frozen in place, contiguous."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
