import numpy as np
import pytest
from PIL import Image

from photodrag.errors import OutputError
from photodrag.pipeline.movie import Movie


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
    with pytest.raises(OutputError, match=r"\.gif, \.webp"):
        movie.save(tmp_path / "a.mp4")
    with pytest.raises(OutputError):
        movie.save(tmp_path / "none" / "a.gif")
    assert list(tmp_path.iterdir()) == []
