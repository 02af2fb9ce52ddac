from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.models import optical_flow

from photodrag.drag import DEFAULTS, DragPoint, DragRun
from photodrag.drag.tracking.raft import RAFT_FILES, Raft
from photodrag.errors import CheckpointError


@pytest.fixture
def weights_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def test_missing_weights_are_named_when_the_run_is_made(
    weights_folder, drag_generator, drag_latent
):
    points = [DragPoint((30, 30), (36, 27))]
    with pytest.raises(CheckpointError, match=r"raft_small.*pth") as caught:
        DragRun(drag_generator, drag_latent, points, replace(DEFAULTS, tracking="raft"))
    assert str(weights_folder) in str(caught.value)


def test_damaged_weights_are_refused(weights_folder):
    (weights_folder / RAFT_FILES["raft_small"]).write_bytes(b"not weights")
    raft = Raft(torch.device("cpu"))
    picture, places = np.zeros((256, 256, 3), np.uint8), np.zeros((1, 2), np.float32)
    with pytest.raises(CheckpointError, match=r"raft_small.*cannot be read"):
        raft.find(picture, picture, places, places)


def test_places_follow_the_network_s_flow(weights_folder):
    """With random weights: the flow means nothing, but must be read at the places."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = optical_flow.raft_small(weights=None)
    torch.save(network.state_dict(), weights_folder / RAFT_FILES["raft_small"])
    draw = np.random.default_rng(0)
    first, now = draw.integers(0, 256, (2, 128, 128, 3), np.uint8)
    places = np.array([[10, 20], [60, 100]], np.float32)
    found = Raft(torch.device("cpu")).find(first, now, places, places)
    inputs = (
        torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1 for picture in (first, now)
    )
    with torch.no_grad():
        flow = network.eval()(*inputs)[-1][0].numpy()
    expected = places + flow[:, [20, 100], [10, 60]].T
    np.testing.assert_allclose(found, expected, atol=1e-3)
