"""The one place that chooses a device; only the command line and the web page call it."""

from __future__ import annotations

import torch

from photodrag.errors import DeviceError

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str = "auto") -> torch.device:
    """A device by name, or DeviceError; "auto" takes CUDA where it is, else MPS, else the CPU."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, is_there in there.items() if is_there))
    if name not in there:
        raise DeviceError(f"the device is {name!r}; choose one of {', '.join(DEVICES)}")
    if not there[name]:
        raise DeviceError(f"the device {name} is not there; use --device auto or cpu")
    return torch.device(name)
