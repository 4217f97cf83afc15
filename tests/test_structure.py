"""The structure that dvc.yaml and the rooms promise: order, thin stages, complete dependencies.

Imports are read from the source with `ast`, so nothing is imported here.
"""

import ast
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PACKAGE = "resnet_depth"
STAGES = sorted((ROOT / "stages").glob("*.py"))
MODULES = sorted((SOURCE / PACKAGE).rglob("*.py"))

# From the ground up. A room imports rooms before it; those of one line stand beside each other.
ORDER = [
    line.split()
    for line in (
        "base",
        "runs",
        "machine",
        "data",
        "networks",
        "deployment",
        "start training evaluation export",
        "latency pruning",
        "evidence",
        "findings",
        "report",
        "params",
        "commands",
    )
]
ROOM_OF_STAGE = {
    "download": "data.download",
    "prepare": "data.preparation",
    "start": "start",
    "train": "training",
    "evaluate": "evaluation",
    "export": "export",
    "latency": "latency",
    "pruned_latency": "latency",
    "prune": "pruning",
    "summarize": "evidence",
    "report": "report",
}
# What a stage is told and what it leaves, which others may read.
FACES = ("settings", "records")
# A stage that goes on with the work of another reaches into its room.
GOES_ON = {"pruning": "training"}
TORCH_FREE_ROOMS = ["base", "data", "evidence", "findings", "report"]
TORCH_FREE_STAGES = ["settings", "download", "prepare", "levels", "summarize", "report"]
LARGEST_ROOM = 14


def module_name(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in MODULES}


@cache
def imported_names(path):
    """Every module named by an import anywhere in a file; `from a import b` may name a.b."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def own_imports(path):
    return {name for name in imported_names(path) if name in FILES and name != PACKAGE}


@cache
def reached(path):
    """Every file of the package that importing `path` runs, but the empty __init__ files."""
    found, waiting = set(), [path]
    while waiting:
        for name in own_imports(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(FILES[name])
    return {name for name in found if FILES[name].name != "__init__.py"}


def room(name):
    """The room of a module, such as `data` or `runs`."""
    return name.split(".")[1]


HEIGHTS = {name: level for level, rooms in enumerate(ORDER) for name in rooms}


def height(name):
    assert room(name) in HEIGHTS, f"say in ORDER, {__file__}, where the room {room(name)} stands"
    return HEIGHTS[room(name)]


def test_the_order_names_every_room_and_no_other():
    rooms = {room(name) for name in FILES if name != PACKAGE}

    assert rooms - set(HEIGHTS) == set(), f"say in ORDER, {__file__}, where it stands"
    assert set(HEIGHTS) - rooms == set(), f"take it out of ORDER, {__file__}"


def test_a_room_imports_only_rooms_below_it():
    # Of a room beside it, it may read what that was told and what it left.
    wrong = [
        f"{name} imports {other}"
        for name, path in FILES.items()
        if name != PACKAGE
        for other in own_imports(path)
        if room(other) != room(name)
        and height(other) + (other.rpartition(".")[2] not in FACES) > height(name)
    ]

    assert wrong == []


def test_of_the_room_of_an_earlier_stage_others_import_only_what_it_is_told_and_leaves():
    rooms = {f"{PACKAGE}.{name}" for name in ROOM_OF_STAGE.values() if name != "evidence"}
    wrong = [
        f"{name} imports {other}"
        for name, path in FILES.items()
        if name != PACKAGE and room(name) not in ("commands", "params")
        for other in own_imports(path)
        for owner in rooms
        if other.startswith(f"{owner}.")
        and not name.startswith(f"{owner}.")
        and GOES_ON.get(room(name)) != room(other)
        and other.removeprefix(f"{owner}.") not in FACES
    ]

    # What was downloaded is read by `prepare` under the names that `download` gave.
    assert [line for line in wrong if not line.endswith(".raw_files")] == []


def test_a_room_holds_at_most_14_modules():
    counts = {}
    for path in MODULES:
        if path.name not in ("__init__.py", "__main__.py"):
            counts[path.parent] = counts.get(path.parent, 0) + 1

    assert {path.name: count for path, count in counts.items() if count > LARGEST_ROOM} == {}


def test_every_room_says_what_belongs_in_it():
    folders = {path.parent for path in MODULES}

    for folder in folders:
        text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
        assert text, folder


def test_no_module_imports_itself_through_others():
    assert [name for name, path in FILES.items() if name in reached(path)] == []


def test_package_files_reexport_nothing():
    for path in MODULES:
        if path.name == "__init__.py":
            assert [type(node) for node in ast.parse(path.read_text()).body] == [ast.Expr], path


def test_nothing_imports_an_entry_point():
    names = {f"{stage.stem}" for stage in STAGES} | {"stages"}
    for path in [*MODULES, *STAGES]:
        assert not names & imported_names(path), path
    for path in MODULES:
        if ".commands" not in module_name(path):
            assert not any(".commands" in name for name in own_imports(path)), path


@pytest.mark.parametrize("name", TORCH_FREE_ROOMS)
def test_a_room_that_needs_no_torch_does_not_reach_it(name):
    for module, path in FILES.items():
        if module.startswith(f"{PACKAGE}.{name}."):
            assert_no_torch(path)


@pytest.mark.parametrize("name", TORCH_FREE_STAGES)
def test_a_stage_that_needs_no_torch_does_not_reach_it(name):
    assert_no_torch(ROOT / "stages" / f"{name}.py")


def assert_no_torch(path):
    for file in [path, *(FILES[name] for name in reached(path))]:
        assert not [name for name in imported_names(file) if name.split(".")[0].startswith("torch")]


def dvc_stages():
    stages = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text())["stages"]
    return dict(stages)


def test_stages_and_scripts_have_the_same_names():
    assert [path.stem for path in STAGES] == sorted(dvc_stages())


def listed_files(stage):
    """Every file of code that a stage's dependencies name or hold, as DVC sees it."""
    files = set()
    for dep in dvc_stages()[stage]["deps"]:
        path = ROOT / dep
        if dep.startswith("src/"):
            assert path.exists(), dep
            files |= set(path.rglob("*.py")) if path.is_dir() else {path}
    return {path for path in files if path.name != "__init__.py"}


def reached_files(stage):
    return {FILES[name] for name in reached(ROOT / "stages" / f"{stage}.py")}


@pytest.mark.parametrize("stage", sorted(dvc_stages()))
def test_a_stage_reaches_only_what_it_lists(stage):
    # What it lacked would leave stale results.
    lacking = reached_files(stage) - listed_files(stage)
    assert lacking == set(), f"dvc.yaml, deps of {stage}: list the rooms of these"
    assert f"stages/{stage}.py" in dvc_stages()[stage]["deps"]


@pytest.mark.parametrize("stage", ["train", "download"])
def test_a_stage_that_costs_much_lists_only_what_it_reaches(stage):
    # What it had too much would train, or fetch, again for nothing.
    assert listed_files(stage) == reached_files(stage), f"dvc.yaml, deps of {stage}"


@pytest.mark.parametrize("stage", sorted(dvc_stages()))
def test_a_stage_lists_rooms_where_it_can(stage):
    # A file stands alone where its room holds more than the stage reaches of it.
    code = [dep for dep in dvc_stages()[stage]["deps"] if dep.startswith("src/")]
    lone = [dep for dep in code if dep.endswith(".py") and not dep.endswith("settings.py")]

    assert set(lone) <= {
        f"src/{PACKAGE}/{name}.py"
        for name in (
            *("params", "data/prepared", "networks/shape"),
            *("start/records", "training/records", "export/records", "pruning/records"),
        )
    }


@pytest.mark.parametrize("stage", sorted(dvc_stages()))
def test_a_stage_runs_its_script_by_the_common_command(stage):
    command = dvc_stages()[stage]["cmd"]

    assert command.startswith(f"${{python}} stages/{stage}.py ")


def test_only_evaluate_depends_on_the_test_part():
    # What the stages really open is recorded in test_pipeline.py.
    prepared = "data/prepared/${item.dataset}"
    readers = {
        name: {dep for dep in stage["deps"] if dep == prepared or "/test_" in dep}
        for name, stage in dvc_stages().items()
    }
    evaluate, report = readers.pop("evaluate"), readers.pop("report")

    assert evaluate == {f"{prepared}/test_images.npy", f"{prepared}/test_labels.npy"}
    # It may show images that were got wrong.
    assert report <= {f"{prepared}/test_images.npy"}
    assert not any(readers.values()), readers


def test_results_of_the_test_part_reach_only_what_sums_up():
    # Nothing that trains, measures or prepares could choose by them.
    results = ("data/evaluations/", "metrics/", "plots/")
    readers = {
        name
        for name, stage in dvc_stages().items()
        if any(dep.startswith(results) for dep in stage["deps"])
    }

    assert readers == {"summarize", "report"}


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.stem)
def test_a_stage_is_at_most_45_lines(stage):
    assert len(stage.read_text().splitlines()) <= 45


def test_the_graph_is_at_most_300_lines():
    assert len((ROOT / "dvc.yaml").read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_is_at_most_250_lines_and_its_functions_60(path):
    source = path.read_text()
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert len(source.splitlines()) <= 250
    assert [node.name for node in functions if node.end_lineno - node.lineno >= 60] == []


# Of no one module.
APART = {
    "faults": "what a user, a host or a file does wrong, of every kind",
    "report/test_page_in_browser.py": "the page as a whole, in Chromium",
    "pipeline": "the graph, by real DVC",
}


def test_tests_mirror_the_rooms():
    tests = ROOT / "tests"
    files = {path.relative_to(tests).as_posix() for path in tests.glob("*/**/test_*.py")}
    apart = {file for file in files if file in APART or file.split("/")[0] in APART}

    of_modules = {file.replace("test_", "") for file in files - apart}
    strays = of_modules - {path.relative_to(SOURCE / PACKAGE).as_posix() for path in MODULES}
    assert strays == set(), "tests/: call these by the module that they are about, in its room"


def test_no_module_has_a_name_that_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert not empty & {path.stem for path in [*MODULES, *STAGES]}
