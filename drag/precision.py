"""How exactly the feature map is computed: faster arithmetic, where the result allows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch


@contextmanager
def computing(precision: str, device: torch.device) -> Iterator[None]:
    """What is computed inside, and its gradient if that is, too, with a precision of the settings.

    PyTorch keeps whether CUDA's convolutions round to TF32 for the whole process; it is put back at
    the end.
    """
    if device.type != "cuda":
        with _narrow(precision, device):
            yield
        return
    usual = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = precision != "float32"
    try:
        with _narrow(precision, device):
            yield
    finally:
        torch.backends.cudnn.allow_tf32 = usual


def _narrow(precision: str, device: torch.device) -> AbstractContextManager[object]:
    if precision != "bfloat16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)
