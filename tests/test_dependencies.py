"""What the code imports is what pyproject.toml asks for, and what requirements.lock pins."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = {"given", "resnet_depth"}
LIBRARY = [*ROOT.glob("src/**/*.py"), *ROOT.glob("stages/*.py")]


def package(name):
    """A package's name, without extras, in the one spelling that registries compare by."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


DEPENDENCIES = set(map(package, PYPROJECT["project"]["dependencies"]))
EXTRAS = set(map(package, PYPROJECT["project"]["optional-dependencies"]["workers"]))
DEVELOPMENT = set(map(package, PYPROJECT["dependency-groups"]["dev"]))


def pinned(lock="requirements.lock"):
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {package(line.split("==")[0]) for line in lines if re.match(r"[\w.-]+==\S", line)}


def imported(paths):
    """The packages of all that these files import from elsewhere."""
    modules = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module)
    top = {name.partition(".")[0] for name in modules} - OURS - sys.stdlib_module_names
    known = packages_distributions()
    # Where several packages bring a module, the others extend the one with the shortest name.
    # What an extra brings may not be here.
    return {package(min(known.get(name, [name]), key=len)) for name in top}


def test_the_dependencies_are_what_the_library_and_the_stages_import():
    assert imported(LIBRARY) == DEPENDENCIES | EXTRAS


def test_what_tests_import_is_asked_for_as_well():
    assert imported(ROOT.glob("tests/**/*.py")) <= DEPENDENCIES | EXTRAS | DEVELOPMENT


def test_every_dependency_is_pinned():
    assert pinned() >= DEPENDENCIES | DEVELOPMENT


def test_what_an_extra_brings_is_pinned():
    assert "ruamel-yaml-clib" in pinned()
    assert pinned("requirements-workers.lock") >= EXTRAS
    assert not pinned("requirements-workers.lock") & pinned()
