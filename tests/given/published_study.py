"""The study of study_files as a repository that can be published: dvc.lock and commit too."""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import pytest
from given.git import git
from given.study_files import write_study
from given.tiny_study import edit_yaml
from ruamel.yaml import YAML

from resnet_depth.base.sections import load_section
from resnet_depth.commands.publishing import publish as publication
from resnet_depth.evidence.costs import costs_of, write_costs
from resnet_depth.findings.find import find, write_findings
from resnet_depth.findings.recipe_gains import find_recipe_gains
from resnet_depth.latency.records import pruned_latency_instance
from resnet_depth.report.dvc_files import write_metrics
from resnet_depth.report.results_table import as_text, measured_on, results_table
from resnet_depth.report.settings import ReportSettings
from resnet_depth.runs.names import instance

ROOT = Path(__file__).parents[2]
CODE = "src/resnet_depth/training.py"


def write_published_study(root, **study_options):
    """Write what the pipeline leaves of a constructed study, in a git repository; return it."""
    (root / CODE).parent.mkdir(parents=True)
    (root / CODE).write_text("trained = True\n")
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / ".gitignore").write_text("*.tmp\n")
    (root / "requirements.lock").write_text("# Nothing is pinned.\n")
    (root / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    recipes = list(study_options.get("recipes", ["reference"]))

    def edit(params):
        params["study"].update(recipes=recipes)
        # As the dataset's card has it.
        lossy = study_options.get("lossy", False)
        params["datasets"]["digits"].update(title="Constructed digits", lossy=lossy)

    edit_yaml(root / "params.yaml", edit)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Code")
    return write_results(root, **study_options)


def write_results(root, **study_options):
    """Write what the pipeline leaves of a constructed study, made by HEAD; return the study."""
    study = write_study(root, commit=git(root, "rev-parse", "HEAD"), **study_options)
    evidence = study.study_evidence()
    thresholds = load_section(ROOT / "params.yaml", "report", ReportSettings).claims
    parts = {recipe: (own, costs_of(own)) for recipe, own in evidence.by_recipe.items()}
    costs = [cost for _, of_recipe in parts.values() for cost in of_recipe]
    found = {recipe: find(*part, thresholds) for recipe, part in parts.items()}
    write_metrics(study.metrics, evidence, costs)
    write_costs(study.tables / "costs.json", costs, evidence.first.card)
    gains = find_recipe_gains(evidence.accuracy_means, evidence.first.confidence)
    write_findings(study.tables / "findings.json", evidence, found, gains, (), (), {})
    figures = study.tables / "figures"
    figures.mkdir(exist_ok=True)
    for name in ("accuracy_by_depth", "training_time", "learning_curves"):
        for kind in ("svg", "png"):
            picture = f'<svg viewBox="0 0 9 4"><text id="a" y="3">{name} as {kind}</text></svg>\r\n'
            (figures / f"{name}.{kind}").write_bytes(picture.encode())
    (study.tables / "report.html").write_text("<p>Report\n")
    text = as_text(results_table(evidence, costs), measured_on(costs))
    (study.tables / "results.txt").write_text(text, encoding="utf-8")
    write_lock(study)
    return study


@contextmanager
def up_to_date():
    """Let DVC, which these studies are too plain for, say that nothing would run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "instances_to_run", lambda *_: [])
        yield


def publish_finished(study, name="trial"):
    """Publish a constructed study under a name; return the folder."""
    with up_to_date():
        return publication.publish(study.root, study.dataset, name)


def write_lock(study):
    """Write a dvc.lock with the dataset's instances, their outputs and, of trainings, code."""
    key = study.dataset
    code = hashlib.md5((study.root / CODE).read_bytes()).hexdigest()
    stages = {"settings": {"outs": [{"path": "data/settings.ok", "md5": "5e00"}]}}
    for run in study.settings().runs():
        outs = [{"path": f"models/{key}/{run.name}", "md5": f"{run.depth}{run.seed}.dir"}]
        deps = [{"path": CODE, "md5": code}, {"path": "data/prepared", "md5": "da00"}]
        stages[instance("train", key, run)] = {"deps": deps, "outs": outs}
        evaluation = f"data/evaluations/{key}/{run.name}"
        outs = [{"path": evaluation, "md5": f"e{run.depth}{run.seed}"}]
        stages[instance("evaluate", key, run)] = {"outs": outs}
        stages[instance("latency", key, run.network)] = {"outs": []}
        stages[pruned_latency_instance(key, run.network)] = {"outs": []}
    results = {
        "summarize": sorted(study.tables.glob("*.csv")),
        "report": [
            *(study.metrics, study.tables / "costs.json", study.tables / "findings.json"),
            *(study.tables / name for name in ("figures", "report.html", "results.txt")),
        ],
    }
    for stage, paths in results.items():
        outs = [{"path": path.relative_to(study.root).as_posix(), "md5": "ab00"} for path in paths]
        stages[f"{stage}@{key}"] = {"outs": outs}
    stages["train@cifar10-reference-18-0"] = {"outs": [{"path": "models/cifar10", "md5": "c100"}]}
    # DVC refuses a lock without commands.
    stages = {name: {"cmd": "true", **entry} for name, entry in stages.items()}
    with (study.root / "dvc.lock").open("w") as file:
        YAML().dump({"schema": "2.0", "stages": stages}, file)
