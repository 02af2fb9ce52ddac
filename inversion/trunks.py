"""The convolutional trunks of perceptual distances, built from the weights at hand.

ST-LPIPS (Ghildyal and Liu 2022, arXiv 2207.13686) makes AlexNet and VGG16 tolerant of small
shifts: every stride becomes a stride of 1 and a blurred, reflection-padded subsampling.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Of each tapped stage: what happens in order. "conv" takes the next weights of the file, and so
# does "blurred", which is "conv" and "blur" in one.
_ALEX_STAGES = (
    (("blurred", 2), "relu"),
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


class BlurredConvolution(nn.Module):
    """A convolution and its blurred subsampling as one convolution of a quarter of the places.

    The two are linear, so that their kernels can be merged, except where the blur reflects the
    convolution's border. There the first row (column) repeats the second, and the last one has a
    kernel of its own where the convolution has an even number of them, else it repeats, too.
    Pixels are gathered two by two first: with 3 channels a convolution's gradient is slow.
    """

    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, padding: int):
        super().__init__()
        self.padding, self.reach = padding, weight.shape[-1]
        inner, last = [0.25, 0.5, 0.25], [0.5, 0.5]
        for rows, vertical in (("inner", inner), ("last", last)):
            for columns, horizontal in (("inner", inner), ("last", last)):
                kernel = _merged(weight, vertical, horizontal)
                self.register_buffer(f"{rows}_{columns}", kernel)
        self.register_buffer("bias", bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, O, h, w): the same as the convolution, then the subsampling."""
        height, width = (n + 2 * self.padding - self.reach + 1 for n in x.shape[-2:])
        right, below = (self.padding + n % 2 for n in (x.shape[-1], x.shape[-2]))
        x = F.pixel_unshuffle(F.pad(x, (self.padding, right, self.padding, below)), 2)
        rows = [self._row(x, "inner", width)]
        if height % 2 == 0:
            last = self.get_buffer("last_inner").shape[-2]
            rows.append(self._row(x[..., -last:, :], "last", width))
        return _repeat_ends(rows, -2)

    def _row(self, x: Tensor, rows: str, width: int) -> Tensor:
        parts = [F.conv2d(x, self.get_buffer(f"{rows}_inner"), self.bias)]
        if width % 2 == 0:
            last = self.get_buffer(f"{rows}_last")
            parts.append(F.conv2d(x[..., -last.shape[-1] :], last, self.bias))
        return _repeat_ends(parts, -1)


def _merged(weight: Tensor, vertical: list[float], horizontal: list[float]) -> Tensor:
    """The kernel (O, 4I, k, l) of a convolution and a blur, for pixels gathered two by two."""
    outputs, inputs, size, _ = weight.shape
    blur = torch.outer(weight.new_tensor(vertical), weight.new_tensor(horizontal))
    flat = weight.detach().reshape(-1, 1, size, size)
    height, width = len(vertical) - 1, len(horizontal) - 1
    merged = F.conv2d(F.pad(flat, (width, width, height, height)), blur[None, None])
    merged = F.pad(merged, (0, merged.shape[-1] % 2, 0, merged.shape[-2] % 2))
    shape = (outputs, inputs, *merged.shape[-2:])
    return F.pixel_unshuffle(merged.reshape(shape), 2).contiguous(memory_format=torch.channels_last)


def _repeat_ends(parts: list[Tensor], axis: int) -> Tensor:
    """The inner part with its first line repeated, and the last part or its last line again."""
    inner = parts[0]
    last = parts[1] if len(parts) > 1 else inner.narrow(axis, inner.shape[axis] - 1, 1)
    return torch.cat([inner.narrow(axis, 0, 1), inner, last], dim=axis)


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
                make = BlurredConvolution if step[0] == "blurred" else _convolution
                modules.append(make(weight, tensors[f"{name}.bias"], int(step[1])))
        stages.append(nn.Sequential(*modules))
    if next(waiting, None) is not None:
        raise ValueError("the file holds more convolutions than the network")
    # On a CPU channels-last is faster by a third.
    return Trunk(stages).to(memory_format=torch.channels_last)


def _convolution(weight: Tensor, bias: Tensor, padding: int) -> nn.Conv2d:
    outputs, inputs, size, _ = weight.shape
    convolution = nn.Conv2d(inputs, outputs, size, padding=padding)
    with torch.no_grad():
        convolution.weight.copy_(weight)
        convolution.bias.copy_(bias) if convolution.bias is not None else None
    return convolution
