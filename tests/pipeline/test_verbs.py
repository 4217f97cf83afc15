"""Every verb of DVC on the tiny study, as one types it: after a run, and in a clone without cache.

What docs/dvc.md says of a limit of DVC is tried here too, so that a row goes once the limit does.
"""

import re
import shlex

import pytest
from given.tiny_study import ROOT, Study

TABLE = (ROOT / "docs" / "dvc.md").read_text(encoding="utf-8")
UP_TO_DATE = "Data and pipelines are up to date."
# What DVC says before it removes anything.
ASKS = "WARNING: This will remove all cache except items used in the workspace"
NARROW = next(line for line in TABLE.splitlines() if line.startswith("dvc exp show --only-changed"))


@pytest.fixture(scope="module")
def after(finished, tmp_path_factory):
    """The study after its run, with a remote; tests only read it."""
    study = finished.copy(tmp_path_factory.mktemp("after"))
    remote = study.folder.parent / "remote"
    study.dvc("remote", "add", "--local", "--default", "--quiet", "store", str(remote))
    return study


@pytest.fixture
def clone(finished, tmp_path):
    """A clone of the finished study: what git has, no cache, no remote."""
    folder = tmp_path / "a clone"
    finished.git("clone", "--quiet", str(finished.folder), str(folder))
    return Study(folder, None)


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("repro", UP_TO_DATE),
        ("status", UP_TO_DATE),
        ("data status", "No changes."),
        ("checkout", ""),
        ("push", "files pushed"),
        ("pull", "Everything is up to date."),
        ("gc -w -f", "No unused 'repo' cache to remove."),
        ("metrics show", "metrics/tiny/reference-34.json"),
        ("metrics diff", ""),
        ("params diff", ""),
        ("diff", ""),
        ("plots show", "dvc_plots/index.html"),
        ("dag", "report@tiny"),
        ("exp show", "workspace"),
        ("exp list", ""),
    ],
)
def test_a_bare_verb_is_clean_after_a_run(after, verb, says):
    assert f"`dvc {verb.split(' -')[0]}" in TABLE

    said = after.dvc(*verb.split())

    assert says in said
    assert not re.findall("ERROR|WARNING|failed", said.replace(ASKS, ""))
    assert after.git("status", "--porcelain") == ""


@pytest.fixture
def study(one_depth, tmp_path):
    return one_depth.copy(tmp_path)


def test_an_experiment_is_saved_applied_and_becomes_a_branch(study):
    study.edit_params(lambda params: params["report"].update(png_dpi=60))

    for verb in ("exp save --force --name kept", "exp branch kept tried"):
        said = study.dvc(*verb.split())
        assert not re.findall("ERROR|WARNING", said)
    study.git("checkout", "--", "params.yaml")
    said = study.dvc("exp", "apply", "kept")

    assert not re.findall("ERROR|WARNING", said)
    assert "png_dpi: 60" in (study.folder / "params.yaml").read_text()
    assert "png_dpi: 60" in study.git("show", "tried:params.yaml")


def test_a_queued_experiment_leaves_every_file_as_it_is_and_shows_in_120_columns(study):
    before = (study.folder / "params.yaml").read_bytes()

    study.dvc("exp", "run", "--queue", "--name", "later", "-S", "recipes.reference.lr=0.3")

    assert (study.folder / "params.yaml").read_bytes() == before
    assert study.git("status", "--porcelain") == ""
    said = study.run("python", "-m", *shlex.split(NARROW))
    assert max(map(len, said.splitlines())) <= 120
    for shown in ("later", "Queued", "accuracy", "recipes.reference.lr", "0.3"):
        assert shown in said
    assert "train_seconds" not in said


def test_a_network_that_is_new_in_an_experiment_has_its_metrics_in_its_commit(study):
    study.edit_params(lambda params: params["recipes"].update(other={"lr": 0.01}))
    study.commit("Another recipe")
    change = ("-S", "study.recipes=[reference,other]")

    study.dvc("exp", "run", "--temp", "--name", "both", *change, "report@tiny")

    ref = study.git("for-each-ref", "--format=%(refname)", "refs/exps/**/both").strip()
    listed = study.git("ls-tree", "-r", "--name-only", ref, "metrics").split()
    assert listed == ["metrics/tiny/other-18.json", "metrics/tiny/reference-18.json"]


@pytest.mark.parametrize("verb", ["status", "metrics show", "plots show", "dag", "exp list"])
def test_in_a_clone_without_cache_what_git_has_is_shown(clone, verb):
    said = clone.dvc(*verb.split())

    assert not re.findall("ERROR|WARNING|failed|tiny/other|cifar10", said)


@pytest.mark.parametrize(
    ("verb", "limit", "way_round"),
    [
        ("checkout", "Checkout failed for following targets", "checkout --allow-missing"),
        ("pull", "No remote provided", "pull --allow-missing"),
        ("repro --dry", "data/settings.ok", "repro --allow-missing --dry"),
        ("exp save", "output 'data/settings.ok' does not exist", ""),
        ("freeze train@tiny-reference-18-0", "cannot dump a parametrized stage", ""),
    ],
)
def test_a_limit_of_dvc_is_as_the_table_says_and_so_is_the_way_round(clone, verb, limit, way_round):
    said = clone.dvc(*verb.split(), check=False)

    assert limit in said
    assert limit in TABLE
    if way_round:
        assert way_round in TABLE
        assert "ERROR" not in clone.dvc(*way_round.split())
