import pytest

from photodrag.errors import OutputError
from photodrag.pipeline.cli.outputs import Outputs


def test_files_appear_together_at_the_end(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("old")
    with Outputs([]).writing() as place:
        place(one).write_text("new")
        place(two).write_text("new")
        assert one.read_text() == "old"
        assert not two.exists()
        assert place(one).suffix == ".txt"
    assert one.read_text() == two.read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("error", [OutputError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(tmp_path, error):
    def fail():
        with Outputs([]).writing() as place:
            place(tmp_path / "one.txt").write_text("new")
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with Outputs([]).writing() as place:
        place(tmp_path / "link.txt").write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
