"""The shape of the project: imports, public names, sizes, and that the docs know the commands."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from photodrag.alignment import align
from photodrag.checkpoints import Generator
from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.align import CROP_SIZE
from photodrag.pipeline.cli.generate import TRUNCATION

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 350

# Which packages of photodrag each package may import.
MAY_IMPORT = {
    "errors": set(),
    "files": {"errors"},
    "alignment": {"errors", "files"},
    "checkpoints": {"errors", "files"},
    "drag": {"checkpoints", "errors"},
    "inversion": {"alignment", "checkpoints", "errors", "files"},
    "pipeline": {"alignment", "checkpoints", "drag", "errors", "files", "inversion"},
}

PUBLIC = {
    "alignment": """
        Face FaceCrop JpegCoding LANDMARK_NAMES MAX_PIXELS Photo align draw_faces find_faces
        identity_distance landmark_index landmarks_in landmarks_near open_photo select_face
    """,
    "checkpoints": """
        CATALOGUE CheckpointSpec DEFAULT_CHECKPOINT FetchRun Generator GeneratorConfig Latent
        MobileStyleGANConfig StyleGAN2Config WStatistics Window WindowMaps build_generator convert
        fetch find_spec generator_from_tensors load_generator locate read_checkpoint save_checkpoint
    """,
    "files": "write_whole",
    "drag": "DEFAULTS DragPoint DragRun DragSettings DragStep OFFICIAL PRESETS",
    "inversion": """
        DEFAULTS PRESETS InversionSettings Inversion InvertStep Losses LossSettings
        PerceptualDistance ProjectRun ProjectSettings Target TuneRun TuneSettings face_outline
        load_perceptual make_target read_inversion save_inversion
    """,
    "pipeline": """
        ADJUSTMENTS Adjustment BatchRun BatchSettings CompositeSettings DragSpec EditResult EditRun
        EditSettings EditStep FaceChoice FaceDrag FacesRun HeadPose InversionCache InvertRun
        InvertedDragRun MASKS PlannedEdit Reached Recipe RecipeEdit Session SessionFolder
        SessionWork Start choose_device continue_from edit fit_head keep_session named_mask
        parse_adjustment parse_drag parse_face parse_face_drag plan_batch plan_recipe
        reached_adjustments read_recipe write_recipe
    """,
    "pipeline.studio": """
        ChangeOptions Command Desk DeskState Done EditInfo EditRequest Event Failed Frame Landmark
        MaskRequest Paused PhotoInfo Picture PointEnd PointRequest Progress SAVE_EXTENSIONS
        SavedFile Stopped Stroke Studio StudioSettings Ticket Upload Waiting Working
    """,
}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every import of a file, those inside functions too."""
    package = ["photodrag", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module == "photodrag":
                yield from ((node.lineno, f"photodrag.{name.name}") for name in node.names)
            else:
                yield node.lineno, module


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package):
    wrong = []
    for path in python_files(package):
        for line, name in imported(path):
            parts = name.split(".")
            if parts[0] == "photodrag" and parts[1] not in MAY_IMPORT[package] | {package}:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_inside_a_package_are_relative(package):
    wrong = []
    for path in python_files(package):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                if (node.module or "").startswith(f"photodrag.{package}"):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            elif isinstance(node, ast.Import):
                wrong += [
                    f"{path.relative_to(ROOT)}:{node.lineno}"
                    for name in node.names
                    if name.name.startswith(f"photodrag.{package}")
                ]
    assert wrong == []


def test_errors_import_only_the_standard_library():
    for path in python_files("errors"):
        for line, name in imported(path):
            top = name.split(".")[0]
            assert name == "photodrag.errors" or top in sys.stdlib_module_names, f"{path}:{line}"
    assert list(imported(ROOT / "errors" / "__init__.py")) == []


def test_every_package_is_in_the_table():
    folders = {path.parent.name for path in ROOT.glob("*/py.typed")}
    assert folders == set(MAY_IMPORT)


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_are_these(package):
    module = import_module(f"photodrag.{package}")
    assert sorted(module.__all__) == sorted(PUBLIC[package].split())
    assert sorted(dir(module)) == sorted(module.__all__)
    for name in module.__all__:
        assert not inspect.ismodule(getattr(module, name)), name
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        module.nothing_of_that_name  # noqa: B018


@pytest.mark.parametrize("package", PUBLIC)
def test_no_public_name_is_hidden_by_a_module(package):
    """A lazily loaded function that is called like its module is lost once that is imported."""
    modules = {path.stem for path in (ROOT / package.replace(".", "/")).glob("*.py")}
    assert modules & set(PUBLIC[package].split()) == set()


def test_errors_are_one_documented_tree():
    errors = import_module("photodrag.errors")
    for name, value in vars(errors).items():
        if inspect.isclass(value):
            assert issubclass(value, errors.PhotodragError | UserWarning), name
            assert value.__doc__, name


def test_no_file_is_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files(*MAY_IMPORT, "tests", "benchmarks")
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def commands(
    command: click.Command = main, name: str = "photodrag"
) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for inner_name, inner in command.commands.items():
            yield from commands(inner, f"{name} {inner_name}")


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name):
    command = COMMANDS[name]
    assert command.help
    assert re.search(rf"^  {re.escape(name)}\b", inspect.cleandoc(command.help), re.MULTILINE)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "version":
            assert parameter.help, parameter.opts


@pytest.mark.parametrize("name", COMMANDS)
def test_help_loads_nothing_heavy(name):
    heavy = ("torch", "cv2", "dlib", "PIL", "numpy", "rich")
    args = [*name.split()[1:], "--help"]
    code = (
        "import sys\n"
        "from photodrag.pipeline.cli import main\n"
        f"try: main({args!r})\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_repeated_defaults_agree():
    """The two numbers that the command line repeats so that help loads nothing."""
    assert inspect.signature(align).parameters["size"].default == CROP_SIZE
    assert inspect.signature(Generator.sample).parameters["truncation"].default == TRUNCATION


def test_links_in_the_docs_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if not link.startswith("https://"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"
