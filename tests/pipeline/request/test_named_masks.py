"""Masks by name."""

import numpy as np
import pytest

from photodrag.alignment import Face
from photodrag.errors import MaskError
from photodrag.pipeline.request.mask_names import MASKS, is_mask_name
from photodrag.pipeline.request.masks import (
    choose_mask,
    encode_mask,
    face_mask,
    mask_file,
    named_mask,
)

SIZE = (512, 480)
OWN = {
    "face": slice(0, 68),
    "mouth": slice(48, 68),
    "eyes": slice(36, 48),
    "brows": slice(17, 27),
    "nose": slice(27, 36),
    "hair_kept": slice(17, 68),
}


@pytest.fixture
def face(face_marks):
    return Face(1, (100.0, 100.0, 400.0, 420.0), face_marks, 1.0)


def at(mask, positions):
    x, y = np.round(positions).astype(int).T
    return mask[y, x]


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_holds_its_landmarks(name, face):
    mask = named_mask(name, face, SIZE)
    assert mask.shape == (480, 512)
    assert mask.dtype == np.bool_
    assert at(mask, face.landmarks[OWN[name]]).all()
    assert not mask[0].any()
    with pytest.raises(ValueError, match="read-only"):
        mask[0, 0] = True


def test_parts_do_not_reach_into_each_other(face):
    landmarks = face.landmarks
    assert not at(named_mask("mouth", face, SIZE), landmarks[36:48]).any()
    assert not at(named_mask("eyes", face, SIZE), landmarks[48:68]).any()
    assert not at(named_mask("brows", face, SIZE), landmarks[36:68]).any()
    assert not at(named_mask("nose", face, SIZE), landmarks[48:68]).any()


def test_the_forehead_is_of_the_face_and_hair_is_kept_out(face):
    whole, kept = (named_mask(name, face, SIZE) for name in ("face", "hair_kept"))
    assert whole[kept].all()
    assert np.flatnonzero(whole.any(axis=1))[0] < np.flatnonzero(kept.any(axis=1))[0] - 20


def test_names_are_joined(face):
    mouth, eyes = (named_mask(name, face, SIZE) for name in ("mouth", "eyes"))
    np.testing.assert_array_equal(named_mask("mouth+eyes", face, SIZE), mouth | eyes)
    np.testing.assert_array_equal(named_mask("eyes+mouth", face, SIZE), mouth | eyes)


def test_masks_grow_with_the_face(face):
    large = Face(1, face.box, face.landmarks * 2 + 0.5, 1.0)
    small_area = named_mask("mouth", face, SIZE).sum()
    assert named_mask("mouth", large, (1024, 960)).sum() == pytest.approx(4 * small_area, rel=0.05)


def test_unknown_names_and_faces_off_the_photo_are_refused(face):
    with pytest.raises(MaskError, match="'mout'; did you mean 'mouth'"):
        named_mask("eyes+mout", face, SIZE)
    with pytest.raises(MaskError, match="known are face, mouth"):
        named_mask("elbow", face, SIZE)
    away = Face(1, face.box, face.landmarks + 2000, 1.0)
    with pytest.raises(MaskError, match="outside the photo"):
        named_mask("mouth", away, SIZE)


def test_names_and_files_are_told_apart(tmp_path, face):
    assert is_mask_name("mouth+hair_kept")
    assert not is_mask_name("mouth.png")
    assert mask_file("mouth+eyes") is None
    assert mask_file(None) is None
    file = tmp_path / "mouth.png"
    file.write_bytes(encode_mask(named_mask("mouth", face, SIZE)))
    assert mask_file(str(file)) == file
    assert choose_mask("mouth", SIZE) == "mouth"
    assert choose_mask(None, SIZE) is None
    read = choose_mask(str(file), SIZE)
    np.testing.assert_array_equal(read, named_mask("mouth", face, SIZE))
    with pytest.raises(MaskError, match="'moth'"):
        choose_mask("moth", SIZE)


def test_a_mask_that_is_given_stays(face):
    own = np.ones((480, 512), np.bool_)
    assert face_mask(own, face, SIZE) is own
    assert face_mask(None, face, SIZE) is None
    np.testing.assert_array_equal(face_mask("nose", face, SIZE), named_mask("nose", face, SIZE))
