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


def test_a_number_beyond_those_there_are_is_refused(monkeypatch):
    pretend(monkeypatch, cuda=True, mps=False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(DeviceError, match="cuda:2 is not there"):
        choose_device("cuda:2")
    with pytest.raises(DeviceError, match="'cuda:x'"):
        choose_device("cuda:x")


def test_a_device_is_taken_as_it_is():
    assert choose_device(torch.device("cpu")) == torch.device("cpu")
    assert choose_device(torch.device("meta")).type == "meta"


def test_unknown_name_is_refused_with_the_names():
    with pytest.raises(DeviceError, match=r"'tpu'.*auto, cpu, cuda, mps"):
        choose_device("tpu")
