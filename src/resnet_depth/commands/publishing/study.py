"""A study as a publication, docs/results/<study>/, holds it: what documents quote and compare."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json
from resnet_depth.base.messages import told
from resnet_depth.base.sections import read_params
from resnet_depth.commands.publishing.earlier import recipe_of_earlier
from resnet_depth.commands.publishing.predictions import read_right
from resnet_depth.commands.publishing.provenance import PROVENANCE, Origin, Provenance
from resnet_depth.commands.publishing.publish import EARLIER, published_studies
from resnet_depth.evidence.contrasts import Means
from resnet_depth.evidence.reading import read_csv
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.evidence.tables import accuracies_by_depth, accuracy_means, of_recipe
from resnet_depth.evidence.wording import dataset_title
from resnet_depth.machine.records import MachineClass
from resnet_depth.report.results_table import as_markdown
from resnet_depth.runs.names import Run
from resnet_depth.training.settings import REFERENCE, whole_recipe


@dataclass(frozen=True)
class Study:
    """One study, as far as it is of one recipe; `by` gives it of another.

    It is a published one, or one of the workspace or of a revision that was laid out like that (see
    `comparing.sides`): such a one has no provenance, hence no clocks, and maybe not all files.

    Its files are attributes, by their names without ending: `costs` and `findings` are the JSON,
    `params` the settings, and a name of tables/, such as `curves`, is the recipe's rows of that
    table as a frame. Each is read once, when it is asked for.

    What was published before there were recipes names none: all of it is of the reference.
    """

    folder: Path
    recipe: str = REFERENCE

    def by(self, recipe: str) -> "Study":
        """Return the study as far as it is of another recipe.

        Raises:
            UserError: If the study has no such recipe.
        """
        if recipe not in self.recipes:
            raise UserError(f"{self.name} has no recipe {recipe}; it has {', '.join(self.recipes)}")
        return Study(self.folder, recipe)

    def __getattr__(self, name: str) -> Any:
        """Return the content of a file.

        Raises:
            AttributeError: If the study has no file of that name.
        """
        for path, read in (
            (self.folder / f"{name}.json", read_json),
            (self.folder / "tables" / f"{name}.csv", self._table),
            (self.folder / f"{name}.yaml", read_params),
        ):
            if path.is_file():
                return self.__dict__.setdefault(name, read(path))
        raise AttributeError(f"{self.name} has no {name}")

    def _table(self, path: Path) -> pd.DataFrame:
        """Return the recipe's rows of a table."""
        table = read_csv(path)
        return of_recipe(table, self.recipe) if {"recipe", "first_recipe"} & set(table) else table

    def _own(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return those of some JSON's rows that are of the recipe."""
        return [row for row in rows if row.get("recipe", REFERENCE) == self.recipe]

    @cached_property
    def provenance(self) -> Provenance:
        """Of what, when, by which commit and on what it was made."""
        return Provenance.model_validate(read_json(self.folder / PROVENANCE))

    @property
    def name(self) -> str:
        """What the study is called, such as `cifar10_jpeg`."""
        return self.folder.name

    @property
    def place(self) -> str:
        """Where it lies in the folder of all published studies."""
        return f"{EARLIER}/{self.name}" if self.folder.parent.name == EARLIER else self.name

    @cached_property
    def recipes(self) -> tuple[str, ...]:
        """Recipes of the study, in its order."""
        table = read_csv(self.folder / "tables" / "accuracy.csv")
        return tuple(dict.fromkeys(table["recipe"])) if "recipe" in table else (REFERENCE,)

    @property
    def depths(self) -> list[int]:
        """Depths of the study, ascending."""
        return list(self.accuracies)

    @property
    def seeds(self) -> list[int]:
        """Seeds of the study, ascending, each trained at every depth."""
        return sorted(set(self.accuracy["seed"].tolist()))

    @property
    def dataset(self) -> dict[str, Any]:
        """What the settings say of the dataset, its key among that."""
        key = self.costs["costs"][0]["dataset"]
        return {"key": key, **self.params["datasets"][key]}

    @property
    def confidence(self) -> float:
        """Confidence of the study's intervals, in (0, 1)."""
        return float(self.params["summarize"]["confidence"])

    @property
    def title(self) -> str:
        """The dataset's title, with `(lossy)` where it is."""
        return dataset_title(self.dataset["title"], self.dataset["lossy"])

    @property
    def accuracies(self) -> dict[int, list[float]]:
        """Each depth's test accuracies, one a seed (fractions)."""
        return accuracies_by_depth(self.accuracy)

    @property
    def accuracy_means(self) -> Means[int]:
        """What is known of the depths' mean test accuracies, over seeds and over test images."""
        return accuracy_means(self.accuracy, self.image_covariance)

    @property
    def results(self) -> str:
        """The report's table of results, as Markdown."""
        return as_markdown((self.folder / "results.txt").read_text(encoding="utf-8"))

    @property
    def clocks(self) -> list[Origin]:
        """When, on what and by which commit each network was trained and timed."""
        found = self.provenance
        return [*found.training, *found.inference, *found.pruned_inference]

    @property
    def machines(self) -> list[str]:
        """On what the study's clocks were read, without repetitions."""
        classes = self.provenance.machine_classes
        texts = (_machine(clock, classes[clock.machine_class]) for clock in self.clocks)
        return list(dict.fromkeys(texts))

    @property
    def commits(self) -> list[str]:
        """By which commits the study was made, without repetitions."""
        return list(dict.fromkeys(map(_commit, self.clocks)))

    @property
    def days(self) -> list[str]:
        """On which days, ascending."""
        return sorted({clock.date[:10] for clock in self.clocks})

    def cost(self, depth: int) -> dict[str, Any]:
        """Return what costs.json tells of a depth."""
        return {each["depth"]: dict(each) for each in self._own(self.costs["costs"])}[depth]

    def claim(self, number: int) -> dict[str, Any]:
        """Return what findings.json tells of a claim."""
        return {each["claim"]: dict(each) for each in self._own(self.findings["claims"])}[number]

    def pair(self, claim: int, first: int, second: int) -> dict[str, Any]:
        """Return what a claim's finding tells of a pair of depths."""
        pairs = {(each["first"], each["second"]): each for each in self.claim(claim)["pairs"]}
        return dict(pairs[first, second])

    def training(self, depth: int, seed: int | None = None) -> dict[str, Any]:
        """Return train.json of a depth's run, of the first seed where none is named."""
        run = Run(self.recipe, depth, self.seeds[0] if seed is None else seed)
        return dict(read_json(self._of_run("training", run, "json")))

    def right(self, depth: int) -> NDArray[np.bool_] | None:
        """Return whether each run of a depth (rows) got each test image (columns) right.

        None where predictions aren't there: early publications don't hold them.
        """
        runs = [Run(self.recipe, depth, seed) for seed in self.seeds]
        paths = [self._of_run("predictions", run, "npy") for run in runs]
        if not all(path.is_file() for path in paths):
            return None
        return np.stack([read_right(path) for path in paths])

    def _of_run(self, kind: str, run: Run, ending: str) -> Path:
        """Return the place of a run's file; before there were recipes, without their folder."""
        path = self.folder / kind / f"{run.name}.{ending}"
        return path if path.is_file() else path.parents[1] / path.name

    def settings(self, depth: int) -> dict[str, Any]:
        """Return all settings that decide how the network of a depth was made and trained."""
        if "recipes" in self.params:
            return dict(whole_recipe(self.params["recipes"], self.recipe))
        return recipe_of_earlier(self.params, self.dataset["key"], depth)

    def curve(self, depth: int, epoch: int | None = None) -> pd.DataFrame:
        """Return the epochs of a depth's runs, or one epoch of each."""
        rows: pd.DataFrame = self.curves[self.curves["depth"] == depth]
        return rows if epoch is None else rows[rows["epoch"] == epoch]

    def means(self, column: str, epoch: int) -> list[float]:
        """Return each depth's mean of a column of the curves over its runs, after an epoch."""
        return [float(self.curve(depth, epoch)[column].mean()) for depth in self.depths]

    def estimate(self, depth: int) -> Estimate:
        """Return a depth's mean test accuracy over its seeds."""
        return estimate_mean(self.accuracies[depth], self.confidence)


def open_study(results: Path, name: str) -> Study:
    """Return a study by its name in the folder of all published ones, by its first recipe.

    Raises:
        UserError: If there is none of that name.
    """
    named = published_studies(results)
    if name not in named:
        there = ", ".join(named) or "nothing"
        raise UserError(f"{results}/{told(name)}: no published study; published: {there}")
    study = Study(named[name])
    return study.by(study.recipes[0])


def _machine(clock: Origin, machine: MachineClass) -> str:
    """Return on what one clock was read."""
    device = "" if clock.device == "cpu" else f"{clock.device_title}, host "
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    return (
        f"{device}{machine.processor}, {clock.threads} threads of {clock.cores} cores, "
        f"{machine.system}, Python {machine.python}, {packages}"
    )


def _commit(clock: Origin) -> str:
    """Return the commit that one clock was read at, with a remark where its code wasn't that."""
    if clock.commit is None:
        return "unknown commit"
    shown = f"commit `{clock.commit[:12]}`"
    return shown if clock.code_is_of_commit else f"{shown} with changes"
