"""The one place that chooses a device. Importing it loads no PyTorch; choosing does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import DeviceError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(device: str | torch.device = "auto") -> torch.device:
    """A device by name, such as "cuda" or "cuda:1", or as it is; DeviceError if it is not there.

    "auto" takes CUDA where it is, else MPS, else the CPU.
    """
    import torch  # noqa: PLC0415

    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    name = str(device)
    if name == "auto":
        return torch.device(next(one for one, is_there in there.items() if is_there))
    kind, _, number = name.partition(":")
    if isinstance(device, torch.device) and kind not in there:
        return device  # one of PyTorch's others, which its program knows
    if kind not in there or (number and not number.isdecimal()):
        raise DeviceError(f"the device is {name!r}; choose one of {', '.join(DEVICES)}")
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if not there[kind] or (number and int(number) >= count):
        raise DeviceError(f"the device {name} is not there; use auto or cpu (--device)")
    return torch.device(name)
