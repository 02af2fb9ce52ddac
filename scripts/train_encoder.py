"""Train the encoder that gives projection its first guess, on faces that the generator paints.

    python -m scripts.train_encoder [CHECKPOINT] -o inversion/data/ffhq-mobile-encoder.safetensors

The faces are painted at 128 px and made a little more like photos (shifted, tinted, blurred,
noisy); what the perceptual distance's trunk sees of them is kept in memory, and the readout is
trained on that. The generator needs rendering heads or small images of its own. With the
defaults about 2 GB and 15 minutes on two cores. Prints how much of w it explains on faces left out.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import click
import torch
from torch import Tensor
from torch.nn import functional as F

from photodrag.checkpoints import DEFAULT_CHECKPOINT, Generator, load_generator
from photodrag.inversion import load_perceptual
from photodrag.inversion.encoder import (
    ENCODER_TRUNK,
    INPUT_SIZE,
    Encoder,
    encoder_features,
    spread,
)
from photodrag.inversion.target import paintable

from .fitted_files import save_encoder

SEED = 3_000_000
BATCH = 64


@torch.no_grad()
def paint_faces(generator: Generator, faces: int) -> tuple[Tensor, Tensor]:
    """Features (M, C, 8, 8) in half precision and offsets of w (M, w_dim), in spreads."""
    perceptual = load_perceptual(ENCODER_TRUNK)
    size, mean = paintable(generator, INPUT_SIZE), generator.w_statistics.mean
    features, offsets = [], []
    begin = time.perf_counter()
    for i in range(faces):
        draw = torch.Generator().manual_seed(2 * 10_000_000 + i)
        truncation = 0.6 + 0.4 * float(torch.rand(1, generator=draw))
        latent = generator.sample(SEED + i, truncation)
        image = disturb(generator.render(latent, size), draw)
        features.append(encoder_features(perceptual, image)[0].half())
        offsets.append((latent.w[0] - mean) / spread(generator))
        if (i + 1) % 100 == 0:
            print(f"{i + 1} faces painted, {time.perf_counter() - begin:.0f} s", flush=True)
    return torch.stack(features), torch.stack(offsets)


def disturb(image: Tensor, draw: torch.Generator) -> Tensor:
    """Turn, shift and scale an image (1, 3, S, S) a little; tint, blur or sharpen, add noise."""

    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand(1, generator=draw))

    angle, zoom = math.radians(between(-2, 2)), 1 + between(-0.03, 0.03)
    across, along = math.cos(angle) * zoom, math.sin(angle) * zoom
    shift = [between(-0.02, 0.02) for _ in range(2)]
    theta = torch.tensor([[[across, -along, shift[0]], [along, across, shift[1]]]])
    grid = F.affine_grid(theta, list(image.shape), align_corners=False)
    image = F.grid_sample(image, grid, padding_mode="reflection", align_corners=False)
    gain = 1 + 0.06 * torch.randn(3, 1, 1, generator=draw)
    bias = 0.03 * torch.randn(3, 1, 1, generator=draw)
    gamma = math.exp(between(-0.15, 0.15))
    image = (2 * ((image + 1) / 2).clamp(1e-4, 1) ** gamma - 1) * gain + bias
    if between(0, 1) < 0.4:
        image = _blur(image, between(0.3, 1.0))
    elif between(0, 1) < 0.3:
        image = image + between(0.1, 0.6) * (image - _blur(image, 1.0))
    if between(0, 1) < 0.5:
        image = image + between(0, 0.05) * torch.randn(image.shape, generator=draw)
    return image.clamp(-1, 1)


def _blur(image: Tensor, sigma: float) -> Tensor:
    taps = torch.exp(-(torch.arange(-3, 4) ** 2) / (2 * sigma**2))
    taps = taps / taps.sum()
    kernel = torch.outer(taps, taps).expand(3, 1, 7, 7)
    return F.conv2d(F.pad(image, (3, 3, 3, 3), mode="reflect"), kernel, groups=3)


def train(
    features: Tensor, offsets: Tensor, held: int, steps: int, narrow: int, hidden: int
) -> Encoder:
    """AdamW on the mean square error, with dropout, as there are few faces for the numbers."""
    training, test = slice(None, -held), slice(-held, None)
    encoder = Encoder(offsets.shape[1], narrow, hidden)
    seen = features[training].float()
    encoder.mean.copy_(seen.mean(dim=(0, 2, 3))[:, None, None])
    encoder.scale.copy_(1 / seen.std(dim=(0, 2, 3)).clamp_min(1e-4)[:, None, None])
    del seen
    with torch.no_grad():
        encoder.straight.weight.mul_(0.1)
        encoder.output.weight.mul_(0.3)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=1e-3, weight_decay=0.05)
    variance = offsets[test].square().mean()
    for i in range(steps):
        chosen = torch.randint(len(offsets) - held, (BATCH,))
        x = (features[chosen].float() - encoder.mean) * encoder.scale
        x = x * (torch.rand(len(x), x.shape[1], 1, 1) > 0.1) / 0.9
        x = F.dropout(encoder.reduce(x).flatten(1), 0.4)
        middle = F.dropout(F.leaky_relu(encoder.hidden(x), 0.2), 0.3)
        loss = (encoder.straight(x) + encoder.output(middle) - offsets[chosen]).square().mean()
        for group in optimizer.param_groups:
            falling = 0.5 + 0.5 * math.cos(math.pi * i / steps)
            group["lr"] = 1e-3 * min(1, (i + 1) / 30) * falling
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (i + 1) % 100 == 0:
            with torch.no_grad():
                error = (encoder(features[test].float()) - offsets[test]).square().mean()
            print(f"{i + 1} steps: {1 - float(error / variance):.3f} of w explained", flush=True)
    return encoder


@click.command()
@click.argument("checkpoint", default=DEFAULT_CHECKPOINT)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--faces", default=3000, show_default=True, help="Faces to paint.")
@click.option("--held", default=200, show_default=True, help="Of these, left out of the training.")
@click.option("--steps", default=500, show_default=True, help="Training steps.")
@click.option("--narrow", default=48, show_default=True, help="Channels after the first layer.")
@click.option("--hidden", default=384, show_default=True, help="Numbers in the hidden layer.")
def main(
    checkpoint: str, output: Path, faces: int, held: int, steps: int, narrow: int, hidden: int
) -> None:
    """Train an encoder and write it to a file."""
    torch.manual_seed(0)
    generator = load_generator(checkpoint)
    features, offsets = paint_faces(generator, faces)
    encoder = train(features, offsets, held, steps, narrow, hidden)
    notes = {
        "source": f"trained on faces painted by {checkpoint} by scripts/train_encoder.py",
        "licence": "as the checkpoint's",
    }
    save_encoder(output, encoder, generator.fingerprint, notes)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
