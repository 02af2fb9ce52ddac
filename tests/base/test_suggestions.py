"""The nearest known name."""

from photodrag.suggestions import suggestion

KNOWN = ("smile", "brows", "smirk")


def test_the_nearest_name_is_suggested():
    assert suggestion("smil", KNOWN) == "did you mean 'smile'?"
    assert suggestion("smi", KNOWN, most=2) == "did you mean 'smirk' or 'smile'?"


def test_where_none_is_near_all_are_told_or_what_is_said():
    assert suggestion("zzz", KNOWN) == "known are smile, brows, smirk"
    assert suggestion("zzz", KNOWN, "use a name") == "use a name"
    assert suggestion("smil", KNOWN, cutoff=0.95) == "known are smile, brows, smirk"
