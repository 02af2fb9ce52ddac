"""The docs name what is there: links, files, programs; and the sources are sent with all of it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
PACKAGE = ("base", "alignment", "checkpoints", "inversion", "drag", "pipeline")
BESIDE = ("benchmarks", "evaluation", "scripts", "tests", "docs", "examples")
MADE = ("benchmarks/results", "evaluation/results")


def test_links_lead_somewhere():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if not link.startswith("https://"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_files_that_are_named_are_there():
    """Paths as in `drag/run.py`; the changelog tells of earlier ones, too."""
    named = re.compile(rf"(?<![\w./-])((?:{'|'.join(PACKAGE + BESIDE)})/[\w./-]*\w)")
    for page in PAGES:
        if page.name != "CHANGELOG.md":
            for path in named.findall(page.read_text("utf-8")):
                known = (ROOT / path).exists() or path.startswith(MADE)
                assert known, f"{page.name} names {path}"


def test_programs_that_are_named_are_there():
    for page in PAGES:
        for name in re.findall(r"python -m ([a-z]+\.[a-z_.]+)", page.read_text("utf-8")):
            path = (ROOT / name.replace(".", "/")).with_suffix(".py")
            assert path.exists(), f"{page.name} names {name}"


def test_sources_hold_all_folders():
    """What is sent as sources beside the package, so that it can be tested and read about."""
    manifest = (ROOT / "MANIFEST.in").read_text("utf-8")
    grafted = set(re.findall(r"^graft (\S+)$", manifest, re.MULTILINE))
    assert grafted == set(BESIDE)
    folders = {path.parent.name for path in ROOT.glob("*/*.py")}
    assert folders <= grafted | set(PACKAGE)
