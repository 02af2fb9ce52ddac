"""The whole feature map, forward and backward, by `torch.compile`: on CUDA as CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor

from photodrag.checkpoints import Generator
from photodrag.errors import SettingsError


class CompiledMap:
    """A generator's feature map at a resolution, with the gradient, compiled.

    The first call waits for the compiler. PyTorch keeps what it made: it serves every generator of
    the same shape, since weights are handed to it, and holds none of them. `w` (num_ws, w_dim) is
    any latent.
    """

    def __init__(
        self,
        generator: Generator,
        resolution: int,
        w: Tensor,
        backend: str | Callable[..., Any] = "inductor",
    ):
        self._generator, self._resolution = generator, resolution
        self._graphs = generator.device.type == "cuda"
        self._features = torch.compile(
            _features,
            fullgraph=True,
            dynamic=False,
            backend=backend,
            mode="reduce-overhead" if self._graphs else None,
        )
        with torch.no_grad():  # the layers then have at hand what follows from their weights alone
            generator.features_w(w, resolution)

    def __call__(self, moving: Tensor, rest: Tensor) -> Tensor:
        """The map (1, C, R, R) of W+, given as its first rows and the others, (n, w_dim) each.

        The gradient flows to `moving` alone, a leaf; to none where gradients are off.
        """
        # One graph for all: without a gradient it would be another, to be compiled, too.
        leaf = moving if moving.requires_grad else moving.detach().clone().requires_grad_()
        if self._graphs:
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
        try:
            with torch.enable_grad():
                whole = self._features(self._generator, leaf, rest, self._resolution)
        except torch._dynamo.exc.TorchDynamoException as error:
            reason = " ".join(str(error).partition("\n\n")[0].split())
            raise SettingsError(
                f"the drag cannot be compiled here ({reason}); install a C++ compiler that "
                "PyTorch finds, or leave out compiled (--compile)"
            ) from error
        if self._graphs:
            whole = whole.clone()  # the graph writes its next result into the same memory
        return whole if torch.is_grad_enabled() and leaf is moving else whole.detach()


def _features(generator: Generator, moving: Tensor, rest: Tensor, resolution: int) -> Tensor:
    return generator.features_w(torch.cat([moving, rest]), resolution)


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
