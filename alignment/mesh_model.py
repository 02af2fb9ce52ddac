"""The mesh's mean face in space, its triangles, and which points mirror each other.

It is MediaPipe's canonical face model (Apache-2.0, alignment/data/NOTICE.txt).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from .photos.arrays import read_only
from .shipped import shipped_bytes

_FILE = "face-mesh-model.safetensors"


@cache
def mean_mesh() -> NDArray[np.float64]:
    """(468, 3), read-only, in cm about the middle of the head: right, down, towards the viewer."""
    return read_only(load(shipped_bytes(_FILE))["points"].astype(np.float64))


@cache
def mesh_triangles() -> NDArray[np.int64]:
    """(898, 3), read-only: each triangle's points, counter-clockwise to who sees its front."""
    return read_only(load(shipped_bytes(_FILE))["triangles"].astype(np.int64))


@cache
def mirrored_points() -> NDArray[np.int64]:
    """(468,), read-only: the number of each point's mirror image; its own on the middle line."""
    points = mean_mesh()
    gaps = np.linalg.norm(points[:, None] * (-1, 1, 1) - points[None], axis=2)
    return read_only(gaps.argmin(axis=1))
