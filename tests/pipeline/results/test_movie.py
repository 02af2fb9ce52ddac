import sys

import numpy as np
import pytest
from PIL import Image

from photodrag.errors import OutputError
from photodrag.pipeline.results.movie import Movie


def frame(value, size=32):
    picture = np.full((size, size, 3), value, np.uint8)
    picture[: size // 2] = 255 - value
    return picture


@pytest.mark.parametrize("name", ["steps.gif", "steps.WEBP"])
def test_frames_are_written(tmp_path, name):
    movie = Movie()
    for value in (0, 60, 120):
        movie.add(frame(value))
    movie.save(tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert image.n_frames == 3
        assert image.size == (32, 32)
        assert image.info["loop"] == 0
        for index, value in enumerate((0, 60, 120)):
            image.seek(index)
            found = np.asarray(image.convert("RGB"), int)
            assert abs(found - frame(value)).max() <= 10
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_one_frame_is_a_movie(tmp_path):
    movie = Movie()
    movie.add(frame(5))
    movie.save(tmp_path / "a.gif")
    assert (tmp_path / "a.gif").stat().st_size > 0


def test_long_runs_are_thinned_evenly():
    movie = Movie(most_frames=8)
    shown = []
    for step in range(101):
        if movie.is_due():
            movie.add(frame(step))
            shown.append(step)
    steps = [int(picture[-1, -1, 0]) for picture in movie.frames]
    assert 4 <= len(steps) <= 8
    assert steps[0] == 0
    assert set(np.diff(steps)) == {16}
    assert len(shown) < 40


def test_large_frames_shrink():
    movie = Movie(size=16)
    movie.add(frame(0))
    assert movie.frames[0].shape == (16, 16, 3)


def test_unusable_frames_are_refused():
    movie = Movie()
    movie.add(frame(0))
    with pytest.raises(OutputError, match="began with"):
        movie.add(frame(0, size=30))
    with pytest.raises(OutputError, match="uint8"):
        movie.add(np.zeros((32, 32)))


def test_wrong_files_are_refused(tmp_path):
    movie = Movie()
    with pytest.raises(OutputError, match="no frame"):
        movie.save(tmp_path / "a.gif")
    movie.add(frame(0))
    with pytest.raises(OutputError, match=r"\.gif, \.webp, \.mp4"):
        movie.save(tmp_path / "a.avi")
    with pytest.raises(OutputError):
        movie.save(tmp_path / "none" / "a.gif")
    assert list(tmp_path.iterdir()) == []


def test_mp4_plays_everywhere(tmp_path):
    av = pytest.importorskip("av", reason="MP4 needs the extra movie")
    data = []
    for name in ("a.mp4", "b.mp4"):
        movie = Movie()
        for value in (0, 100, 200):
            movie.add(frame(value, size=33))
        movie.save(tmp_path / name)
        data.append((tmp_path / name).read_bytes())
    assert data[0] == data[1]
    assert data[0].index(b"moov") < data[0].index(b"mdat")  # plays while it loads
    with av.open(str(tmp_path / "a.mp4")) as file:
        (stream,) = file.streams
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        frames = [picture.to_ndarray(format="rgb24") for picture in file.decode(stream)]
    # The first and the last are held, 20 times as long as the others.
    assert len(frames) == 41
    assert frames[0].shape == (34, 34, 3)
    for index, value in ((0, 0), (19, 0), (20, 100), (21, 200), (40, 200)):
        found = frames[index][:33, :33].astype(int)
        assert np.abs(found[2:14] - (255 - value)).max() <= 4
        assert np.abs(found[20:] - value).max() <= 4


def test_without_the_extra_mp4_is_refused_with_its_name(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    movie = Movie()
    movie.add(frame(0))
    with pytest.raises(OutputError, match=r"photodrag\[movie\]"):
        movie.save(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []
