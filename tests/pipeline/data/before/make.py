"""What the command line of before cannot make: a generator, recipes, an edit with more settings.

For commit fea2532 only, whose names these are; make.sh calls it.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from photodrag.checkpoints import StyleGAN2Config, build_generator, save_checkpoint
from photodrag.drag import OFFICIAL
from photodrag.pipeline import (
    EditSettings,
    FaceChoice,
    Recipe,
    RecipeEdit,
    SessionFolder,
    SessionWork,
    parse_face_drag,
    write_recipe,
)
from photodrag.pipeline.studio.archive import pack_session

SIZE = 104
CORNERS = ("mouth_left->-4%,-4%", "mouth_right->+4%,-4%")


def make_inputs(portrait: str) -> None:
    config = StyleGAN2Config(
        resolution=32, z_dim=8, w_dim=8, mapping_layers=2, channel_base=256, channel_max=8
    )
    torch.manual_seed(0)
    generator = build_generator("tiny", config)
    tensors = {
        f"{prefix}.{name}": tensor
        for prefix, module in (("mapping", generator.mapping), ("synthesis", generator.synthesis))
        for name, tensor in module.state_dict().items()
    }
    save_checkpoint(Path("tiny.safetensors"), config, tensors, {"source": "the tests"})
    with Image.open(portrait) as image:
        image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(
            "photo.png", optimize=True
        )
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[SIZE // 2 :] = 255
    Image.fromarray(mask).save("mask.png")


def make_recipes() -> None:
    usual = EditSettings(checkpoint="tiny.safetensors")
    usual = replace(
        usual,
        project=replace(usual.project, steps=2, seed=7),
        tune=replace(usual.tune, steps=1, seed=7),
        guide=replace(usual.guide, steps=0),
        drag=replace(usual.drag, max_steps=2),
    )
    corners = tuple(parse_face_drag(text) for text in CORNERS)
    write_recipe("batch.json", Recipe((RecipeEdit(corners),), settings=usual))
    composite = replace(usual.composite, told=0.6, reach=0.2, feather=0.03)
    settings = replace(usual, composite=composite, drag=replace(usual.drag, stop_distance=0.75))
    official = replace(settings, drag=replace(OFFICIAL, max_steps=2))
    pasted = replace(settings, composite=replace(composite, method="paste", told=0.25))
    edits = (
        RecipeEdit(corners, (("smile", 0.4), ("yaw", -5.0)), "mouth+eyes"),
        RecipeEdit((parse_face_drag("chin+1%,-2%->+0%,+6%"),), settings=official),
        RecipeEdit(adjust=(("brows_raise", 0.3),), settings=pasted),
    )
    write_recipe("recipe.json", Recipe(edits, FaceChoice(nearest=(53.0, 52.0)), settings))


def edit_session() -> None:
    """An edit with settings of the composite, as the studio can make it."""
    folder = SessionFolder("my.session")
    work = SessionWork(folder, "cpu")
    settings = replace(
        folder.session.settings,
        drag=replace(OFFICIAL, max_steps=2),
        guide=replace(folder.session.settings.guide, steps=0),
        composite=replace(folder.session.settings.composite, told=0.6, reach=0.2),
    )
    run = work.edit(["chin->+0%,+6%"], None, settings)
    for _ in run:
        pass
    with folder.changing():
        work.record(run.result)


def pack() -> None:
    folder = SessionFolder("my.session")
    pack_session(Path("studio.zip"), folder, Path("photo.png"), "photo.png")


match sys.argv[1:]:
    case ["inputs", portrait]:
        make_inputs(portrait)
    case ["recipes"]:
        make_recipes()
    case ["edit"]:
        edit_session()
    case ["pack"]:
        pack()
