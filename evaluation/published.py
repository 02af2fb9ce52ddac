"""What others published, beside what is measured here. Their faces and machines are others.

DragGAN: Pan et al. 2023, arXiv 2305.10973, its tables of face landmarks and of paired images, and
the ablation of its tracking. UserControllableLT: Endo 2022, as the former measured it.
"""

from __future__ import annotations

from typing import Any

LANDMARK_COUNTS = (1, 5, 68)


def _landmark_rows(
    method: str, distances: tuple[float, float, float], fid: float | None, seconds: float | None
) -> list[dict[str, Any]]:
    return [
        {
            "method": f"{method} (published)",
            "faces": "FFHQ, 1,000 pairs",
            "points": count,
            "distance": distance,
            "fid": fid,
            "seconds": seconds,
        }
        for count, distance in zip(LANDMARK_COUNTS, distances, strict=True)
    ]


LANDMARKS: tuple[dict[str, Any], ...] = (
    *_landmark_rows("no edit", (12.93, 11.66, 16.02), None, None),
    *_landmark_rows("UserControllableLT", (11.64, 10.41, 10.15), 25.32, 0.03),
    *_landmark_rows("DragGAN, tracking by RAFT", (13.43, 13.59, 15.92), 51.37, 15.4),
    *_landmark_rows("DragGAN, tracking by PIPs", (2.98, 4.83, 5.30), 31.87, 6.6),
    *_landmark_rows("DragGAN", (2.44, 3.18, 4.73), 9.28, 2.0),
)


def _paired_row(method: str, images: str, mse: float, lpips: float) -> dict[str, Any]:
    return {"method": f"{method} (published)", "images": images, "mse": mse, "lpips": lpips}


PAIRED: tuple[dict[str, Any], ...] = (
    _paired_row("UserControllableLT", "lion", 1.82, 1.14),
    _paired_row("DragGAN", "lion", 0.66, 0.72),
    _paired_row("UserControllableLT", "cat", 1.25, 0.87),
    _paired_row("DragGAN", "cat", 1.04, 0.82),
    _paired_row("UserControllableLT", "dog", 1.23, 0.92),
    _paired_row("DragGAN", "dog", 0.48, 0.44),
    _paired_row("UserControllableLT", "car", 1.98, 0.85),
    _paired_row("DragGAN", "car", 1.67, 0.74),
)
