"""The checkpoints photodrag knows by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from photodrag.errors import UnknownCheckpointError
from photodrag.suggestions import suggestion

SourceKind = Literal["package", "pickle"]


@dataclass(frozen=True)
class CheckpointSpec:
    """A published checkpoint: what it paints, where it is, and under which terms."""

    name: str
    kind: str
    """The network: "stylegan2" or "mobilestylegan"."""
    domain: str
    resolution: int
    source: str
    """An https address, or a requirement "package==version" of the Python package index."""
    source_kind: SourceKind
    licence: str
    licence_note: str
    homepage: str
    sha256: str | None = None
    """Of the file at the source, where it is known; else the first download's is kept to."""


@dataclass(frozen=True)
class _Publisher:
    folder: str
    homepage: str
    licence: str


@dataclass(frozen=True)
class _Dataset:
    domain: str
    terms: str


_ADA = _Publisher(
    "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/",
    "https://github.com/NVlabs/stylegan2-ada-pytorch",
    "NVIDIA Source Code License",
)
_NGC = _Publisher(
    "https://api.ngc.nvidia.com/v2/models/nvidia/research/stylegan2/versions/1/files/",
    "https://catalog.ngc.nvidia.com/orgs/nvidia/teams/research/models/stylegan2",
    "NVIDIA Source Code License",
)
_TENSORFLOW = _Publisher(
    "https://nvlabs-fi-cdn.nvidia.com/stylegan2/networks/",
    "https://github.com/NVlabs/stylegan2",
    "NVIDIA Source Code License-NC",
)
_FFHQ = _Dataset("human faces", "FFHQ (CC BY-NC-SA 4.0)")
_CELEBA = _Dataset("human faces", "CelebA-HQ (CC BY-NC 4.0)")
_METFACES = _Dataset("painted faces", "MetFaces (CC BY-NC 2.0)")
_CATS = _Dataset("cat faces", "AFHQ (CC BY-NC 4.0)")
_DOGS = _Dataset("dog faces", "AFHQ (CC BY-NC 4.0)")
_WILD = _Dataset("wild animals' faces", "AFHQ (CC BY-NC 4.0)")
_ANIMALS = _Dataset("animal faces", "AFHQv2 (CC BY-NC 4.0)")


def _lsun(domain: str) -> _Dataset:
    return _Dataset(domain, "LSUN (no licence stated)")


def _pickle(
    name: str, dataset: _Dataset, resolution: int, publisher: _Publisher, file: str
) -> CheckpointSpec:
    return CheckpointSpec(
        name=name,
        kind="stylegan2",
        domain=dataset.domain,
        resolution=resolution,
        source=publisher.folder + file,
        source_kind="pickle",
        licence=publisher.licence,
        licence_note=f"research and evaluation only, not commercial; trained on {dataset.terms}",
        homepage=publisher.homepage,
    )


_SPECS = (
    CheckpointSpec(
        name="ffhq-mobile",
        kind="mobilestylegan",
        domain="human faces",
        resolution=1024,
        source="random-face==2021.7.21.1",
        source_kind="package",
        sha256="e5d10e2be7df63f06123855ec591ca35dcb1d059eba47ddcb175d7d26b4019b5",
        licence="Apache-2.0",
        licence_note="so says the package; it was distilled from NVIDIA's StyleGAN2, whose weights "
        "are not for commercial use, and neither is its training set FFHQ (CC BY-NC-SA 4.0)",
        homepage="https://github.com/bes-dev/MobileStyleGAN.pytorch",
    ),
    _pickle("ffhq", _FFHQ, 1024, _ADA, "ffhq.pkl"),
    _pickle("ffhq-512", _FFHQ, 512, _NGC, "stylegan2-ffhq-512x512.pkl"),
    _pickle("ffhq-256", _FFHQ, 256, _NGC, "stylegan2-ffhq-256x256.pkl"),
    _pickle("celebahq-256", _CELEBA, 256, _NGC, "stylegan2-celebahq-256x256.pkl"),
    _pickle("metfaces", _METFACES, 1024, _ADA, "metfaces.pkl"),
    _pickle("afhqcat", _CATS, 512, _ADA, "afhqcat.pkl"),
    _pickle("afhqdog", _DOGS, 512, _ADA, "afhqdog.pkl"),
    _pickle("afhqwild", _WILD, 512, _ADA, "afhqwild.pkl"),
    _pickle("afhqv2", _ANIMALS, 512, _NGC, "stylegan2-afhqv2-512x512.pkl"),
    _pickle("lsun-car", _lsun("cars"), 512, _TENSORFLOW, "stylegan2-car-config-f.pkl"),
    _pickle("lsun-cat", _lsun("cats"), 256, _TENSORFLOW, "stylegan2-cat-config-f.pkl"),
    _pickle("lsun-church", _lsun("churches"), 256, _TENSORFLOW, "stylegan2-church-config-f.pkl"),
    _pickle("lsun-dog", _lsun("dogs"), 256, _NGC, "stylegan2-lsundog-256x256.pkl"),
    _pickle("lsun-horse", _lsun("horses"), 256, _TENSORFLOW, "stylegan2-horse-config-f.pkl"),
)
CATALOGUE: dict[str, CheckpointSpec] = {spec.name: spec for spec in _SPECS}
"""Every known checkpoint by name; the first is the default."""
DEFAULT_CHECKPOINT = "ffhq-mobile"


def find_spec(name: str) -> CheckpointSpec:
    """The catalogue's entry of that name."""
    spec = CATALOGUE.get(name)
    if spec is None:
        hint = suggestion(name.lower(), CATALOGUE, cutoff=0.5, most=3)
        raise UnknownCheckpointError(
            f"there is no checkpoint named {name!r:.80} (the path of a file ends in .safetensors "
            f"or .pkl); {hint}"
        )
    return spec
