import subprocess
import sys

import torch

from photodrag.adam import Adam


def test_steps_are_those_of_pytorch():
    start = torch.randn(6, 8, generator=torch.Generator().manual_seed(0))
    goal = torch.linspace(-1, 1, 48).reshape(6, 8)
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    adam, reference = Adam(ours, 0.02), torch.optim.Adam([theirs], lr=0.02)
    for _ in range(30):
        (ours - goal).pow(4).sum().backward()
        adam.step()
        reference.zero_grad()
        (theirs - goal).pow(4).sum().backward()
        reference.step()
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-7)
    assert ours.grad is None
    assert not torch.equal(ours, start)


def test_no_compiler_is_loaded():
    code = (
        "import sys, torch\n"
        "from photodrag.adam import Adam\n"
        "value = torch.ones(3, requires_grad=True)\n"
        "adam = Adam(value, 0.1)\n"
        "value.sum().backward()\n"
        "adam.step()\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
