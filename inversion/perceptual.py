"""Perceptual distance of two images, LPIPS (Zhang et al. 2018, arXiv 1801.03924).

The default, ST-LPIPS (Ghildyal and Liu 2022, arXiv 2207.13686), carries whole networks in a PyPI
package, so nothing is downloaded from a hub. LPIPS itself is used where its trunk is at hand.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photodrag.device import choose_device
from photodrag.errors import PerceptualWeightsError, SettingsError

from .settings import DEFAULTS
from .trunks import shift_tolerant_trunk

_PACKAGE = "stlpips_pytorch"
_FILES = {"st-alex": "alex_shift_tolerant.pth", "st-vgg": "vgg_shift_tolerant.pth"}
_LPIPS_NETS = {"lpips-alex": "alex", "lpips-vgg": "vgg", "lpips-squeeze": "squeeze"}
PERCEPTUAL_NETWORKS = (*_FILES, *_LPIPS_NETS)
# Mean and spread of ImageNet in -1..1, as LPIPS was calibrated.
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_TINY = 1e-10


class PerceptualDistance(nn.Module):
    """A trunk and one weight per channel of each of its stages.

    Unlike `lpips`, the target's features are computed once, places may be weighted, and the
    gradient is finite where all features are zero.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, trunk: nn.Module, heads: Sequence[Tensor]):
        super().__init__()
        self.trunk = trunk
        self.heads = nn.ParameterList(nn.Parameter(head.reshape(-1)) for head in heads)
        self.register_buffer("shift", torch.tensor(_SHIFT)[:, None, None])
        self.register_buffer("scale", torch.tensor(_SCALE)[:, None, None])
        self.eval().requires_grad_(False)

    def embed(self, image: Tensor) -> list[Tensor]:
        """Unit-length features of an image (N, 3, H, W) in -1..1, one map per stage."""
        stages = self.trunk((image - self.shift) / self.scale)
        return [x * (x.square().sum(dim=1, keepdim=True) + _TINY).rsqrt() for x in stages]

    def distance(
        self, a: Sequence[Tensor], b: Sequence[Tensor], weight: Tensor | None = None
    ) -> Tensor:
        """Distance of two embeddings, a scalar; `weight` (1, 1, H, W) says where it counts."""
        total = a[0].new_zeros(())
        for x, y, head in zip(a, b, self.heads, strict=True):
            difference = F.conv2d((x - y).square(), head[None, :, None, None])
            if weight is None:
                total = total + difference.mean()
            else:
                here = F.interpolate(weight, difference.shape[-2:], mode="area")
                total = total + (difference * here).sum() / (here.sum() * len(difference))
        return total

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Distance of two images (N, 3, H, W) in -1..1, a scalar."""
        return self.distance(self.embed(a), self.embed(b))


def load_perceptual(
    name: str = DEFAULTS.loss.perceptual, device: str | torch.device = "auto"
) -> PerceptualDistance:
    """A perceptual distance by name: st-alex, st-vgg, lpips-alex, lpips-vgg or lpips-squeeze.

    Raises SettingsError for another name, PerceptualWeightsError where the weights are missing.
    """
    if name in _FILES:
        return _load_shift_tolerant(name).to(choose_device(device))
    if name in _LPIPS_NETS:
        return _load_lpips(_LPIPS_NETS[name]).to(choose_device(device))
    raise SettingsError(
        f"the perceptual distance is {name!r}; choose one of {', '.join(PERCEPTUAL_NETWORKS)}"
    )


def _load_shift_tolerant(name: str) -> PerceptualDistance:
    path = _weights_folder() / _FILES[name]
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        trunk = shift_tolerant_trunk(name.removeprefix("st-"), tensors)
        heads = [tensors[f"lin{i}.model.1.weight"] for i in range(len(trunk.stages))]
    except (OSError, EOFError, LookupError, ValueError, RuntimeError, UnpicklingError) as error:
        raise PerceptualWeightsError(
            f"the weights of {name} cannot be read from {path}: {error}; "
            "install stlpips-pytorch again"
        ) from error
    return PerceptualDistance(trunk, heads)


def _weights_folder() -> Path:
    # The package is located, not imported: it would import IPython.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PerceptualWeightsError(
            "the package stlpips-pytorch is not installed; run `pip install stlpips-pytorch`"
        )
    return Path(spec.submodule_search_locations[0]) / "weights" / "vST0.0"


def _load_lpips(net: str) -> PerceptualDistance:
    import lpips  # noqa: PLC0415 (here, because it imports all of torchvision)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torchvision's words on lpips' old arguments
            network = lpips.LPIPS(net=net, verbose=False)
    except OSError as error:  # URLError is one
        raise PerceptualWeightsError(
            f"the ImageNet weights of lpips-{net} are not here and could not be downloaded: "
            f"{error}; use st-alex or st-vgg, which need no download"
        ) from error
    heads = [lin.model[-1].weight for lin in network.lins]
    return PerceptualDistance(_LpipsTrunk(network.net), heads)


class _LpipsTrunk(nn.Module):
    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> list[Tensor]:
        return list(self.net(x))
