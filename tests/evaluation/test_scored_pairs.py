"""Pairs scored for a system: refused ones, and medians."""

from dataclasses import replace

import pytest

from evaluation.scored_pairs import medians, run_system
from evaluation.truth_systems import no_edit
from photodrag.errors import CheckpointError, PointError
from photodrag.inversion import load_perceptual


@pytest.fixture(scope="module")
def perceptual():
    return load_perceptual("st-alex")


def test_a_pair_that_cannot_be_edited_has_its_reason(still, perceptual):
    def system(pair):
        if pair.name == "far":
            raise PointError("the target is not on the face")
        return no_edit(pair)

    far = replace(still, name="far")
    each = run_system("no edit", system, [far, still], perceptual, None)
    assert each["far"] == {"refused": "the target is not on the face"}
    assert each["still"]["landmarks"] == pytest.approx(0, abs=0.3)


def test_a_system_without_weights_is_no_refusal(still, perceptual):
    def system(pair):
        raise CheckpointError("no weights")

    with pytest.raises(CheckpointError):
        run_system("raft", system, [still], perceptual, None)


def test_the_score_looks_at_what_is_found_in_the_truth(still, perceptual):
    """Targets lead the edit; how near the result came is told by what is found in both."""
    shifted = replace(still, targets=still.targets + 9, found=still.targets)
    each = run_system("no edit", no_edit, [shifted], perceptual, None)
    assert each["still"]["landmarks"] == pytest.approx(0, abs=0.3)
    assert shifted.truth_landmarks is still.targets
    assert still.truth_landmarks is still.targets


def test_medians_leave_refused_pairs_out():
    each = {
        "a": {"psnr": 20.0, "outside": 1},
        "b": {"psnr": 30.0, "outside": 2},
        "c": {"refused": "why"},
    }
    assert medians(each) == {"pairs": 2, "psnr": 25.0, "outside": 3}
    assert medians({"c": {"refused": "why"}}) == {"pairs": 0}
