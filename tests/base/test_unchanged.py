"""A stage hands nothing over if its settings or its code were edited while it ran."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "resnet_depth"
STAGE = """
from resnet_depth.base import cli
import os
from pathlib import Path
from typing import Literal
from resnet_depth.base.files import write_text
from resnet_depth.base.sections import Section, load_section

class Numbers(Section):
    one: int

def edit(moment):
    if os.environ["MOMENT"] == moment:
        exec(os.environ["EDIT"])

def main(params: cli.ParamsFile, out: cli.OutFile) -> None:
    edit("before it reads")
    load_section(params, "numbers", Numbers)
    edit("at work")
    write_text(out, "whole")
    edit("at the end")

cli.run(main)
"""
IMPORTED, OTHER = "src/resnet_depth/base/progress.py", "src/resnet_depth/params.py"
EDITS = {
    "setting": "Path('params.yaml').write_text('numbers: {one: 2}\\nothers: {two: 2}')",
    "broken settings": "Path('params.yaml').write_text('numbers: {')",
    "no settings": "Path('params.yaml').unlink()",
    "module": "Path('src/resnet_depth/base/errors.py').open('a').write('# edited')",
    "no module": "Path('src/resnet_depth/base/errors.py').unlink()",
    "script": "Path('stage.py').open('a').write('# edited')",
}
HARMLESS = {
    "comment": "Path('params.yaml').write_text('# edited\\nnumbers: {one: 1}\\nothers: {two: 2}')",
    "other section": "Path('params.yaml').write_text('numbers: {one: 1}\\nothers: {two: 3}')",
    "module it never imports": "Path('src/resnet_depth/params.py').open('a').write('# edited')",
    "new module": "Path('src/resnet_depth/base/new.py').write_text('')",
    "time of a module": "os.utime('src/resnet_depth/base/errors.py', (0, 0))",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder with a copy of the base room's code, which may be edited."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(PACKAGE / "base", folder / "src/resnet_depth/base")
    for name in ("__init__.py", "params.py"):
        shutil.copy(PACKAGE / name, folder / "src/resnet_depth" / name)
    return folder


def run_stage(package, folder, moment, edit, by_dvc=True):
    shutil.copytree(package, folder, dirs_exist_ok=True)
    (folder / "stage.py").write_text(STAGE)
    (folder / "params.yaml").write_text("numbers: {one: 1}\nothers: {two: 2}")
    own = {"PYTHONPATH": str(folder / "src"), "MOMENT": moment, "EDIT": edit}
    named = {"DVC_STAGE": "train@digits-reference-18-0"} if by_dvc else {}
    return subprocess.run(
        [sys.executable, "stage.py", "--params", "params.yaml", "--out", "out.txt"],
        cwd=folder,
        env=os.environ | own | named,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_edited_while_a_stage_runs_ends_it_without_output(package, tmp_path, edit):
    done = run_stage(package, tmp_path, "at work", EDITS[edit])

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "was changed while train@digits-reference-18-0 ran" in done.stderr
    assert not (tmp_path / "out.txt").exists()
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("edit", ["setting", "module"])
def test_what_is_edited_after_the_last_output_fails_the_stage_too(package, tmp_path, edit):
    done = run_stage(package, tmp_path, "at the end", EDITS[edit])

    assert done.returncode == 1
    assert "was changed while" in done.stderr


def test_a_module_that_is_edited_before_anything_is_read_counts(package, tmp_path):
    done = run_stage(package, tmp_path, "before it reads", EDITS["module"])

    assert done.returncode == 1
    assert done.stderr.startswith(str(tmp_path / "src/resnet_depth/base/errors.py"))


@pytest.mark.parametrize("edit", HARMLESS)
def test_an_edit_that_changes_nothing_of_what_was_read_is_none(package, tmp_path, edit):
    done = run_stage(package, tmp_path, "at work", HARMLESS[edit])

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.txt").read_text() == "whole"


@pytest.mark.parametrize("edit", ["setting", "module"])
def test_what_runs_outside_dvc_may_be_edited_under(package, tmp_path, edit):
    done = run_stage(package, tmp_path, "at work", EDITS[edit], by_dvc=False)

    assert done.returncode == 0, done.stderr
