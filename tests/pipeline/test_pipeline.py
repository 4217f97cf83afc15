"""The graph, run by real DVC on a tiny study: what is cached, what a change reruns, what is kept.

The study is made once; each test works on a copy that shares nothing with the others.
"""

import re
import shutil
from copy import deepcopy
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from given.tiny_study import Study

from resnet_depth.base.files import file_digest, read_json

UP_TO_DATE = "Data and pipelines are up to date."
TARGET = "report@tiny"
SUMS_UP = {"summarize@tiny", "report@tiny"}


def instances(recipe, *depths):
    """The instances of a recipe, at some depths, with seed 0."""
    return {
        name
        for depth in depths
        for name in (
            *(f"train@tiny-{recipe}-{depth}-0", f"evaluate@tiny-{recipe}-{depth}-0"),
            f"start@{recipe}-{depth}",
            *(f"export@tiny-{recipe}-{depth}", f"latency@tiny-{recipe}-{depth}"),
        )
    }


PRUNE = {"prune@tiny-18-0", "pruned_latency@tiny-18"}
REFERENCE = {"recipe@reference"} | instances("reference", 18, 34) | PRUNE
ALL = {"settings", "download@tiny", "prepare@tiny", "levels@tiny"} | REFERENCE | SUMS_UP


@pytest.fixture
def study(finished, tmp_path):
    return finished.copy(tmp_path)


def out_of_date(study):
    """The stage instances that `dvc status` names: their settings, code or inputs have changed."""
    said = study.dvc("status", "--with-deps", TARGET)
    return {line.rstrip(":") for line in said.splitlines() if not line.startswith((" ", "\t"))}


def replace_in(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_whole_study_runs_every_stage_once(finished, study):
    assert study.stages_run(finished.said) == ALL
    assert UP_TO_DATE in study.dvc("repro", TARGET)


def test_no_stage_that_trains_measures_or_sums_up_opens_the_test_part(finished):
    opened = finished.opened()
    tests = {
        stage: {Path(file).name for file in files if Path(file).name.startswith("test_")}
        for stage, files in opened.items()
    }

    assert tests["evaluate"] == {"test_images.npy", "test_labels.npy"}
    # It may show images that were got wrong; what is right stands in the predictions.
    assert tests["report"] <= {"test_images.npy"}
    for stage in ("train", "export", "latency", "prune", "pruned_latency", "summarize"):
        assert opened[stage], stage
        assert not tests[stage], stage
    # Before it was divided, the test part lay in the download.
    assert {stage for stage in opened if any("/raw/" in file for file in opened[stage])} == {
        *("download", "prepare")
    }


def test_no_stage_that_trains_or_measures_time_opens_a_result_of_the_test(finished):
    opened = finished.opened()

    assert any("/evaluations/" in file for file in opened["summarize"])
    for stage in ("prepare", "train", "export", "latency", "prune", "pruned_latency"):
        assert not any("/evaluations/" in file for file in opened[stage]), stage


def test_a_finished_study_is_clean_for_git_and_dvc(study):
    assert study.git("status", "--porcelain") == ""
    assert "up to date" in study.dvc("status", "--with-deps", TARGET)


def test_results_of_git_are_the_small_ones(study):
    tracked = study.git("ls-files", "metrics", "plots", "data", "models").split()

    assert sorted(tracked) == [
        "data/.gitkeep",
        "metrics/tiny/reference-18.json",
        "metrics/tiny/reference-34.json",
        "models/.gitkeep",
        "plots/tiny/accuracy.csv",
        "plots/tiny/accuracy_over_seeds.csv",
        "plots/tiny/confusion.csv",
        "plots/tiny/costs.json",
        "plots/tiny/curves.csv",
        "plots/tiny/examples.csv",
        "plots/tiny/findings.json",
        "plots/tiny/image_covariance.csv",
        "plots/tiny/latency.csv",
        "plots/tiny/mcnemar.csv",
        "plots/tiny/per_class.csv",
        "plots/tiny/pruning.csv",
        "plots/tiny/reliability.csv",
        "plots/tiny/report_inputs.json",
        "plots/tiny/summarize_inputs.json",
        "plots/tiny/training_time.csv",
    ]


def test_a_changed_recipe_reruns_its_networks_alone(study):
    study.edit_params(lambda params: params["study"]["recipes"].append("other"))
    study.edit_params(lambda params: params["recipes"].update(other={"stem": "half"}))
    added = out_of_date(study)
    study.edit_params(lambda params: params["recipes"]["other"].update(stem="cifar"))

    # What sums up lacks files that will be there; what was there before stays as it is.
    new = {"recipe@other"} | instances("other", 18, 34)
    assert added == {"settings"} | new | SUMS_UP
    assert out_of_date(study) == added
    study.edit_params(lambda params: params["recipes"]["reference"].update(lr=0.002))
    assert out_of_date(study) == added | REFERENCE


def test_a_recipe_starts_from_weights_and_heeds_what_it_leaves_to_the_reference(
    one_depth, tmp_path
):
    study = one_depth.copy(tmp_path)
    other = study.folder / "data" / "recipes" / "other.json"
    training = "train@tiny-other-18-0"

    def change_reference(**values):
        study.edit_params(lambda params: params["recipes"]["reference"].update(values))
        study.dvc("repro", "recipe@other")
        return study.dvc("status", training)

    study.dvc("repro", training, MINE_SOURCE=add_weights(study, lr=0.01, freeze="layer4"))
    first = other.read_bytes()
    record = read_json(study.folder / "models/tiny/other/resnet18-seed0/train.json")
    assert (record["weights_title"], record["channel_mean"]) == ("My network", [0.5] * 3)

    # What it says itself, then what it leaves to the reference.
    assert UP_TO_DATE in change_reference(lr=0.1)
    assert other.read_bytes() == first
    assert str(other.relative_to(study.folder)) in change_reference(batch_size=5)
    assert read_json(other)["batch_size"] == 5
    assert read_json(other)["lr"] == 0.01


def add_weights(study, **recipe):
    """Add a recipe `other` that starts from weights `mine`, trained ones; return their file."""
    trained = study.folder / "models" / "tiny" / "reference" / "resnet18-seed0"
    file = str(trained / "model.safetensors")
    entry = {"title": "My network", "digests": {"resnet18": f"sha256:{file_digest(Path(file))}"}}
    entry |= {"channel_mean": [0.5, 0.5, 0.5], "channel_std": [0.25, 0.25, 0.25], "hosts": []}

    def add(params):
        params["study"].update(recipes=["reference", "other"])
        params["recipes"]["other"] = {**recipe, "weights": "mine"}
        params["weights"]["mine"] = entry

    study.edit_params(add)
    return file


def test_weights_are_brought_again_for_what_is_said_of_them_and_not_for_a_host_or_others(
    one_depth, tmp_path
):
    study = one_depth.copy(tmp_path)
    source = add_weights(study)
    study.dvc("repro", "start@other-18", "start@reference-18", MINE_SOURCE=source)

    def ran(**environment):
        said = study.dvc("repro", "start@other-18", "start@reference-18", **environment)
        return study.stages_run(said)

    # What a recipe takes of section weights is written anew, and comes out as it was.
    written = {"settings", "recipe@other", "recipe@reference"}
    study.edit_params(lambda params: params["weights"]["mine"].update(hosts=["http://127.0.0.1:9"]))
    assert ran() == written
    study.edit_params(
        lambda params: params["weights"].update(more=deepcopy(params["weights"]["mine"]))
    )
    assert ran() == written
    study.edit_params(lambda params: params["weights"]["mine"].update(title="Mine"))
    assert ran(MINE_SOURCE=source) == {*written, "start@other-18"}


def test_a_recipe_taken_out_is_tidied_everywhere(study):
    def replace(params):
        params["study"].update(recipes=["other"])
        params["prune"].update(recipe="other")
        params["recipes"]["other"] = {"lr": 0.01}

    study.edit_params(replace)
    study.tidy()

    assert not [name for name in study.lock() if "reference" in name]
    for folder in ("data", "models", ".checkpoints"):
        assert not list((study.folder / folder).rglob("reference*")), folder


def test_a_recipe_that_is_not_studied_reruns_nothing(study):
    study.edit_params(lambda params: params["recipes"].update(other={"lr": 0.01}))

    assert study.stages_run(study.dvc("repro", "--dry", TARGET)) == {"settings"}


def test_a_changed_figure_reruns_the_report_alone(study):
    figures = study.folder / "src" / "resnet_depth" / "report" / "figures" / "draw.py"
    figures.write_text(figures.read_text() + "\n# another colour\n")

    assert study.stages_run(study.dvc("repro", "--dry", TARGET)) == {"report@tiny"}


def test_another_epoch_count_downloads_and_prepares_nothing(study):
    study.edit_params(lambda params: params["datasets"]["tiny"].update(epochs_factor=2))

    assert out_of_date(study) == {
        "settings",
        "train@tiny-reference-18-0",
        "train@tiny-reference-34-0",
    }


def test_another_host_reruns_nothing_but_the_check_of_the_settings(study):
    study.edit_params(lambda params: params["datasets"]["cifar10"]["hosts"].pop())

    assert study.stages_run(study.dvc("repro", TARGET)) == {"settings"}


def test_a_new_seed_runs_its_own_instances_and_what_sums_up(one_depth, tmp_path):
    study = one_depth.copy(tmp_path)
    study.edit_params(lambda params: params["study"].update(seeds=[0, 1]))

    ran = study.stages_run(study.dvc("repro", TARGET))

    assert ran == {
        "settings",
        "train@tiny-reference-18-1",
        "evaluate@tiny-reference-18-1",
        "prune@tiny-18-1",
        "summarize@tiny",
        "report@tiny",
    }
    n, mean, sd = of_predictions(study.folder / "data/evaluations/tiny/reference", "resnet18-seed*")
    (row,) = pd.read_csv(study.folder / "plots/tiny/accuracy_over_seeds.csv").to_dict("records")
    assert (row["n"], row["mean"], row["sd"]) == pytest.approx((n, mean, sd), rel=1e-12, abs=0)
    shown = read_json(study.folder / "metrics/tiny/reference-18.json")["accuracy"]
    assert shown == pytest.approx(mean, rel=1e-12, abs=0)


def of_predictions(folder, runs):
    """The number of seeds, their mean accuracy and its deviation, from all predictions alone."""
    images = pd.concat(
        pd.read_csv(path).assign(run=path.parent.name)
        for path in folder.glob(f"{runs}/predictions.csv")
    )
    images["right"] = images["label"] == images["prediction"]
    accuracy = images.groupby("run")["right"].mean()
    return accuracy.count(), accuracy.mean(), accuracy.std()


def test_a_depth_taken_out_is_gone_everywhere(one_depth, tmp_path):
    study = one_depth.copy(tmp_path)

    metrics = study.folder / "metrics" / "tiny"
    assert [path.name for path in metrics.iterdir()] == ["reference-18.json"]
    for table in (study.folder / "plots" / "tiny").glob("*.csv"):
        rows = pd.read_csv(table)
        depths = rows[[name for name in ("depth", "first", "second") if name in rows]]
        assert set(depths.to_numpy().ravel()) <= {18}, table
    figures = study.folder / "plots" / "tiny" / "figures"
    assert not [path for path in figures.iterdir() if "34" in path.name]
    assert "resnet34-seed" not in (study.folder / "plots" / "tiny" / "report.html").read_text()
    # After it was tidied:
    assert not [name for name in study.lock() if "-34" in name]
    left = [str(path) for path in study.folder.rglob("*resnet34*") if ".dvc" not in path.parts]
    assert left == []
    assert study.stages_run(study.dvc("repro", TARGET)) <= {"summarize@tiny", "report@tiny"}
    assert UP_TO_DATE in study.dvc("repro", TARGET)


def test_tidying_a_study_with_nothing_to_tidy_changes_nothing(study):
    lock = study.folder / ".checkpoints" / "tiny" / "reference" / "resnet18-seed0.lock"

    with FileLock(lock):
        assert study.tidy() == ""
        assert lock.exists()
    assert study.git("status", "--porcelain") == ""


def test_where_nothing_is_pruned_no_stage_does_and_the_page_has_no_word_of_it(one_depth, tmp_path):
    study = one_depth.copy(tmp_path)
    page = study.folder / "plots" / "tiny" / "report.html"
    assert 'id="pruning"' in page.read_text()
    params = study.folder / "params.yaml"
    edited, count = re.subn(
        r"depths: +(# out of .*)\n  - 18\n", r"depths: [] \1\n", params.read_text()
    )
    assert count == 1
    params.write_text(edited)

    study.tidy()
    ran = study.stages_run(study.dvc("repro", TARGET))

    assert ran == {"settings", "levels@tiny"} | SUMS_UP
    assert 'id="pruning"' not in page.read_text()
    assert not list((study.folder / "data").rglob("*resnet18-seed0-pruning*"))
    assert not list((study.folder / "data").rglob("*resnet18-pruned*"))
    assert pd.read_csv(study.folder / "plots" / "tiny" / "pruning.csv").empty


def test_another_level_prunes_anew_and_trains_nothing(one_depth, tmp_path):
    study = one_depth.copy(tmp_path)
    study.edit_params(lambda params: params["prune"].update(weights=[0.9]))

    ran = study.stages_run(study.dvc("repro", TARGET))

    assert ran == {"settings", "levels@tiny"} | PRUNE | SUMS_UP
    rows = pd.read_csv(study.folder / "plots" / "tiny" / "pruning.csv")
    assert rows["kind"].tolist() == ["full", "exact", "inner", "weights"]


def test_another_depth_prunes_none_of_the_others_again(study):
    study.edit_params(lambda params: params["prune"].update(depths=[18, 34]))

    ran = study.stages_run(study.dvc("repro", TARGET))

    anew = {"prune@tiny-34-0", "pruned_latency@tiny-34"}
    assert ran == {"settings", "levels@tiny"} | anew | SUMS_UP


def test_a_member_that_returns_is_restored_not_trained(study):
    study.edit_params(lambda params: params["study"].update(depths=[18]))
    study.tidy()
    assert not (study.folder / "models" / "tiny" / "reference" / "resnet34-seed0").exists()
    study.edit_params(lambda params: params["study"].update(depths=[18, 34]))

    said = study.dvc("repro", TARGET)

    assert not [name for name in study.stages_run(said) if name.startswith("train")]
    assert (
        study.folder / "models" / "tiny" / "reference" / "resnet34-seed0" / "model.safetensors"
    ).is_file()


def test_a_second_clone_that_pulls_has_all_and_runs_nothing(study, tmp_path):
    clone = second_clone(study, tmp_path)

    clone.dvc("pull")

    assert UP_TO_DATE in clone.dvc("repro", TARGET)
    assert (clone.folder / "plots/tiny/report.html").is_file()


def test_a_second_clone_without_lock_gets_the_networks_and_trains_none(study, tmp_path):
    clone = second_clone(study, tmp_path)
    (clone.folder / "dvc.lock").unlink()

    said = clone.dvc("repro", "--pull", TARGET)

    # What git keeps is not cached, so the cheap stage that writes it runs again.
    clocks = ("latency", "pruned_latency", "report")
    ran = {name for name in clone.stages_run(said) if not name.startswith(clocks)}
    assert ran == {"summarize@tiny"}
    assert {k: v for k, v in clone.lock().items() if not k.startswith(clocks)} == {
        k: v for k, v in study.lock().items() if not k.startswith(clocks)
    }


def second_clone(study, folder):
    """Push a study, with its run-cache, to a remote folder; return a clone that has no images."""
    clone = Study(folder / "clone", folder / "no images")
    study.dvc("remote", "add", "--default", "--quiet", "store", str(folder / "remote"))
    study.commit("Name the remote")
    study.dvc("push", "--run-cache")
    study.git("clone", "--quiet", str(study.folder), str(clone.folder))
    return clone


def test_a_second_clone_gets_the_weights_that_trainings_start_from_and_fetches_none(
    one_depth, tmp_path
):
    study = one_depth.copy(tmp_path)
    study.dvc("repro", "start@other-18", MINE_SOURCE=add_weights(study))
    clone = second_clone(study, tmp_path)
    (clone.folder / "dvc.lock").unlink()

    # It knows no place to fetch them from.
    said = clone.dvc("repro", "--pull", "start@other-18")

    assert clone.stages_run(said) == set()
    assert clone.lock()["start@other-18"] == study.lock()["start@other-18"]
    assert (clone.folder / "data/start/other/resnet18/model.safetensors").is_file()


def test_an_experiment_elsewhere_runs_its_own_changed_code(one_depth, tmp_path):
    study = one_depth.copy(tmp_path)
    # Other code than was committed: it must be what runs in the experiment's copy.
    code = study.folder / "src" / "resnet_depth" / "training" / "result.py"
    replace_in(code, "initial_loss=initial_loss", "initial_loss=42.0")
    change = ("-S", "recipes.reference.stem=half")
    training = "train@tiny-reference-18-0"

    said = study.dvc("exp", "run", "--temp", "--name", "stem", *change, training)

    before = {"settings", "recipe@reference", "start@reference-18"}
    assert study.stages_run(said) == before | {training}
    assert "stem" in study.dvc("exp", "show", "--csv", "--no-pager")
    study.dvc("exp", "apply", "stem")
    record = read_json(study.folder / "models/tiny/reference/resnet18-seed0/train.json")
    assert (record["stem"], record["initial_loss"]) == ("half", 42.0)


def test_an_experiment_in_place_reruns_what_its_setting_affects(study):
    said = study.dvc("exp", "run", "-S", "report.png_dpi=60", TARGET)

    assert study.stages_run(said) == {"settings", "report@tiny"}
    assert "png_dpi: 60" in (study.folder / "params.yaml").read_text()


def test_metrics_are_shown_and_compared_within_120_columns_without_dashes_or_warning(study):
    shown = study.dvc("metrics", "show")
    metrics = study.folder / "metrics" / "tiny" / "reference-18.json"
    replace_in(metrics, '"accuracy": 0.', '"accuracy": 0.9')
    compared = study.dvc("metrics", "diff")

    for said in (shown, compared):
        assert max(map(len, said.splitlines())) <= 120, said
        assert "WARNING" not in said
        assert "ERROR" not in said
    header, *rows = (line.split() for line in shown.splitlines())
    assert header == [
        *("Path", "accuracy", "images_per_second", "latency_ms", "parameters_m", "train_seconds")
    ]
    assert [row[0] for row in rows] == [
        f"metrics/tiny/reference-{depth}.json" for depth in (18, 34)
    ]
    assert all(float(cell) > 0 for row in rows for cell in row[2:]), shown
    (changed,) = (line.split() for line in compared.splitlines()[1:])
    assert changed[:2] == ["metrics/tiny/reference-18.json", "accuracy"]


def test_plots_are_shown_and_compared(study, tmp_path):
    for arguments in (["show"], ["diff", "HEAD"]):
        said = study.dvc("plots", *arguments, "--out", str(tmp_path / arguments[0]))
        page = (tmp_path / arguments[0] / "index.html").read_text()

        assert "WARNING" not in said
        assert "validation_accuracy" in page


def test_the_graph_can_be_read(study):
    said = study.dvc("dag", "--md", TARGET)

    assert "train@tiny-reference-18-0" in said


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (
            lambda params: params["recipes"]["reference"].update(lr="fast"),
            "params.yaml: recipes.reference.lr is 'fast'",
        ),
        (lambda params: params["train"].update(speed=1), "params.yaml: train.speed is no known"),
        (lambda params: params.pop("train"), "params.yaml: train is missing"),
        (
            lambda params: params["datasets"]["tiny"].update(epochs_factor=-1),
            "params.yaml: datasets.tiny.epochs_factor is -1; allowed: a number above 0",
        ),
        (
            lambda params: params["study"].update(depths=[19]),
            "params.yaml: study.depths has 19; allowed: 18, 34, 50",
        ),
    ],
)
def test_a_wrong_setting_stops_everything_before_it_starts(study, edit, line):
    study.edit_params(edit)
    shutil.rmtree(study.folder / "data" / "raw")

    said = study.dvc("repro", TARGET, check=False)

    assert line in said
    assert "Traceback" not in said
    assert study.stages_run(said) <= {"settings"}
    assert not (study.folder / "data" / "raw").exists()


def test_a_wrong_setting_is_told_even_when_nothing_else_is(study):
    study.edit_params(lambda params: params["recipes"]["reference"].update(lr="fast"))

    assert study.dvc("repro", "-q", TARGET, check=False) != ""


def test_a_run_the_summary_misses_is_named(study):
    shutil.rmtree(study.folder / "data" / "evaluations" / "tiny" / "reference" / "resnet34-seed0")

    said = study.run(
        *("python", "stages/summarize.py", "--params", "params.yaml", "--card"),
        *("data/prepared/tiny/dataset.json", "--models", "models/tiny", "--evaluations"),
        *("data/evaluations/tiny", "--pruned", "data/pruned/tiny"),
        *("--tables", "tables"),
        check=False,
        PYTHONPATH="src",
    )

    assert "resnet34-seed0" in said
    assert said.count("\n") == 1
    assert not (study.folder / "tables").exists()
