"""The shape of the project: imports, public names, sizes, and that the docs know the commands."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from photodrag.alignment import align
from photodrag.checkpoints import Generator
from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.commands.align import CROP_SIZE
from photodrag.pipeline.cli.commands.generate import TRUNCATION

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES, MOST_TEST_LINES = 350, 450
MOST_FUNCTION_LINES, MOST_PARAMETERS = 60, 7

# Which rooms of photodrag each room may import. A room is a package or a sub-package, or a module
# that stands by itself in pipeline/; its other sub-packages belong to it.
EVERY_STAGE = {"base", "alignment.photos", "alignment", "checkpoints", "inversion", "drag"}
MAY_IMPORT = {
    "base": set(),
    "alignment.photos": {"base"},
    "alignment": {"base", "alignment.photos"},
    "checkpoints": {"base"},
    "inversion": {"base", "alignment", "checkpoints"},
    "drag": {"base", "checkpoints"},
    # pipeline's ground floor: none of them knows another
    "pipeline.runtime": {"base"},
    "pipeline.imaging": {"base"},
    "pipeline.request": {"base", "alignment", "drag"},
    "pipeline.guide": EVERY_STAGE,
    # what they carry
    "pipeline.composite": EVERY_STAGE | {"pipeline.imaging", "pipeline.guide"},
    "pipeline.settings": EVERY_STAGE | {"pipeline.guide", "pipeline.composite"},
    "pipeline.settings_json": {"base", "pipeline.composite", "pipeline.settings"},
    "pipeline.option_settings": {"drag", "inversion", "pipeline.settings"},
    "pipeline.cache": EVERY_STAGE | {"pipeline.guide", "pipeline.settings"},
    "pipeline.edit": EVERY_STAGE
    | {"pipeline.imaging", "pipeline.request", "pipeline.guide", "pipeline.composite"}
    | {"pipeline.runtime", "pipeline.settings", "pipeline.settings_json", "pipeline.cache"},
    "pipeline.recipe": EVERY_STAGE
    | {"pipeline.request", "pipeline.settings", "pipeline.settings_json", "pipeline.edit"},
    "pipeline.results": EVERY_STAGE | {"pipeline.guide", "pipeline.composite", "pipeline.edit"},
    "pipeline.session": EVERY_STAGE
    | {"pipeline.request", "pipeline.guide", "pipeline.composite", "pipeline.settings"}
    | {"pipeline.settings_json", "pipeline.edit", "pipeline.recipe"},
    "pipeline.front_door": EVERY_STAGE
    | {"pipeline.request", "pipeline.settings", "pipeline.option_settings", "pipeline.cache"}
    | {"pipeline.edit", "pipeline.recipe", "pipeline.results", "pipeline.session"},
    "pipeline.batch": EVERY_STAGE
    | {"pipeline.runtime", "pipeline.cache", "pipeline.edit", "pipeline.recipe"},
    # the studio, from what is said to who may listen
    "pipeline.studio.protocol": {"base", "alignment"}
    | {"pipeline.request", "pipeline.option_settings", "pipeline.session"},
    "pipeline.studio.live": EVERY_STAGE
    | {"pipeline.imaging", "pipeline.guide", "pipeline.composite", "pipeline.edit"}
    | {"pipeline.studio.protocol"},
    "pipeline.studio.engine": EVERY_STAGE
    | {"pipeline.runtime", "pipeline.request", "pipeline.settings", "pipeline.settings_json"}
    | {"pipeline.option_settings", "pipeline.cache", "pipeline.edit", "pipeline.recipe"}
    | {"pipeline.results", "pipeline.session"}
    | {"pipeline.studio.protocol", "pipeline.studio.live"},
    "pipeline.studio.page": {"base", "alignment", "drag"}
    | {"pipeline.request", "pipeline.composite", "pipeline.option_settings"}
    | {"pipeline.studio.protocol", "pipeline.studio.engine"},
    "pipeline.studio.server": {"base"}
    | {"pipeline.studio.protocol", "pipeline.studio.engine", "pipeline.studio.page"},
}
# Beside the package, and not installed with it: which of each other they may import.
BESIDE = {
    "benchmarks": set(),
    "evaluation": {"benchmarks"},
    "scripts": {"benchmarks", "evaluation"},
}
# The faces, which name what others use, and the command line, which may use everything.
FACES = {"pipeline", "pipeline.studio", "pipeline.cli", "__main__"}
TOPS = ("base", "alignment", "checkpoints", "inversion", "drag", "pipeline")

PUBLIC = {
    "": """
        ADJUSTMENTS EditRequest EditRun EditSettings EditedPhoto Photo PhotodragError Recipe Session
        __version__ edit find_faces load_generator open_photo
    """,
    "alignment": """
        Face FaceCrop FaceMesh JpegCoding LANDMARK_NAMES MAX_PIXELS Photo align as_photo
        draw_faces find_faces FaceChoice HeadPose face_outline fit_head fit_mesh
        identity_distance landmark_index landmarks_in landmarks_near open_photo parse_face
        select_face
    """,
    "checkpoints": """
        CATALOGUE CheckpointSpec DEFAULT_CHECKPOINT FetchRun Generator GeneratorConfig Latent
        MobileStyleGANConfig StyleGAN2Config WStatistics Window WindowMaps build_generator
        convert_checkpoint fetch find_spec generator_from_tensors load_generator locate
        read_checkpoint save_checkpoint
    """,
    "drag": "DEFAULTS DragPoint DragRun DragSettings DragStep OFFICIAL PRESETS",
    "inversion": """
        DEFAULTS PRESETS InversionSettings Inversion InvertStep Losses LossSettings
        PerceptualDistance ProjectRun ProjectSettings Target TuneRun TuneSettings
        load_perceptual make_target read_inversion save_inversion
    """,
    "pipeline": """
        ADJUSTMENTS Adjustment BatchRun BatchSettings ChangeOptions CompositeSettings DragSpec
        EditRequest EditResult EditRun EditSettings EditStep FaceDrag FacesRun FilmRun
        InversionCache InvertRun InvertedDragRun MASKS Movie Reached Recipe SessionFolder
        SessionState SessionWork Start compare_picture continue_from keep_session make_report
        named_mask parse_adjustment parse_drag parse_face_drag plan_batch reached_adjustments
        read_mask read_recipe write_recipe write_report
    """,
    "pipeline.studio": """
        Command Done EditInfo PageEdit Event Failed Frame Landmark
        MaskRequest Paused PhotoInfo Picture PointEnd PointRequest Progress SAVE_EXTENSIONS
        SavedFile Stopped Stroke Studio StudioSettings Ticket Upload Waiting Working Workspace
        WorkspaceState
    """,
}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    """The full name of a module: base/ is the package `photodrag` itself."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    parts = parts[1:] if parts[0] == "base" else parts
    parts = parts[:-1] if parts and parts[-1] == "__init__" else parts
    return ".".join(["photodrag", *parts])


def room(module: str) -> str:
    """The room that a module is in: the longest name in the table that it begins with."""
    name = module.removeprefix("photodrag").removeprefix(".")
    rooms = [*MAY_IMPORT, *FACES]
    inside = [one for one in rooms if name == one or name.startswith(one + ".")]
    return max(inside, key=len, default="base")


MODULES = {module_name(path): path for path in python_files(*TOPS)}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that a file imports, inside functions too."""
    package = module_name(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            for name in node.names:
                inner = f"{module}.{name.name}"
                yield node.lineno, inner if inner in MODULES else module


@pytest.mark.parametrize("name", sorted({room(module) for module in MODULES} - FACES))
def test_imports_go_one_way(name):
    wrong = []
    for module, path in MODULES.items():
        if room(module) == name:
            for line, other in imported(path):
                is_ours = other.split(".")[0] == "photodrag"
                if is_ours and room(other) not in MAY_IMPORT[name] | {name}:
                    wrong.append(f"{path.relative_to(ROOT)}:{line} imports {other}")
    assert wrong == []


def test_the_table_of_imports_has_no_circle():
    done: set[str] = set()
    while left := MAY_IMPORT.keys() - done:
        free = {name for name in left if MAY_IMPORT[name] <= done}
        assert free, f"a circle among {sorted(left)}"
        done |= free


@pytest.mark.parametrize("folder", [*TOPS, *BESIDE])
def test_what_is_not_installed_is_imported_one_way(folder):
    wrong = []
    for path in python_files(folder):
        for line, other in imported(path):
            top = other.split(".")[0]
            if top in BESIDE.keys() - BESIDE.get(folder, set()) - {folder}:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {other}")
    assert wrong == []


def test_the_page_has_the_table_of_imports():
    """docs/architecture.md says the same as MAY_IMPORT; `every stage` is EVERY_STAGE there."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    section = page.split("## Which room may import which")[1].split("\n## ")[0]
    found = {}
    for name, others in re.findall(r"^\| `([\w.]+)` \| (.+) \|$", section, re.MULTILINE):
        assert name not in found, f"{name} stands there twice"
        found[name] = set(re.findall(r"`([\w.]+)`", others))
        found[name] |= EVERY_STAGE if "every stage" in others else set()
    assert found == MAY_IMPORT


def test_no_modules_import_each_other():
    arrows = {
        module: {other for _, other in imported(path) if other in MODULES and other != module}
        for module, path in MODULES.items()
        if path.name != "__init__.py"
    }
    done: set[str] = {module for module in MODULES if module not in arrows}
    while left := arrows.keys() - done:
        free = {module for module in left if arrows[module] <= done}
        assert free, f"a circle among {sorted(left)}"
        done |= free


def test_every_package_is_in_the_table():
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for path in python_files("pipeline")
        if path.name == "__init__.py"
    }
    assert {room(f"photodrag.{folder}") for folder in folders} <= MAY_IMPORT.keys() | FACES
    assert {folder for folder in folders if room(f"photodrag.{folder}") == "pipeline"} == {
        "pipeline"
    }


def test_every_package_is_installed():
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    packages = {module_name(path) for path in python_files(*TOPS) if path.name == "__init__.py"}
    assert set(known["packages"]) == packages


@pytest.mark.parametrize("package", TOPS)
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


def test_errors_import_nothing():
    assert list(imported(ROOT / "base" / "errors.py")) == []


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_are_these(package):
    module = import_module(f"photodrag.{package}".rstrip("."))
    assert sorted(module.__all__) == sorted(PUBLIC[package].split())
    assert sorted(dir(module)) == sorted(module.__all__)
    for name in module.__all__:
        assert not inspect.ismodule(getattr(module, name)), name
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        module.nothing_of_that_name  # noqa: B018


def test_importing_a_package_loads_nothing_heavy():
    heavy = ("torch", "cv2", "dlib", "PIL", "numpy", "rich")
    names = ", ".join(f"photodrag.{package}" for package in PUBLIC if package)
    code = f"import sys, photodrag, {names}; print([n for n in {heavy!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("package", PUBLIC)
def test_no_public_name_is_hidden_by_a_module(package):
    """A lazily loaded function that is called like its module is lost once that is imported."""
    folder = ROOT / (package.replace(".", "/") or "base")
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules & set(PUBLIC[package].split()) == set()


def test_errors_are_one_documented_tree():
    errors = import_module("photodrag.errors")
    for name, value in vars(errors).items():
        if inspect.isclass(value):
            assert issubclass(value, errors.PhotodragError | UserWarning), name
            assert value.__doc__, name


def test_no_file_is_long():
    for folders, most in (((*TOPS, *BESIDE), MOST_LINES), (("tests",), MOST_TEST_LINES)):
        long = {
            str(path.relative_to(ROOT)): lines
            for path in python_files(*folders)
            if (lines := len(path.read_text("utf-8").splitlines())) > most
        }
        assert long == {}


def test_no_function_is_long_or_has_many_parameters():
    """Except for the front door's `edit`, whose parameters are what people may say."""
    wrong = []
    for path in python_files(*TOPS):
        if "commands" in path.parts:  # a parameter for each option
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            count = len([name for name in names if name not in ("self", "cls")])
            is_door = (path.name, node.name) == ("one_edit.py", "edit")
            if lines > MOST_FUNCTION_LINES or (count > MOST_PARAMETERS and not is_door):
                wrong.append(f"{path.relative_to(ROOT)}: {node.name}, {lines} lines, {count}")
    assert wrong == []


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
