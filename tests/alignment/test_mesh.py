from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, Photo
from photodrag.alignment.face_parts import EYE_CORNERS, MIRRORED, MOUTH_LEFT, MOUTH_RIGHT, NOSE_BASE
from photodrag.alignment.mesh import FaceMesh, fit_mesh
from photodrag.alignment.mesh_model import mirrored_points
from photodrag.alignment.mesh_parts import (
    CHIN,
    EYE_INNER_LEFT,
    EYE_INNER_RIGHT,
    EYE_LEFT,
    EYE_OUTER_LEFT,
    EYE_OUTER_RIGHT,
    EYE_RIGHT,
    FACE_OVAL,
    FOREHEAD_TOP,
    MESH_COUNT,
    NOSE_TIP,
)
from photodrag.alignment.mesh_parts import MOUTH_LEFT as MESH_MOUTH_LEFT
from photodrag.alignment.mesh_parts import MOUTH_RIGHT as MESH_MOUTH_RIGHT
from photodrag.alignment.mesh_parts import NOSE_BASE as MESH_NOSE_BASE
from photodrag.alignment.resampling import map_points
from photodrag.errors import LandmarkError


@pytest.fixture(scope="module")
def mesh(portrait, face):
    return fit_mesh(portrait, face)


def test_the_mesh_lies_on_the_face(mesh, face):
    """Where dlib has the same places, the two agree."""
    assert mesh.points.shape == (MESH_COUNT, 3)
    assert not mesh.points.flags.writeable
    assert mesh.score > 0.99
    ours = [EYE_OUTER_LEFT, EYE_INNER_LEFT, EYE_INNER_RIGHT, EYE_OUTER_RIGHT]
    ours += [MESH_MOUTH_LEFT, MESH_MOUTH_RIGHT, MESH_NOSE_BASE]
    dlibs = [*EYE_CORNERS, MOUTH_LEFT, MOUTH_RIGHT, NOSE_BASE]
    errors = np.hypot(*(mesh.points[ours, :2] - face.landmarks[dlibs]).T)
    assert errors.max() < 0.15 * face.eye_distance
    irises = mesh.points[[*EYE_LEFT], :2].mean(axis=0), mesh.points[[*EYE_RIGHT], :2].mean(axis=0)
    assert np.hypot(*(irises[0] - face.eye_left)) < 0.05 * face.eye_distance
    assert np.hypot(*(irises[1] - face.eye_right)) < 0.05 * face.eye_distance


def test_depth_is_larger_towards_the_viewer(mesh, face):
    """In pixels: a nose stands out of the oval by about as much as the eyes are apart."""
    depth = mesh.points[:, 2]
    assert depth.argmax() in (NOSE_TIP, 4)
    out = depth[NOSE_TIP] - depth[[*FACE_OVAL]].mean()
    assert 0.5 * face.eye_distance < out < 2 * face.eye_distance
    assert depth[FOREHEAD_TOP] > depth[127]
    assert depth[CHIN] > depth[127]


def test_the_mesh_follows_the_photo(portrait, face, mesh):
    """Scaled, turned and shifted: to 0.3 % of the eye distance, as measured to 0.05 %."""
    transform = cv2.getRotationMatrix2D((1024, 1024), 12.0, 0.41)
    transform[:, 2] -= 560.3, 480.7
    blurred = cv2.GaussianBlur(portrait.pixels, (0, 0), 1.1)
    moved = cv2.warpAffine(blurred, transform, (900, 1000), flags=cv2.INTER_CUBIC)
    there = Face(1, face.box, map_points(transform, face.landmarks), 1.0)
    found = fit_mesh(Photo(moved), there)
    errors = found.points[:, :2] - map_points(transform, mesh.points[:, :2])
    assert np.sqrt((errors**2).sum(axis=1).mean()) < 0.003 * there.eye_distance
    depth = found.points[:, 2] - 0.41 * mesh.points[:, 2]
    assert np.ptp(depth) < 0.05 * there.eye_distance


def test_a_rough_face_gives_the_same_mesh(portrait, face, mesh):
    moved = Face(1, face.box, face.landmarks * 1.03 - 40, 1.0)
    found = fit_mesh(portrait, moved)
    assert np.abs(found.points - mesh.points).max() < 0.01 * face.eye_distance


def test_the_mirrored_photo_has_the_mirrored_mesh(portrait, face, mesh):
    mirrored = Photo(np.ascontiguousarray(portrait.pixels[:, ::-1]))
    width = portrait.width - 1
    landmarks = (face.landmarks * (-1, 1) + (width, 0))[[*MIRRORED]]
    found = fit_mesh(mirrored, Face(1, face.box, landmarks, 1.0))
    back = found.points[mirrored_points()] * (-1, 1, 1) + (width, 0, 0)
    errors = np.hypot(*(back - mesh.points)[:, :2].T)
    assert np.sqrt((errors**2).mean()) < 0.02 * face.eye_distance


def test_where_no_face_is_the_score_is_low(face):
    noise = np.random.default_rng(3).integers(0, 256, (2048, 2048, 3), np.uint8)
    assert fit_mesh(Photo(noise), face).score < 0.5


def test_threads_get_what_one_gets(portrait, face, mesh):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fit_mesh(portrait, face), range(8)))
    assert all((one.points == mesh.points).all() for one in found)


@pytest.mark.parametrize("points", [np.zeros((68, 2)), np.full((468, 3), np.nan)])
def test_broken_meshes_are_refused(points):
    with pytest.raises(LandmarkError, match="mesh"):
        FaceMesh(points, 1.0)
