import pytest
import torch

from photodrag.device import choose_device
from photodrag.errors import DeviceError


def pretend(monkeypatch, *, cuda, mps):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_fastest_there_is(monkeypatch, cuda, mps, chosen):
    pretend(monkeypatch, cuda=cuda, mps=mps)
    assert choose_device("auto") == choose_device() == torch.device(chosen)


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_device_that_is_not_there_is_refused(monkeypatch, name):
    pretend(monkeypatch, cuda=False, mps=False)
    with pytest.raises(DeviceError, match=f"{name} is not there"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cpu", "cuda", "mps"])
def test_device_that_is_there_is_taken(monkeypatch, name):
    pretend(monkeypatch, cuda=True, mps=True)
    assert choose_device(name) == torch.device(name)


def test_unknown_name_is_refused_with_the_names():
    with pytest.raises(DeviceError, match=r"'tpu'.*auto, cpu, cuda, mps"):
        choose_device("tpu")
