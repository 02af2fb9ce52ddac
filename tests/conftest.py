"""The example portrait, whole and small, and tiny random generators."""

import atexit
import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.overrides import TorchFunctionMode

from photodrag.alignment import Face, FaceCrop
from photodrag.checkpoints import (
    Generator,
    GeneratorConfig,
    StyleGAN2Config,
    build_generator,
    save_checkpoint,
)
from photodrag.checkpoints.cache import checkpoint_folder


class Waits(TorchFunctionMode):
    """Notes what a run on the CPU asks of tensors; tensors without data answer the same.

    Tensors on PyTorch's "meta" device are on no device that the code knows, and have no numbers:
    to mix them with others raises an error, and so does to ask for a number in any other way. So
    they stand in for those on a GPU, where every question makes the host wait.
    """

    def __init__(self):
        super().__init__()
        self.answers, self.count = [], 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        asked = func in (torch.Tensor.tolist, torch.Tensor.__bool__)
        if asked and args[0].is_meta:
            self.count += 1
            return self.answers.pop(0)
        answer = func(*args, **(kwargs or {}))
        if asked:
            self.answers.append(answer)
        return answer


# Who uses these fixtures, itself or by another one, gets the mark.
MARKS = {
    "quick_settings": "edits",
    "tiny_checkpoint": "edits",
    "inverted_generator": "edits",
    "finished": "edits",
    "browser": "browser",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks that nobody need remember, for `scripts/check --quick`."""
    for item in items:
        for fixture in MARKS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKS[fixture])


PORTRAIT = Path(__file__).resolve().parents[1] / "examples" / "portrait.jpg"


@pytest.fixture(scope="session", autouse=True)
def interrupts_count() -> None:
    """Also where a shell began the tests in the background, and had them ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def portrait_path() -> Path:
    return PORTRAIT


@pytest.fixture(scope="session")
def small_portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example portrait, 384 pixels a side; not to be written to."""
    path = tmp_path_factory.mktemp("photos") / "small.png"
    with Image.open(PORTRAIT) as image:
        image.resize((384, 384), Image.Resampling.LANCZOS).save(path)
    path.chmod(0o444)
    return path


@pytest.fixture
def waits() -> Waits:
    """To be entered twice: for a run on the CPU, then for the same without data."""
    return Waits()


@pytest.fixture(scope="session")
def without_data() -> Callable[[Generator], Generator]:
    """A generator without data, and with its statistics, which are measured once."""

    def make(generator: Generator) -> Generator:
        there, statistics = generator.to(torch.device("meta")), generator.w_statistics
        moved = {
            name: value.to("meta") if isinstance(value, torch.Tensor) else value
            for name, value in vars(statistics).items()
        }
        there.__dict__["w_statistics"] = type(statistics)(**moved)
        return there

    return make


@pytest.fixture(scope="session")
def make_generator() -> Callable[..., Generator]:
    """Random weights, the same in every run; noise of some strength, so that it counts."""

    def make(config: GeneratorConfig, seed: int = 0) -> Generator:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            generator = build_generator("tiny", config)
            for name, tensor in generator.synthesis.state_dict().items():
                if name.endswith(("noise_strength", "noise", "bias")):
                    tensor.add_(0.1 * torch.randn(tensor.shape))
        return generator

    return make


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A StyleGAN2 of 256 pixels with few channels and random weights."""
    config = StyleGAN2Config(
        resolution=256, z_dim=16, w_dim=16, mapping_layers=2, channel_base=1024, channel_max=16
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = build_generator("tiny", config)
    tensors = {
        f"{prefix}.{name}": tensor
        for prefix, module in (("mapping", generator.mapping), ("synthesis", generator.synthesis))
        for name, tensor in module.state_dict().items()
    }
    path = tmp_path_factory.mktemp("checkpoints") / "tiny.safetensors"
    save_checkpoint(path, config, tensors, {"source": "the tests"})
    return path


@pytest.fixture(autouse=True)
def usual_garbage_collection() -> Iterator[None]:
    """What a command says for its process (`load_at_once`) ends with the test."""
    usual = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)
    atexit.unregister(gc.unfreeze)


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Copies of the user's checkpoints where there are some: no test can reach the user's own."""
    place = tmp_path_factory.mktemp("fetched")
    user = checkpoint_folder()
    return [
        Path(shutil.copy2(file, place))
        for file in (user.iterdir() if user.is_dir() else ())
        if file.suffix in (".safetensors", ".digest")
    ]


@pytest.fixture(autouse=True)
def own_cache(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, fetched: list[Path]
) -> Path:
    """Every test has a cache of its own, with the user's checkpoints where there are some."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "checkpoints").mkdir()
    for file in fetched:
        os.link(file, cache / "checkpoints" / file.name)
    monkeypatch.setenv("PHOTODRAG_CACHE", str(cache))
    monkeypatch.delenv("PHOTODRAG_CACHE_SIZE", raising=False)
    return cache


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and an index that pip cannot reach: for this process and its children."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("PHOTODRAG_CACHE", str(cache))
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    return cache


@pytest.fixture
def face_marks() -> NDArray[np.float64]:
    """68 landmarks of an upright face with a closed mouth, in a picture of 512 pixels."""
    angle = np.linspace(np.pi, 0, 17)
    jaw = np.column_stack([256 + 130 * np.cos(angle), 240 + 160 * np.sin(angle)])
    brows = [(256 + side * (20 + 18 * i), 190 - 3 * i) for side in (-1, 1) for i in range(5)]
    nose = [(256, 220 + 22 * i) for i in range(4)] + [(236 + 10 * i, 300) for i in range(5)]
    ring = np.linspace(0, 2 * np.pi, 7)[:-1]
    eyes = [(x + 18 * np.cos(a), 225 + 6 * np.sin(a)) for x in (196, 316) for a in ring]
    rim = np.linspace(-np.pi, np.pi, 13)[:-1]
    lips = [(256 + 45 * np.cos(a), 350 + 15 * np.sin(a)) for a in rim]
    upper = [(226 + 15 * i, 350.0) for i in range(5)]
    lower = [(271 - 15 * i, 352.0) for i in range(3)]
    return np.array([*jaw, *brows, *nose, *eyes, *lips, *upper, *lower], np.float64)


@pytest.fixture
def crop_of() -> Callable[[NDArray[np.float64]], FaceCrop]:
    """A black picture of 512 pixels as the square of a face with landmarks (68, 2)."""

    def make(landmarks: NDArray[np.float64]) -> FaceCrop:
        still, pixels = np.eye(2, 3), np.zeros((512, 512, 3), np.uint8)
        face = Face(1, (0.0, 0.0, 1.0, 1.0), landmarks, 1.0)
        return FaceCrop(pixels, face, still, still, np.ones((512, 512), np.bool_))

    return make
