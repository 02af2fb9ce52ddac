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
    """An ONNX or TensorFlow Lite network with named outputs; any thread may run it."""

    def __init__(self, name: str) -> None:
        data = np.frombuffer(shipped_bytes(name), np.uint8)
        self._knows_all_outputs = name.endswith(".onnx")
        read = cv2.dnn.readNetFromONNX if self._knows_all_outputs else cv2.dnn.readNetFromTFLite
        self._net = read(data)
        self._lock = Lock()

    def run(self, batch: NDArray[np.float32], *outputs: str) -> list[NDArray[np.float32]]:
        """Outputs, (N, ...) each, of a batch (N, channels, height, width)."""
        with self._lock:
            self._net.setInput(batch)
            if self._knows_all_outputs:
                found = self._net.forward(outputs)
            else:  # OpenCV 5 takes only one of a TensorFlow Lite network's outputs for one
                found = [self._net.forward(name) for name in outputs]
            return [np.array(one, np.float32) for one in found]


@cache
def mesh_network() -> Network:
    """RGB squares (N, 3, 192, 192), 0..1 => MESH_POINTS and MESH_LOGIT."""
    return Network("face-mesh.tflite")


MESH_POINTS, MESH_LOGIT = "conv2d_21", "conv2d_31"
"""(N, 1404, 1, 1), 468 times x, y, z in pixels of the square; and how sure, (N, 1, 1, 1)."""


@cache
def yunet_network() -> Network:
    """BGR pictures (1, 3, H, W), 0..255, sides multiples of 32 => `YUNET_OUTPUTS`."""
    return Network("yunet.onnx")


YUNET_STRIDES = (8, 16, 32)
YUNET_OUTPUTS = tuple(
    f"{kind}_{stride}" for stride in YUNET_STRIDES for kind in ("cls", "obj", "bbox", "kps")
)
"""For each stride (1, cells, 1) twice, (1, cells, 4) and (1, cells, 10)."""


@cache
def blazeface_network() -> Network:
    """RGB squares (N, 3, 192, 192), -1..1 => BLAZEFACE_PLACES and BLAZEFACE_LOGITS."""
    return Network("blazeface.tflite")


BLAZEFACE_PLACES, BLAZEFACE_LOGITS = "reshaped_regressor_face_4", "reshaped_classifier_face_4"
"""(N, 2304, 16): box and six points of 48x48 cells; and (N, 2304, 1)."""
