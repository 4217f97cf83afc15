"""A sweep: one network trained with several values of a recipe's key, each a DVC experiment.

Its target is always the stage `train`: nothing of the test part is read, so that nothing can be
chosen by it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from matplotlib import rc_context
from matplotlib.ticker import MaxNLocator

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import quoted
from resnet_depth.base.parsing import ParseError, parse
from resnet_depth.base.sections import check as check_section
from resnet_depth.base.sections import load_section
from resnet_depth.commands.reproducing.dvc_command import run_dvc
from resnet_depth.evidence.settings import StudySettings
from resnet_depth.evidence.wording import network_title, percent
from resnet_depth.report.figures.draw import save
from resnet_depth.report.figures.drawing import COLOURS, MARKERS, STYLE, new_figure, percent_axis
from resnet_depth.runs.names import CURVES_FILE, Run, instance
from resnet_depth.training.settings import RecipeSettings, load_recipe


@dataclass(frozen=True)
class Sweep:
    """Which key of a run's recipe is given which values, each as it would be typed."""

    dataset: str
    run: Run
    key: str
    values: tuple[str, ...]

    @property
    def title(self) -> str:
        """What is trained, such as `ResNet-18 by fast on digits, seed 0`."""
        network = network_title(self.run.depth)
        return f"{network} by {self.run.recipe} on {self.dataset}, seed {self.run.seed}"

    @property
    def target(self) -> str:
        """What each experiment runs."""
        return instance("train", self.dataset, self.run)

    @property
    def names(self) -> list[str]:
        """The experiments' names, in the values' order."""
        return [f"{self.run.recipe}-{self.key}-{value}" for value in self.values]


def check(root: Path, sweep: Sweep) -> None:
    """Refuse a sweep of what isn't there, before anything runs.

    Raises:
        UserError: One line.
    """
    params, run = root / "params.yaml", sweep.run
    study = load_section(params, "study", StudySettings)
    asked = {"datasets": sweep.dataset, "recipes": run.recipe, "depths": run.depth}
    for key, member in (asked | {"seeds": run.seed}).items():
        if member not in (studied := getattr(study, key)):
            has = ", ".join(map(str, studied))
            raise UserError(f"{params}: study.{key} lacks {member}; it has {has}")
    recipe = load_recipe(params, run.recipe).model_dump()
    if sweep.key not in recipe:
        raise UserError(f"KEY={sweep.key}: no key of a recipe; allowed: {', '.join(recipe)}")
    if not sweep.values:
        raise UserError("VALUES: name at least one, such as VALUES=0.03,0.05")
    for value in sweep.values:
        given = {**recipe, sweep.key: _parsed(value)}
        check_section(Path("VALUES"), f"recipes.{run.recipe}", given, RecipeSettings)


def _parsed(value: str) -> Any:
    """Return what is typed for a key, which names an experiment as well, as YAML has it."""
    try:
        if re.fullmatch(r"[\w.+-]*\w", value, re.ASCII):
            return parse(value)
    except ParseError:
        pass
    raise UserError(f"VALUES has {quoted(value)}; allowed: numbers and words")


def run(root: Path, sweep: Sweep) -> None:
    """Queue an experiment for each value, and run them one after the other.

    Those that DVC's cache has already cost nothing.

    Raises:
        UserError: If DVC ends with an error, such as for a value that isn't allowed.
    """
    for name, value in zip(sweep.names, sweep.values, strict=True):
        # With ++ also where the recipe leaves the key out.
        change = f"++recipes.{sweep.run.recipe}.{sweep.key}={value}"
        run_dvc(
            root, "exp", "run", "--queue", "--force", "--name", name, "-S", change, sweep.target
        )
    run_dvc(root, "exp", "run", "--run-all")


def read_curves(root: Path, sweep: Sweep) -> dict[str, pd.DataFrame]:
    """Return each value's curves, a row an epoch.

    Raises:
        UserError: If an experiment left none: it failed, or was removed.
    """
    path = f"models/{sweep.dataset}/{sweep.run.name}/{CURVES_FILE}"
    curves = {}
    with TemporaryDirectory() as folder:
        for number, (name, value) in enumerate(zip(sweep.names, sweep.values, strict=True)):
            file = Path(folder) / f"{number}.csv"
            try:
                run_dvc(root, "get", "--quiet", ".", path, "--rev", name, "--out", str(file))
            except UserError:
                raise UserError(f"experiment {name}: left no curves; see above") from None
            curves[value] = pd.read_csv(file)
    return curves


def table(sweep: Sweep, curves: dict[str, pd.DataFrame]) -> str:
    """Return accuracy and loss after the last epoch, a line a value, best accuracy first."""
    rows = []
    for value, rows_of_value in curves.items():
        last = rows_of_value.iloc[-1]
        rows.append((float(last["validation_accuracy"]), float(last["validation_loss"]), value))
    width = max(len(sweep.key), *(len(value) for value in curves))
    lines = [
        f"{sweep.title}: validation part after the last epoch",
        "",
        f"{sweep.key:>{width}}  accuracy    loss",
        *(
            f"{v:>{width}}  {percent(a):>8}  {loss:6.3f}"
            for a, loss, v in sorted(rows, reverse=True)
        ),
        "",
        "One seed each: a difference that another seed would undo is none.",
    ]
    return "\n".join(lines) + "\n"


def draw(sweep: Sweep, curves: dict[str, pd.DataFrame], path: Path) -> None:
    """Draw validation accuracy by value as SVG and PNG files; `path` is without ending."""
    colour, marker = COLOURS[sweep.run.depth], MARKERS[sweep.run.depth]
    with rc_context(STYLE):
        subtitle = f"{sweep.title}; validation part, after the last epoch."
        figure = new_figure(f"Validation accuracy by {sweep.key}", subtitle, width=5.0, height=3.0)
        axes = figure.subplots()
        reached = [float(rows["validation_accuracy"].iloc[-1]) for rows in curves.values()]
        axes.plot(range(len(curves)), reached, marker=marker, color=colour)
        axes.set_xticks(range(len(curves)), list(curves))
        axes.set_xlabel(sweep.key)
        percent_axis(axes.yaxis, "Validation accuracy (%)")
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
        path.parent.mkdir(parents=True, exist_ok=True)
        save(figure, path, dpi=144)
