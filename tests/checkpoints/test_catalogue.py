import pytest

from photodrag.checkpoints.catalogue import CATALOGUE, DEFAULT_CHECKPOINT, find_spec
from photodrag.checkpoints.download.download import check_sha256, check_url
from photodrag.errors import UnknownCheckpointError


def test_default_comes_first():
    assert next(iter(CATALOGUE)) == DEFAULT_CHECKPOINT


def test_every_domain_asked_for_is_listed():
    names = {"ffhq", "afhqcat", "afhqdog", "afhqwild", "metfaces"}
    names |= {"lsun-car", "lsun-cat", "lsun-horse", "lsun-church"}
    assert names <= CATALOGUE.keys()


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.name)
def test_entry_is_whole(spec):
    assert spec.licence
    assert "commercial" in spec.licence_note
    assert spec.resolution in (256, 512, 1024)
    assert "." not in spec.name
    check_sha256(spec.sha256)
    check_url(spec.homepage)
    if spec.source_kind == "package":
        assert spec.sha256
        assert "==" in spec.source
    else:
        check_url(spec.source)
        assert spec.source.endswith(".pkl")


def test_entry_is_found():
    assert find_spec("ffhq-mobile").resolution == 1024


def test_near_names_are_offered():
    with pytest.raises(UnknownCheckpointError, match="did you mean 'ffhq-mobile'"):
        find_spec("ffhq_mobil")


def test_all_names_are_offered_where_none_is_near():
    with pytest.raises(UnknownCheckpointError, match="known are ffhq-mobile"):
        find_spec("zzzzzzzz")
