"""Networks with given weights: the weights are looked at before any memory is taken for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


def filled(build: Callable[[], Network], tensors: Mapping[str, Tensor]) -> Network:
    """A network with these weights, each of which it must have, in its shape, and no other.

    RuntimeError where they do not fit. It is built in outline first: what a file says of its shape
    may be any size, its tensors are as large as the file.
    """
    with torch.device("meta"):
        outline = build()
    outline.load_state_dict({name: one.to("meta") for name, one in tensors.items()}, strict=True)
    network = build()
    network.load_state_dict(dict(tensors), strict=True)
    return network
