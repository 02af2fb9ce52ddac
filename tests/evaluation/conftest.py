"""Pairs made of one photo: what an edit should have become is known."""

from dataclasses import replace

import pytest

from evaluation.truth import TruthPair
from photodrag.alignment import find_faces, open_photo


@pytest.fixture(scope="module")
def still(small_portrait):
    """A pair whose truth is the photo itself."""
    photo = open_photo(small_portrait)
    face = find_faces(photo)[0]
    return TruthPair("still", photo, face, photo.srgb(), face.landmarks.copy())


@pytest.fixture(scope="module")
def smile(still):
    """Corners of the mouth out and up, by 5 % of the eye distance."""
    targets = still.face.landmarks.copy()
    way = 0.05 * still.face.eye_distance
    targets[[48, 60]] += (-way, -way)
    targets[[54, 64]] += (way, -way)
    return replace(still, targets=targets)
