"""A painted face with its landmarks as bytes."""

from __future__ import annotations

import numpy as np
import safetensors
import safetensors.numpy

from photodrag.errors import LatentError

from .guide import Look

_IMAGE, _MARKS = "image", "marks"


def encode_look(look: Look) -> bytes:
    """Safetensors, uncompressed: reading must cost nothing."""
    arrays = {_IMAGE: look.image, _MARKS: look.marks}
    # safetensors takes the bytes as they lie
    return safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in arrays.items()})


def decode_look(content: bytes) -> Look:
    """What `encode_look` made; LatentError for anything else."""
    try:
        arrays = safetensors.numpy.load(content)
        image, marks = arrays[_IMAGE], arrays[_MARKS]
    except (safetensors.SafetensorError, LookupError, ValueError) as error:
        raise LatentError(f"the kept painting cannot be read: {error}") from error
    is_square = image.ndim == 3 and image.shape == (len(image), len(image), 3)
    if (
        not is_square
        or image.dtype != np.uint8
        or marks.dtype != np.float64
        or marks.shape != (68, 2)
    ):
        raise LatentError(
            f"the kept painting is {image.dtype} {image.shape} with {marks.dtype} {marks.shape}"
        )
    return Look(image, marks)
