"""How near an edited photo is to the truth: pixels, landmarks, the person, and sharpness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from photodrag.alignment import Photo, align, face_outline, identity_distance
from photodrag.inversion import PerceptualDistance

from .truth import MOUTH, TruthPair, found_again

FRAME = 512  # px: side of the aligned crops that are compared, as InstantDrag has it

Pixels = NDArray[np.uint8]
Weight = NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """How near a result is to the truth. Lengths in percent of the distance between the eyes.

    psnr, ssim and lpips are of the face; `identity` is dlib's distance to the truth,
    `identity_before` to the photo; `sharpness` is the variance of the Laplacian on the face, over
    the photo's; `outside` counts pixels that differ where none should; `changed` is the part of
    the photo that may differ.
    """

    landmarks: float
    mouth: float
    psnr: float
    ssim: float
    lpips: float
    identity: float
    identity_before: float
    sharpness: float
    outside: int
    changed: float


def score(
    pair: TruthPair,
    result: Photo,
    changed: NDArray[np.bool_],
    perceptual: PerceptualDistance,
) -> Score:
    """Compare a result with the truth; `changed` (H, W) says where it may differ from the photo."""
    face = found_again(result, pair.truth_landmarks)
    away = (
        np.linalg.norm(face.landmarks - pair.truth_landmarks, axis=1) * 100 / pair.face.eye_distance
    )
    pictures = (result.srgb(), pair.truth, pair.photo.srgb())
    crops = [align(Photo(pixels=picture), pair.face, FRAME).pixels for picture in pictures]
    mine, truth, _ = crops
    weight = _face_weight(pair)
    differs = (result.pixels != pair.photo.pixels).any(axis=2)
    return Score(
        landmarks=float(away.mean()),
        mouth=float(away[MOUTH].mean()),
        psnr=_psnr(mine, truth, weight),
        ssim=_ssim(mine, truth, weight),
        lpips=_lpips(mine, truth, weight, perceptual),
        identity=identity_distance(pictures[0], face.landmarks, pair.truth, pair.truth_landmarks),
        identity_before=identity_distance(
            pictures[0], face.landmarks, pictures[2], pair.face.landmarks
        ),
        sharpness=_sharpness(pair, pictures[0]) / _sharpness(pair, pictures[2]),
        outside=int((differs & ~changed).sum()),
        changed=float(changed.mean()),
    )


def _outline(pair: TruthPair) -> NDArray[np.float64]:
    """The outline of the face in both pictures together, (N, 2) in photo pixels."""
    both = [face_outline(landmarks) for landmarks in (pair.face.landmarks, pair.truth_landmarks)]
    hull = cv2.convexHull(np.concatenate(both).astype(np.float32))
    return np.asarray(hull[:, 0], np.float64)


def _face_weight(pair: TruthPair) -> Weight:
    """1 on the face, 0 elsewhere, (FRAME, FRAME)."""
    crop = align(pair.photo, pair.face, FRAME)
    weight = np.zeros((FRAME, FRAME), np.float32)
    outline = np.round(crop.to_crop(_outline(pair))).astype(np.int32)
    cv2.fillConvexPoly(weight, outline, 1.0)
    return weight


def _psnr(a: Pixels, b: Pixels, weight: Weight) -> float:
    error = np.square(a.astype(np.float64) - b).mean(axis=2)
    return float(10 * np.log10(255**2 / max(float((error * weight).sum() / weight.sum()), 1e-9)))


def _ssim(a: Pixels, b: Pixels, weight: Weight) -> float:
    """Wang et al. 2004, with their gaussian window."""
    _, each = structural_similarity(  # type: ignore[no-untyped-call]
        a,
        b,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return float((each.mean(axis=2) * weight).sum() / weight.sum())


def _lpips(a: Pixels, b: Pixels, weight: Weight, perceptual: PerceptualDistance) -> float:
    one, other, where = (
        torch.from_numpy(np.array(x, np.float32)).view(FRAME, FRAME, -1).permute(2, 0, 1)[None]
        for x in (a, b, weight)
    )
    with torch.no_grad():
        first, second = (perceptual.embed(image / 127.5 - 1) for image in (one, other))
        return float(perceptual.distance(first, second, where))


def _sharpness(pair: TruthPair, picture: Pixels) -> float:
    """Variance of the Laplacian on the face, at the photo's own resolution."""
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.round(_outline(pair)).astype(np.int32), 1)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F)[inside > 0].var())
