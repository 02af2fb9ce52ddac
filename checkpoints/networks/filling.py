"""Networks with given weights: the weights are looked at before any memory is taken for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Network = TypeVar("Network", bound=nn.Module)
_SMALL = 65_536  # numbers of a tensor that are made even so: some are computed with
_MAKERS = (torch.randn, torch.zeros, torch.ones, torch.empty)
_SCALINGS = ("__truediv__", "div", "true_divide", "__mul__", "mul")


def filled(build: Callable[[], Network], tensors: Mapping[str, Tensor]) -> Network:
    """A network with these weights, each of which it must have, in its shape, and no other.

    RuntimeError where they do not fit. It is built in outline first: what a file says of its shape
    may be any size, its tensors are as large as the file.
    """
    with _Outline():
        shapes = {name: tuple(one.shape) for name, one in build().state_dict().items()}
    _check(shapes, {name: tuple(one.shape) for name, one in tensors.items()})
    network = build()
    network.load_state_dict(dict(tensors), strict=True)
    return network


def _check(needed: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]) -> None:
    missing = [name for name in needed if name not in found]
    foreign = [name for name in found if name not in needed]
    if missing or foreign:
        kind, names = ("lack", missing) if missing else ("have beside it", foreign)
        raise RuntimeError(f"they {kind} {', '.join(names[:3])}")
    for name, shape in needed.items():
        if found[name] != shape:
            raise RuntimeError(f"{name} has the shape {found[name]}, not {shape}")


class _Outline(TorchFunctionMode):
    """Inside it a large new tensor is one number, shown in that shape; scaling it is left out.

    PyTorch's own device for this, "meta", imports SymPy and much else: a second at each start.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _MAKERS:
            size = args[0] if len(args) == 1 and isinstance(args[0], tuple | list) else args
            return _shown(tuple(size))
        if func is torch.full:
            return _shown(tuple(args[0]))
        if getattr(func, "__name__", "") in _SCALINGS and _is_shown(args[0]):
            return args[0]
        return func(*args, **kwargs)


def _shown(size: tuple[int, ...]) -> Tensor:
    number = torch.zeros((1,) * len(size))
    shown = number.expand(size)
    return shown if shown.numel() > _SMALL else shown.clone()


def _is_shown(tensor: Any) -> bool:
    return isinstance(tensor, Tensor) and tensor.numel() > _SMALL and 0 in tensor.stride()
