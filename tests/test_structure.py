"""The structure that the README promises: layers, thin stages, and dependencies that are complete.

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

LAYERS = [
    layer.split()
    for layer in (
        "errors files runs raw_files seeding devices provenance run_guard progress cli settings",
        """datasets formats image_folders transfer
        resnet models live_taps compaction convolution_plan convolution_products
        matrix_products matrix_convolution fused_block fast_form packed_form deployment
        augmentation adam inference training_loop checkpoints plain_training
        metrics statistics significance contrasts depth_pairs growth records wording claims
        drawing inline_svg literature page_script predictions calibration examples""",
        """download preparation training training_session training_result evaluation latency
        summary paired_tests evidence costs findings balance convergence figures
        accuracy_figures class_figures calibration_figures example_figures
        cost_figures inference_figures pareto_figures size_figures
        prediction_tables results_table
        provenance_table answer rerunning report tidying comparison reproduction
        committed_code origin publication verification
        published_values published_table published_comparison quotations results_block
        documents contenders benchmark benchmark_table""",
        "commands",
    )
]
TORCH_FREE = ["metrics", "statistics", "summary", "findings", "figures", "report", "download"]
TORCH_FREE_STAGES = ["settings", "download", "prepare", "summarize", "report"]


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


def layer(name):
    part = name.split(".")[1]
    return next(level for level, members in enumerate(LAYERS) if part in members)


def test_every_module_has_a_layer():
    known = {member for members in LAYERS for member in members}
    named = {name.split(".")[1] for name in FILES if name != PACKAGE}

    assert named == known


def test_imports_go_downward():
    upward = [
        f"{name} imports {other}"
        for name, path in FILES.items()
        if name != PACKAGE
        for other in own_imports(path)
        if layer(other) > layer(name)
    ]

    assert upward == []


def test_the_ground_layer_imports_only_errors_and_within_settings():
    wrong = [
        f"{name} imports {other}"
        for name, path in FILES.items()
        if name != PACKAGE and layer(name) == 0
        for other in own_imports(path)
        if other != f"{PACKAGE}.errors"
        and not (".settings." in name and other.startswith(f"{PACKAGE}.settings"))
    ]

    assert wrong == []


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


@pytest.mark.parametrize("name", TORCH_FREE)
def test_a_module_that_needs_no_torch_does_not_reach_it(name):
    assert_no_torch(FILES[f"{PACKAGE}.{name}"])


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


@pytest.mark.parametrize("stage", sorted(dvc_stages()))
def test_a_stage_depends_on_exactly_the_modules_it_reaches(stage):
    # A missing one would leave stale results; one too many would retrain for nothing.
    script = ROOT / "stages" / f"{stage}.py"
    modules = {FILES[name] for name in reached(script)}
    templates = {
        path.with_suffix(".html.jinja")
        for path in modules
        if path.with_suffix(".html.jinja").exists()
    }
    expected = {str(path.relative_to(ROOT)) for path in modules | templates | {script}}

    listed = {dep for dep in dvc_stages()[stage]["deps"] if dep.startswith(("src/", "stages/"))}

    assert listed == expected


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


def test_no_module_has_a_name_that_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert not empty & {path.stem for path in [*MODULES, *STAGES]}
