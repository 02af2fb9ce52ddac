"""The convolutional trunks of perceptual distances, built from the weights at hand.

ST-LPIPS (Ghildyal and Liu 2022, arXiv 2207.13686) makes AlexNet and VGG16 tolerant of small
shifts: every stride becomes a stride of 1 and a blurred, reflection-padded subsampling.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Of each tapped stage: what happens in order. "conv" takes the next weights of the file.
_ALEX_STAGES = (
    (("conv", 2), "blur", "relu"),
    (("max", 3), "blur", ("conv", 2), "relu"),
    (("max", 3), "blur", ("conv", 1), "relu"),
    (("conv", 1), "relu"),
    (("conv", 1), "relu"),
)
_VGG_STAGES = (
    (("conv", 1), "relu") * 2,
    (("max", 2), "blur", *(("conv", 1), "relu") * 2),
    (("max", 2), "blur", *(("conv", 1), "relu") * 3),
    (("max", 2), "blur", *(("conv", 1), "relu") * 3),
    (("max", 2), "blur", *(("conv", 1), "relu") * 3),
)
SHIFT_TOLERANT_STAGES = {"alex": _ALEX_STAGES, "vgg": _VGG_STAGES}


class BlurredSubsampling(nn.Module):
    """Reflection padding by 2, the kernel (1, 2, 1), every second pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H // 2 + 1, W // 2 + 1)."""
        row = x.new_tensor([0.25, 0.5, 0.25])
        kernel = torch.outer(row, row).expand(x.shape[1], 1, 3, 3)
        padded = F.pad(x, (2, 2, 2, 2), mode="reflect")
        return F.conv2d(padded, kernel, stride=2, groups=x.shape[1])


class Trunk(nn.Module):
    """A stack of stages; gives the output of each."""

    def __init__(self, stages: list[nn.Sequential]):
        super().__init__()
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Normalised RGB (N, 3, H, W) -> the features of each stage, (N, C, h, w)."""
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


def shift_tolerant_trunk(kind: str, tensors: Mapping[str, Tensor]) -> Trunk:
    """The ST-LPIPS trunk "alex" or "vgg" with the weights of a `stlpips` file.

    Raises KeyError or ValueError where the file does not fit.
    """
    names = [
        name.removesuffix(".weight")
        for name in tensors
        if name.startswith("net.") and name.endswith(".weight")
    ]
    waiting = iter(names)
    stages: list[nn.Sequential] = []
    for steps in SHIFT_TOLERANT_STAGES[kind]:
        modules: list[nn.Module] = []
        for step in steps:
            if step == "relu":
                modules.append(nn.ReLU())
            elif step == "blur":
                modules.append(BlurredSubsampling())
            elif step[0] == "max":
                modules.append(nn.MaxPool2d(int(step[1]), stride=1))
            else:
                name = next(waiting, None)
                if name is None:
                    raise ValueError("the file holds fewer convolutions than the network")
                weight = tensors[f"{name}.weight"]
                modules.append(_convolution(weight, tensors[f"{name}.bias"], int(step[1])))
        stages.append(nn.Sequential(*modules))
    if next(waiting, None) is not None:
        raise ValueError("the file holds more convolutions than the network")
    return Trunk(stages)


def _convolution(weight: Tensor, bias: Tensor, padding: int) -> nn.Conv2d:
    outputs, inputs, size, _ = weight.shape
    convolution = nn.Conv2d(inputs, outputs, size, padding=padding)
    with torch.no_grad():
        convolution.weight.copy_(weight)
        convolution.bias.copy_(bias) if convolution.bias is not None else None
    return convolution
