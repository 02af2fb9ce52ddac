"""Adam (Kingma and Ba 2015, arXiv 1412.6980) of one tensor.

PyTorch's own arithmetic with its own defaults, by way of its function: making an object of its
class loads PyTorch's compiler, over a second of imports before the first step.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Moves `value`, a leaf that wants its gradient, one step at a time.

    `learning_rate` may be set anew between steps.
    """

    def __init__(
        self, value: Tensor, learning_rate: float, betas: tuple[float, float] = (0.9, 0.999)
    ):
        self.value, self.learning_rate, self.betas = value, learning_rate, betas
        self._mean = torch.zeros_like(value, requires_grad=False)
        self._square = torch.zeros_like(value, requires_grad=False)
        self._steps = torch.zeros(())

    def step(self) -> None:
        """Move by the gradient that is there, and forget it."""
        assert self.value.grad is not None
        with torch.no_grad():
            adam(
                [self.value],
                [self.value.grad],
                [self._mean],
                [self._square],
                [],
                [self._steps],
                foreach=False,
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=self.learning_rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
        self.value.grad = None
