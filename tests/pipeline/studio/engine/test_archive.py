"""Sessions and recipes as .zip files: what was packed comes back, and hostile ones do no harm."""

import json
import struct
import zipfile

import pytest

from photodrag.errors import RecipeError, SessionError
from photodrag.pipeline.session.folder import SessionFolder
from photodrag.pipeline.studio.engine.archive import kind_of, unpack_recipe, unpack_session

MOST = 2**28
STATE = "small.session/session.json"


def unpack(path, tmp_path, most=MOST, at_hand=None):
    return unpack_session(path, tmp_path / "place", most, at_hand)


def with_state(**changes):
    """Change values of the session.json."""

    def change(files):
        state = json.loads(files[STATE])
        state.update(changes)
        return files | {STATE: json.dumps(state)}

    return change


def test_what_was_packed_comes_back(packed, tmp_path, small_portrait):
    found = unpack(packed, tmp_path)
    folder = SessionFolder(found.folder)
    assert folder.photo_state() == "there"
    assert folder.photo_path == found.photo == tmp_path / "place" / "small.png"
    assert found.photo.read_bytes() == small_portrait.read_bytes()
    assert folder.read(folder.session.inversion)


def test_a_packed_session_is_one_where_it_is_unpacked(packed, tmp_path):
    """With any unpacker: the folder, and its photo beside it."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    assert SessionFolder(tmp_path / "small.session").photo_state() == "there"


def test_a_zipped_folder_deeper_down_with_other_files_is_one_too(repacked, tmp_path):
    def change(files):
        deeper = {f"my things/{name}": content for name, content in files.items()}
        return {"my things/small.session/.lock": b"", "__MACOSX/._small.png": b"?", **deeper}

    found = unpack(repacked(change, compression=zipfile.ZIP_DEFLATED), tmp_path)
    assert SessionFolder(found.folder).photo_state() == "there"
    assert {path.name for path in found.folder.iterdir()} == {
        "session.json",
        SessionFolder(found.folder).session.inversion,
    }


def test_the_photo_at_hand_is_taken_where_there_is_none(repacked, tmp_path, small_portrait):
    path = repacked(lambda files: {n: c for n, c in files.items() if n != "small.png"})
    found = unpack(path, tmp_path, at_hand=small_portrait)
    assert (found.photo, found.own) == (small_portrait, False)
    assert SessionFolder(found.folder).photo_state() == "there"
    with pytest.raises(SessionError, match=r"small\.png"):
        unpack_session(path, tmp_path / "other", MOST, path)


def test_a_photo_is_never_read_elsewhere(repacked, tmp_path, small_portrait):
    """Whatever place the session names."""

    def change(files):
        photo = json.loads(files[STATE])["photo"] | {"path": str(small_portrait)}
        moved = with_state(photo=photo)(files)
        return {n: c for n, c in moved.items() if n != "small.png"}

    with pytest.raises(SessionError, match="not in it"):
        unpack(repacked(change), tmp_path)


@pytest.mark.parametrize("name", ["../../evil.png", "/tmp/evil.png", "..\\evil.png"])
def test_names_that_lead_elsewhere_are_written_inside(repacked, tmp_path, name):
    def change(files):
        photo = json.loads(files[STATE])["photo"] | {"path": name}
        return {**with_state(photo=photo)(files), name: files["small.png"]}

    found = unpack(repacked(change), tmp_path)
    assert found.photo.parent == tmp_path / "place"
    everything = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert all(path.parent == tmp_path or "place" in path.parts for path in everything)


def test_a_file_named_elsewhere_is_no_file_of_a_session(repacked, tmp_path):
    with pytest.raises(SessionError, match="damaged"):
        unpack(repacked(with_state(inversion="../../x.safetensors")), tmp_path)


def test_too_much_is_refused_while_it_is_unpacked(repacked, tmp_path):
    def change(files):
        return files | {"small.png": bytes(2**24)}

    path = repacked(change, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**23
    with pytest.raises(SessionError, match="more than"):
        unpack(path, tmp_path, most=2**23)


def test_a_huge_state_is_refused(repacked, tmp_path):
    path = repacked(lambda files: files | {STATE: b" " * 2**26}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(SessionError, match="more than"):
        unpack(path, tmp_path)


def test_too_many_files_are_refused(repacked, tmp_path):
    path = repacked(lambda files: files | {f"{n}": b"" for n in range(10_001)})
    with pytest.raises(SessionError, match="too many"):
        unpack(path, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: {n: c for n, c in files.items() if n != STATE},
        lambda files: {n: c for n, c in files.items() if not n.endswith(".safetensors")},
        lambda files: files | {"other.session/session.json": files[STATE]},
        lambda files: files | {STATE: b"{"},
        with_state(photodrag_session=99),
    ],
)
def test_what_is_no_whole_session_is_refused(repacked, tmp_path, change):
    with pytest.raises(SessionError):
        unpack(repacked(change), tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\x89PNG"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "it.zip"
    path.write_bytes(content)
    with pytest.raises(SessionError, match=r"it\.zip"):
        unpack(path, tmp_path)


def test_a_damaged_archive_is_refused(packed, tmp_path):
    damaged = bytearray(packed.read_bytes())
    damaged[len(damaged) // 2] ^= 255
    path = tmp_path / "it.zip"
    path.write_bytes(damaged)
    with pytest.raises(SessionError, match="cannot be unpacked"):
        unpack(path, tmp_path)


def test_a_recipe_comes_with_the_masks_beside_it(tmp_path):
    path = tmp_path / "it.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("in/smile.json", "{}")
        archive.writestr("in/mask-0.png", b"white")
        archive.writestr("in/notes.txt", b"no mask")
    recipe, masks = unpack_recipe(path, tmp_path / "place", MOST)
    assert recipe.read_text() == "{}"
    assert masks == {recipe.parent / "mask-0.png"}
    assert not list(recipe.parent.glob("notes*"))


def test_two_recipes_in_one_archive_are_refused(tmp_path):
    path = tmp_path / "it.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "{}")
        archive.writestr("b.json", "{}")
    with pytest.raises(RecipeError, match="2 recipes"):
        unpack_recipe(path, tmp_path / "place", MOST)


def test_an_archive_with_a_long_list_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}", b"")
    assert kind_of(path, "a.zip") == "session"
    with pytest.raises(SessionError, match="holds too many files"):
        unpack(path, tmp_path)


def test_a_list_that_is_long_by_the_larger_format_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("session.json", b"{}")
    data = path.read_bytes()
    end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 2**40, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(data) - 22, 1)
    path.write_bytes(data[:-22] + end + locator + data[-22:])
    with pytest.raises(SessionError, match="holds too many files"):
        unpack(path, tmp_path)


@pytest.mark.parametrize("place", ["version", "name"])
def test_an_archive_of_an_unknown_kind_is_one_line(tmp_path, place):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ä/session.json", b"{}")
    data = bytearray(path.read_bytes())
    if place == "version":
        data[data.index(b"PK\1\2") + 6] = 255
    else:
        data = data.replace("ä".encode(), b"\xff\xfe")
    path.write_bytes(data)
    assert kind_of(path, "a.zip") == "session"
    with pytest.raises(SessionError, match=r"a\.zip: cannot be unpacked"):
        unpack(path, tmp_path)
    with pytest.raises(RecipeError, match=r"a\.zip"):
        unpack_recipe(path, tmp_path / "other", MOST)
