import json

import pytest
from click.testing import CliRunner

from benchmarks.inversion import main, tabulate

SHORT = [
    *("--pivot-steps", "2", "--tune-steps", "1", "--timed-steps", "1"),
    *("--reference-pivot-steps", "3", "--reference-tune-steps", "2"),
]


@pytest.mark.parametrize("full", [False, True])
def test_it_prints_a_table_and_writes_json(small_portrait, tiny_checkpoint, tmp_path, full):
    path = tmp_path / "inversion.json"
    args = [str(small_portrait), "--checkpoint", str(tiny_checkpoint), "--json", str(path), *SHORT]
    done = CliRunner().invoke(main, [*args, "--full"] if full else args)
    assert done.exit_code == 0, done.output
    result = json.loads(path.read_text())
    assert result["benchmark"] == "inversion"
    reference, ours = result["rows"]
    assert (reference["variant"], ours["variant"]) == ("reference", "ours")
    assert reference["photo"] == ours["photo"] == small_portrait.stem
    assert ours["timed"] == "whole"
    assert reference["timed"] == ("whole" if full else "1 of 3 and 1 of 2 steps, twice")
    assert reference["repeats"] == (1 if full else 2)
    assert ours["ratio_least"] <= ours["ratio"] <= ours["ratio_most"]
    for row in [ours, reference] if full else [ours]:
        assert 0 < row["st_lpips_256"] < 1
        assert 0 < row["st_lpips_full"] < 1
        assert 0 < row["l2_full"] < 4
    if not full:
        assert "st_lpips_256" not in reference
        assert "not measured" in done.output


def test_several_photos_get_their_median():
    rows = [
        {
            "photo": f"photo {i}",
            "variant": variant,
            "seconds": seconds * i,
            "timed": "whole",
            "memory": None,
            **({"ratio": 10.0 * i, "l2_full": 0.01 * i} if variant == "ours" else {}),
        }
        for i in (1, 2, 9)
        for variant, seconds in (("reference", 100.0), ("ours", 10.0))
    ]
    *photos, reference, ours = tabulate(rows).cells
    assert [cells[0] for cells in photos] == [row["photo"] for row in rows]
    assert reference[:5] == ("median of 3", "reference", "200 s", "whole", "")
    assert ours[:5] == ("median of 3", "ours", "20 s", "whole", "20x")
    assert ours[7:] == ("0.0200", "not measured")
    assert len(tabulate(rows[:2]).cells) == 2
