"""Frames of the face on its way."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from photodrag.alignment import align, find_faces, open_photo
from photodrag.checkpoints import Latent, load_generator
from photodrag.drag import DragPoint
from photodrag.pipeline.edit.values import EditStep
from photodrag.pipeline.guide.painted_face import RenderedFace
from photodrag.pipeline.settings import DEFAULTS
from photodrag.pipeline.studio.live import live_composite as live_module
from photodrag.pipeline.studio.live.live_composite import Live, Scene
from photodrag.pipeline.studio.live.preview import shrink

SHIFT = 4  # pixels of the generator's image


@pytest.fixture(scope="module")
def photo(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def face(photo):
    return find_faces(photo)[0]


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(str(tiny_checkpoint))


@pytest.fixture
def renderings(photo, face):
    """The face as a perfect generator would paint it, and with the mouth pushed to the right."""
    crop = align(photo, face, 256)
    landmarks = crop.to_crop(face.landmarks)
    mouth = np.zeros((256, 256), np.float32)
    cv2.fillConvexPoly(mouth, cv2.convexHull(np.round(landmarks[48:]).astype(np.int32)), 1.0)
    wide = cv2.GaussianBlur(cv2.dilate(mouth, np.ones((15, 15))), (0, 0), 6)
    x, y = np.meshgrid(np.arange(256, dtype=np.float32), np.arange(256, dtype=np.float32))
    pushed = cv2.remap(crop.pixels, x - SHIFT * wide, y, cv2.INTER_CUBIC)
    moved = landmarks.copy()
    moved[48:, 0] += SHIFT
    return RenderedFace(crop.pixels, landmarks), RenderedFace(pushed, moved)


@pytest.fixture
def make_live(photo, face, generator):
    def make(**values):
        points = (DragPoint(tuple(face.landmarks[48]), tuple(face.landmarks[48] + 5)),)
        preview = shrink(photo, 300)
        scene = Scene(preview, photo.size, face, face, points, DEFAULTS.composite, **values)
        return Live(scene, lambda: generator)

    return make


START, MOVED = (Latent(torch.full((2, 4), float(value)), "tiny") for value in (0, 1))


@pytest.fixture
def step(face):
    def make(rendering, index=1, latent=MOVED):
        x, y = face.landmarks[48]
        positions = ((x + SHIFT * 0.9, y),)
        return EditStep(
            "guide", index, 5, latent, distance=1.0, positions=positions, rendering=rendering
        )

    return make


def framed(live, one, first):
    """What the page is told of a step."""
    return live.cut(live.sight(one, first, START))


def decoded(frame):
    return cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_a_frame_lies_where_the_photo_changes(make_live, renderings, face, step):
    frame = framed(make_live(), step(renderings[1]), renderings[0])
    left, top, right, bottom = frame.box
    x, y = face.landmarks[48:].mean(axis=0)
    assert left < x < right
    assert top < y < bottom
    assert right - left < 300
    part = decoded(frame)
    ratio = 384 / 300
    assert part.shape[1] * ratio == pytest.approx(right - left)
    assert part.shape[0] * ratio == pytest.approx(bottom - top)


def test_a_frame_moves_the_photos_own_pixels(make_live, renderings, photo, face, step):
    """As the composite will: the mouth is found again where it was pushed."""
    frame = framed(make_live(), step(renderings[1]), renderings[0])
    part = decoded(frame)
    left, top = (round(edge * 300 / 384) for edge in frame.box[:2])
    x, y = np.round((face.landmarks[48:].mean(axis=0) + 0.5) * 300 / 384).astype(int)
    before = shrink(photo, 300)[y - 8 : y + 8, x - 14 : x + 14]
    found = cv2.matchTemplate(part, np.ascontiguousarray(before), cv2.TM_CCOEFF_NORMED)
    (_, best, _, place) = cv2.minMaxLoc(found)
    crop = align(photo, face, 256)
    pushed = SHIFT * float(np.hypot(*crop.inverse[:, 0])) * 300 / 384
    assert best > 0.9
    assert place[0] + left + 14 - x == pytest.approx(pushed, abs=1.5)
    assert place[1] + top + 8 - y == pytest.approx(0, abs=1.5)


def test_no_change_is_no_frame(make_live, renderings, face, step):
    stays = replace(step(renderings[0]), positions=(tuple(face.landmarks[48]),))
    assert make_live().sight(stays, renderings[0], START) is None
    assert make_live().sight(step(renderings[1], latent=START), renderings[0], START) is None


def test_a_frame_covers_what_the_page_shows_otherwise(make_live, renderings, photo, step):
    shown = shrink(photo, 300).copy()
    shown[10:20, 30:60] = 0
    frame = framed(make_live(displayed=shown), step(renderings[1]), renderings[0])
    left, top, right, _ = frame.box
    assert left <= 30 * 384 / 300
    assert top <= 10 * 384 / 300
    assert right > 60 * 384 / 300


def test_a_mask_bounds_frames(make_live, renderings, photo, face, step):
    mask = np.zeros(photo.pixels.shape[:2], bool)
    x, y = np.round(face.landmarks[48]).astype(int)
    mask[y - 10 : y + 10, x - 10 : x + 10] = True
    left, top, right, bottom = framed(make_live(mask=mask), step(renderings[1]), renderings[0]).box
    assert x - 13 < left < right < x + 13
    assert y - 13 < top < bottom < y + 13


def test_painting_takes_a_third_of_the_time(make_live, renderings, monkeypatch, step):
    """The first comes at once; with steps as long as a frame every third or so has one."""
    now = [0.0]

    class Clock:
        monotonic = staticmethod(lambda: now[0])

    monkeypatch.setattr(live_module, "time", Clock)
    live = make_live()
    made = []

    def make(*given):
        now[0] += 0.1
        made.append(now[0])

    monkeypatch.setattr(live, "_make", make)
    for index in range(60):
        now[0] += 0.1
        live.sight(step(renderings[1], index + 1), renderings[0], START)
    assert made[0] == pytest.approx(0.2)
    assert 0.25 < 0.1 * len(made) / now[0] <= 0.36


def test_without_a_guide_the_faces_are_painted(make_live, generator):
    start = generator.mean_latent()
    moved = Latent(start.w + 0.5, start.generator)
    one = EditStep("drag", 1, 5, latent=moved, distance=1.0, positions=((200.0, 240.0),))
    assert make_live().sight(one, None, start) is not None
