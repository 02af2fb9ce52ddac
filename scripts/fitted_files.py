"""The files that come with photodrag, as its readers want them: written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from photodrag.checkpoints import loading
from photodrag.checkpoints.fitted_files import FittedFiles
from photodrag.checkpoints.networks.heads import RenderingHeads
from photodrag.inversion import encoder as encoders
from photodrag.inversion.encoder import Encoder
from photodrag.pipeline.composite import expression_light
from photodrag.pipeline.composite.expression_light import ExpressionLight
from photodrag.pipeline.guide import landmark_statistics
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics


def save_heads(
    path: str | Path, heads: RenderingHeads, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write heads in half precision for the generator with a fingerprint."""
    shape = {"resolutions": heads.resolutions}
    _save_network(path, loading.FILES, heads, fingerprint, shape, notes)


def save_encoder(
    path: str | Path, encoder: Encoder, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write an encoder in half precision for the generator with a fingerprint."""
    shape = {
        "outputs": encoder.output.out_features,
        "narrow": encoder.reduce.out_channels,
        "hidden": encoder.hidden.out_features,
    }
    _save_network(path, encoders.FILES, encoder, fingerprint, shape, notes)


def save_statistics(
    path: str | Path, statistics: LandmarkStatistics, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write landmark statistics in half precision for the generator with a fingerprint."""
    shape = {"w_dim": statistics.cross.shape[1]}
    _save_network(path, landmark_statistics.FILES, statistics, fingerprint, shape, notes)


def save_light(path: Path, light: ExpressionLight, notes: Mapping[str, str]) -> None:
    """Write the light of expressions in half precision."""
    arrays = {
        key: np.asarray(getattr(light, name), np.float16)
        for key, name in expression_light.KEYS.items()
    }
    expression_light.FORMAT.write(path, arrays, {"notes": dict(notes)})


def _save_network(
    path: str | Path,
    files: FittedFiles,
    network: nn.Module,
    fingerprint: str,
    shape: Mapping[str, Any],
    notes: Mapping[str, str],
) -> None:
    note = {"fingerprint": fingerprint, **shape, "notes": dict(notes)}
    tensors = {name: tensor.half() for name, tensor in network.state_dict().items()}
    files.format.write(Path(path), tensors, note)
