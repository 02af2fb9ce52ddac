import subprocess
import sys

import pytest

import photodrag.alignment

PUBLIC = [
    "LANDMARK_NAMES",
    "MAX_PIXELS",
    "Face",
    "FaceCrop",
    "JpegCoding",
    "Photo",
    "align",
    "draw_faces",
    "find_faces",
    "identity_distance",
    "landmark_index",
    "landmarks_in",
    "landmarks_near",
    "open_photo",
    "select_face",
]


def test_the_public_names_are_these():
    assert sorted(photodrag.alignment.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(photodrag.alignment, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = photodrag.alignment.nothing


def test_importing_loads_nothing_heavy():
    code = "import sys, photodrag.alignment; print({'cv2', 'dlib', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
