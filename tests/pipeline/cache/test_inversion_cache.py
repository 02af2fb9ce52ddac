"""A second edit takes the inversion from the cache, and nothing else changes."""

import os
import warnings
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from photodrag.alignment import align, find_faces, open_photo
from photodrag.checkpoints import Latent, StyleGAN2Config, build_generator, load_generator
from photodrag.errors import CacheWarning, LatentError, SettingsError
from photodrag.inversion.delta import decode_inversion, encode_inversion
from photodrag.pipeline import EditRequest, EditRun, InversionCache, InvertRun
from photodrag.pipeline.cache.inversion_cache import limit_of_environment, users_cache
from photodrag.pipeline.cache.keys import faces_key, inversion_key, rendering_key

DRAGS = ["mouth_left->-5%,-4%", "mouth_right->+5%,-4%"]


def edit(photo, request, **given):
    """A finished edit."""
    run = EditRun(photo, request, **given)
    for _ in run:
        pass
    return run.result


@pytest.fixture
def cache(tmp_path):
    return InversionCache(tmp_path / "kept")


@pytest.fixture(scope="module")
def photo(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(tiny_checkpoint)


@pytest.fixture(scope="module")
def inversion(photo, quick_settings, generator):
    run = InvertRun(photo, quick_settings, generator=generator)
    list(run)
    return run.inversion


def edited(photo, settings, cache):
    run = EditRun(photo, EditRequest(DRAGS, settings=settings), cache=cache)
    length = len(run)
    stages = [step.stage for step in run]
    return run.result, stages, length


def stored(cache, suffix):
    return [path for path in cache.folder.iterdir() if path.suffix == suffix]


def test_second_edit_has_the_same_pixels_and_inverts_nothing(photo, quick_settings, cache):
    first, stages, length = edited(photo, quick_settings, cache)
    assert stages == ["pivot"] * 2 + ["tune"] * 2 + ["drag"] * 2 + ["composite"]
    assert length == len(stages)
    assert not first.cached
    second, stages, length = edited(photo, quick_settings, cache)
    assert stages == ["cached"] + ["drag"] * 2 + ["composite"]
    assert length == len(stages)
    assert second.cached
    np.testing.assert_array_equal(second.photo.pixels, first.photo.pixels)
    assert second.reached == first.reached
    assert second.inversion.losses == first.inversion.losses
    assert "tune" not in second.seconds
    assert second.crop.face.landmarks.tolist() == first.crop.face.landmarks.tolist()


def test_second_edit_paints_only_where_it_ends(photo, quick_settings, cache, monkeypatch):
    first, *_ = edited(photo, quick_settings, cache)
    monkeypatch.setattr("photodrag.pipeline.edit.first_paintings.paint", None)
    second, *_ = edited(photo, quick_settings, cache)
    np.testing.assert_array_equal(second.photo.pixels, first.photo.pixels)


def test_painting_of_another_latent_is_not_taken(photo, quick_settings, cache):
    latent = edited(photo, quick_settings, cache)[0].inversion.latent
    other = Latent(latent.w + 1e-6, latent.generator)
    keys = {
        rendering_key("key", each, kind) for each in (latent, other) for kind in ("small", "whole")
    }
    assert len(keys) == 4


def test_inversion_does_not_go_for_its_painting(photo, quick_settings, cache):
    """A cache with room for it, but not for the painting beside it, serves the second edit."""
    list(InvertRun(photo, quick_settings, cache=cache))
    small = InversionCache(cache.folder, cache.size + 190_000)  # a painting takes 200,000
    assert edited(photo, quick_settings, small)[0].cached
    assert edited(photo, quick_settings, small)[0].cached
    assert stored(cache, ".look") == []


def test_edit_function_takes_the_cache_too(photo, quick_settings, cache):
    assert not edit(photo, EditRequest(DRAGS, settings=quick_settings), cache=cache).cached
    other = edit(photo, EditRequest(["chin->+0,+3"], settings=quick_settings), cache=cache)
    assert other.cached  # other points, the same inversion


def test_without_a_cache_nothing_is_kept(photo, quick_settings, own_cache):
    before = sorted(own_cache.rglob("*"))
    edit(photo, EditRequest(DRAGS, settings=quick_settings))
    assert sorted(own_cache.rglob("*")) == before
    assert not InvertRun(photo, quick_settings).cached


def test_same_inversion_comes_back_bit_for_bit(generator, inversion):
    content = encode_inversion(inversion, generator, {})
    back = decode_inversion(content, generator)
    assert torch.equal(back.latent.w, inversion.latent.w)
    assert (back.losses, back.tuned) == (inversion.losses, True)
    wanted = inversion.generator.synthesis.state_dict()
    for name, tensor in back.generator.synthesis.state_dict().items():
        assert torch.equal(tensor, wanted[name]), name
        assert tensor.stride() == wanted[name].stride(), name
    assert back.generator.mapping is generator.mapping
    assert not any(p.requires_grad for p in back.generator.synthesis.parameters())


def test_only_what_differs_is_stored(generator, inversion):
    plain = replace(inversion, generator=generator, tuned=False)
    assert len(encode_inversion(plain, generator, {})) < 20_000
    back = decode_inversion(encode_inversion(plain, generator, {}), generator)
    assert back.generator is generator
    assert not back.tuned


def test_inversion_of_another_generator_is_refused(generator, inversion):
    content = encode_inversion(inversion, generator, {})
    config = StyleGAN2Config(resolution=64, z_dim=16, w_dim=16, channel_base=512, channel_max=16)
    with torch.random.fork_rng(devices=[]):
        other = build_generator("other", config)
    for wrong in (content[:-5], content[100:], b"", b"{}" * 50):
        with pytest.raises(LatentError):
            decode_inversion(wrong, generator)
    with pytest.raises(LatentError, match="other"):
        decode_inversion(content, other)


@pytest.fixture(scope="module")
def crop(photo):
    return align(photo, find_faces(photo)[0], 256)


@pytest.mark.parametrize("stage", ["loss", "project", "tune"])
def test_key_changes_with_every_setting(crop, generator, quick_settings, stage):
    settings = getattr(quick_settings, stage)
    keys = {inversion_key(crop, generator, quick_settings)}
    for field in fields(settings):
        value = getattr(settings, field.name)
        other = f"{value}x" if isinstance(value, str) else (value or 0) + 0.5
        changed = object.__new__(type(settings))  # the key asks for no sense
        for each in fields(settings):
            object.__setattr__(changed, each.name, getattr(settings, each.name))
        object.__setattr__(changed, field.name, other)
        keys.add(inversion_key(crop, generator, replace(quick_settings, **{stage: changed})))
    assert len(keys) == 1 + len(fields(settings))


def test_later_settings_that_change_nothing_leave_the_key_as_it_was(
    crop, generator, quick_settings, monkeypatch
):
    later = inversion_key(crop, generator, quick_settings)
    monkeypatch.setattr("photodrag.pipeline.cache.keys._LATER", {})
    assert inversion_key(crop, generator, quick_settings) != later
    changed = replace(quick_settings, tune=replace(quick_settings.tune, pixel_weight=2.0))
    every = inversion_key(crop, generator, changed)
    monkeypatch.undo()
    assert inversion_key(crop, generator, changed) not in {later, every}


def test_key_leaves_out_what_comes_after(crop, generator, quick_settings):
    other = replace(quick_settings, drag=replace(quick_settings.drag, max_steps=99))
    assert inversion_key(crop, generator, other) == inversion_key(crop, generator, quick_settings)


def test_key_changes_with_crop_face_and_generator(crop, generator, inversion, quick_settings):
    pixels = crop.pixels.copy()
    pixels[5, 5, 0] ^= 1
    valid = crop.valid.copy()
    valid[0, 0] ^= True
    landmarks = crop.face.landmarks.copy()
    landmarks[30, 0] += 1e-9
    crops = [
        crop,
        replace(crop, pixels=pixels),
        replace(crop, valid=valid),
        replace(crop, face=replace(crop.face, landmarks=landmarks)),
    ]
    keys = {inversion_key(each, generator, quick_settings) for each in crops}
    keys.add(inversion_key(crop, inversion.generator, quick_settings))
    assert len(keys) == 5
    again = replace(crop, pixels=crop.pixels.copy())
    assert inversion_key(again, generator, quick_settings) in keys


@pytest.mark.parametrize("name", ["INVERSION_VERSION", "FACES_VERSION"])
def test_keys_change_with_the_versions(crop, photo, generator, quick_settings, monkeypatch, name):
    def keys():
        return inversion_key(crop, generator, quick_settings), faces_key(photo)

    before = keys()
    monkeypatch.setattr(f"photodrag.pipeline.cache.keys.{name}", 99)
    changed = [old != new for old, new in zip(before, keys(), strict=True)]
    assert changed == [name == "INVERSION_VERSION", name == "FACES_VERSION"]


def test_faces_are_looked_for_once(photo, cache, monkeypatch):
    first = cache.faces(photo)
    monkeypatch.setattr("photodrag.pipeline.cache.inversion_cache.find_faces", None)
    (again,) = cache.faces(photo)
    (face,) = first
    assert again.landmarks.tolist() == face.landmarks.tolist()
    assert (again.index, again.box, again.score) == (face.index, face.box, face.score)
    monkeypatch.undo()
    pixels = photo.pixels.copy()
    pixels[0, 0, 0] ^= 1
    assert faces_key(photo.with_pixels(pixels)) != faces_key(photo)
    assert faces_key(replace(photo, icc_profile=b"another")) != faces_key(photo)
    assert faces_key(replace(photo, exif=b"Exif\0\0other")) == faces_key(photo)


@pytest.mark.parametrize("suffix", [".inversion", ".faces", ".look"])
def test_damaged_file_is_said_and_made_anew(photo, quick_settings, cache, suffix):
    first, *_ = edited(photo, quick_settings, cache)
    (path,) = stored(cache, suffix)  # the guide that needs a small painting is off
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.warns(CacheWarning, match="damaged"):
        second, stages, _ = edited(photo, quick_settings, cache)
    assert ("pivot" in stages) == (suffix == ".inversion")
    np.testing.assert_array_equal(second.photo.pixels, first.photo.pixels)
    third, stages, _ = edited(photo, quick_settings, cache)
    assert third.cached
    assert stages[0] == "cached"


def test_content_that_does_not_fit_is_made_anew(photo, quick_settings, cache):
    list(InvertRun(photo, quick_settings, cache=cache))
    (path,) = stored(cache, ".inversion")
    name = path.name
    path.unlink()
    cache._files.write(name, b"whole, but no inversion")
    with pytest.warns(CacheWarning, match="damaged"):
        run = InvertRun(photo, quick_settings, cache=cache)
    list(run)
    assert not run.cached
    assert InvertRun(photo, quick_settings, cache=cache).cached


@pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")
def test_unusable_folder_is_one_warning_and_the_edit_works(photo, quick_settings, tmp_path):
    (tmp_path / "file").touch()
    cache = InversionCache(tmp_path / "file" / "kept")
    with pytest.warns(CacheWarning, match="without the cache") as seen:
        result, stages, _ = edited(photo, quick_settings, cache)
    assert len(seen) == 1
    assert not result.cached
    assert stages[-1] == "composite"


def test_leaving_the_loop_keeps_no_half_inversion(photo, quick_settings, cache):
    for step in InvertRun(photo, quick_settings, cache=cache):
        if step.stage == "tune":
            break
    assert cache.entries() == ()


def test_entries_tell_what_is_kept(small_portrait, photo, quick_settings, tmp_path):
    cache = InversionCache(tmp_path / "kept", label="me.jpg")
    list(InvertRun(photo, quick_settings, cache=cache))
    other = replace(quick_settings, project=replace(quick_settings.project, seed=5))
    list(InvertRun(small_portrait, other, cache=cache))
    older, newer = (path.name for path in sorted(stored(cache, ".inversion"), key=os.path.getmtime))
    first, second = cache.entries()
    assert (first.key, second.key) == (newer.split(".")[0], older.split(".")[0])
    assert (first.photo, second.photo) == (small_portrait.name, "me.jpg")
    assert first.checkpoint == "tiny"
    assert first.made == pytest.approx(first.used, abs=60)
    assert cache.size > first.size + second.size
    assert cache.clear()[0] == 2
    assert (cache.entries(), cache.size) == ((), 0)


def test_oldest_inversion_goes_when_there_is_no_room(photo, quick_settings, cache):
    list(InvertRun(photo, quick_settings, cache=cache))
    (entry,) = cache.entries()
    for path in cache.folder.glob("*.inversion"):
        os.utime(path, (1000, 1000))
    small = InversionCache(cache.folder, limit=int(1.5 * entry.size))
    other = replace(quick_settings, project=replace(quick_settings.project, seed=5))
    list(InvertRun(photo, other, cache=small))
    (left,) = small.entries()
    assert left.key != entry.key
    assert InvertRun(photo, other, cache=small).cached


def test_inversion_above_the_limit_is_not_kept(photo, quick_settings, tmp_path):
    cache = InversionCache(tmp_path / "kept", limit=20_000)
    with pytest.warns(CacheWarning, match="PHOTODRAG_CACHE_SIZE"):
        list(InvertRun(photo, quick_settings, cache=cache))
    assert cache.entries() == ()


def test_limit_of_nothing_keeps_nothing(photo, quick_settings, tmp_path):
    cache = InversionCache(tmp_path / "kept", limit=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(InvertRun(photo, quick_settings, cache=cache))
    assert not cache.folder.exists()
    with pytest.raises(SettingsError, match="-1"):
        InversionCache(tmp_path, limit=-1)


@pytest.mark.parametrize(
    ("text", "limit"),
    [("", 4 * 10**9), ("0", 0), ("1500", 1500), ("500MB", 5 * 10**8), ("2.5 g", 2_500_000_000)],
)
def test_limit_of_the_environment(monkeypatch, text, limit):
    monkeypatch.setenv("PHOTODRAG_CACHE_SIZE", text)
    assert limit_of_environment() == users_cache().limit == limit


@pytest.mark.parametrize("text", ["much", "-1", "4XB", "GB", "1e9"])
def test_unclear_limit_is_refused(monkeypatch, text):
    monkeypatch.setenv("PHOTODRAG_CACHE_SIZE", text)
    with pytest.raises(SettingsError, match="PHOTODRAG_CACHE_SIZE"):
        limit_of_environment()
