"""The networks that travel with the package, run by OpenCV.

alignment/data/NOTICE.txt says where they come from. Each is loaded when it is first used, and once.
OpenCV's networks cannot be used by two threads at a time: a lock lets one in after the other.
"""

from __future__ import annotations

from functools import cache
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from .shipped import shipped_bytes


class Network:
    """A TensorFlow Lite network with named outputs; any thread may run it."""

    def __init__(self, name: str) -> None:
        data = np.frombuffer(shipped_bytes(name), np.uint8)
        self._net = cv2.dnn.readNetFromTFLite(data)
        self._lock = Lock()

    def run(self, batch: NDArray[np.float32], output: str) -> NDArray[np.float32]:
        """One output, (N, ...), of a batch (N, channels, height, width)."""
        with self._lock:
            self._net.setInput(batch)
            return np.array(self._net.forward(output), np.float32)


@cache
def mesh_network() -> Network:
    """RGB squares (N, 3, 192, 192), 0..1 => MESH_POINTS, (N, 1404, 1, 1), and MESH_LOGIT."""
    return Network("face-mesh.tflite")


MESH_POINTS, MESH_LOGIT = "conv2d_21", "conv2d_31"
"""468 times x, y, z in pixels of the square; and how sure it is, (N, 1, 1, 1)."""
