"""What an inversion depends on, as one key: the same key, the same inversion.

Not the photo's file but what is made of it: the face's crop holds all that the inversion sees, so
metadata, or pixels far from the face, may change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from photodrag.alignment import FaceCrop, Photo
from photodrag.checkpoints import Generator, Latent

from ..settings import EditSettings

INVERSION_VERSION = 2
"""Raise it when projection, tuning or their losses change: older inversions are then not used."""
_LATER: Mapping[str, Mapping[str, Any]] = {
    "tune": {"full_every": 0, "pixel_weight": 1.0, "background": None}
}
"""Settings that older versions did not have, with the values that change nothing: these are left
out, so that what older versions kept goes on being used."""
FACES_VERSION = 1
"""Raise it when the finding of faces or landmarks changes."""
RENDERINGS_VERSION = 2
"""Raise it when paintings, or the finding of landmarks in them, change."""


def inversion_key(crop: FaceCrop, generator: Generator, settings: EditSettings) -> str:
    """SHA-256, in hexadecimal, of the crop, the generator on its kind of device, the settings."""
    stages = {name: _stage(settings, name) for name in ("loss", "project", "tune")}
    about = {
        "what": "inversion",
        "version": [INVERSION_VERSION, _release()],
        "generator": generator.fingerprint,
        "device": generator.device.type,
        "size": crop.size,
        "settings": stages,
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    if generator.heads is not None:  # what the losses are measured on
        for name, tensor in generator.heads.state_dict().items():
            digest.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    for array in (crop.to_crop(crop.face.landmarks), crop.pixels, crop.valid):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _stage(settings: EditSettings, name: str) -> dict[str, Any]:
    neutral = _LATER.get(name, {})
    values = asdict(getattr(settings, name))
    return {
        key: value for key, value in values.items() if key not in neutral or value != neutral[key]
    }


def faces_key(photo: Photo) -> str:
    """SHA-256, in hexadecimal, of the photo's pixels and what their numbers mean."""
    about = {
        "what": "faces",
        "version": [FACES_VERSION, _release()],
        "size": photo.size,
        "bits": photo.bit_depth,
        "grey": photo.grey,
        "profile": hashlib.sha256(photo.icc_profile or b"").hexdigest(),
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(photo.pixels).data)
    return digest.hexdigest()


def rendering_key(inversion: str, latent: Latent, kind: str) -> str:
    """SHA-256, in hexadecimal, of what a painting of an inversion, with its key, depends on.

    The latent is part of it: an inversion that is made again may differ in its last digits.
    """
    about = f"look {kind} {RENDERINGS_VERSION} {inversion}".encode()
    numbers = latent.w.detach().cpu().contiguous().numpy()
    return hashlib.sha256(about + numbers.tobytes()).hexdigest()


def _release() -> str:
    """A new release may do anything otherwise."""
    try:
        return version("photodrag")
    except PackageNotFoundError:  # run from a folder
        return ""
