"""Two studies compared: what was changed, what came of it, and what has to be known of that."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.commands.comparing import accuracy, costs
from resnet_depth.commands.comparing.changes import (
    NOTHING,
    Change,
    File,
    changed_code,
    changed_machine,
    changed_settings,
)
from resnet_depth.commands.comparing.sides import Side
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.wording import (
    interval_name,
    listed,
    network_title,
    p_value_text,
    plural,
    points,
    spread_percent,
)
from resnet_depth.report.results_table import ResultsTable

NO_INTERVAL = "–"
# Of many lines the first are told.
NAMED = 3


@dataclass(frozen=True)
class Comparison:
    """All that is told of two studies, in its order.

    `settings` are those that both have, `lone` those that one has; `code` is None where it can't be
    told. `figures` are the names of those that both have.
    """

    first: Side
    second: Side
    settings: list[Change]
    lone: list[Change]
    code: list[File] | None
    machine: list[str]
    tables: list[ResultsTable]
    notes: list[str]
    figures: list[str]

    @property
    def title(self) -> str:
        """What is compared, in a line."""
        return f"{self.first.name} and {self.second.name}: {self.second.study.title}"

    @property
    def only(self) -> list[tuple[str, list[str]]]:
        """Which settings A, and which B alone has, as text; a side that has none is left out."""
        letters = [("A" if each.now == NOTHING else "B", each) for each in self.lone]
        told = {
            letter: [
                f"{each.key} {each.was if letter == 'A' else each.now}"
                for own, each in letters
                if own == letter
            ]
            for letter in "AB"
        }
        return [(letter, keys) for letter, keys in told.items() if keys]

    @property
    def sides(self) -> list[tuple[str, str]]:
        """Each side's letter, and what it is, in words."""
        return [("A", _described(self.first)), ("B", _described(self.second))]


def compare(root: Path, first: Side, second: Side) -> Comparison:
    """Compare two studies of one dataset, in the repository at `root`.

    Recipes of one name are compared; of two studies with one recipe each these are, whatever their
    names.

    Raises:
        UserError: If no network is in both.
    """
    recipes = [(name, name) for name in first.study.recipes if name in second.study.recipes]
    alone = len(first.study.recipes) == len(second.study.recipes) == 1
    if not recipes and alone:
        recipes = [(first.study.recipes[0], second.study.recipes[0])]
    pairs = [(first.study.by(was), second.study.by(now)) for was, now in recipes]
    pairs = [each for each in pairs if accuracy.common_depths(*each)]
    if not pairs:
        networks = (f"{s.name} has {_networks(s.study)}" for s in (first, second))
        raise UserError(f"no network is in both: {'; '.join(networks)}")
    machine = changed_machine(first.study, second.study)
    settings = changed_settings(first, second, [(was.recipe, now.recipe) for was, now in pairs])
    return Comparison(
        first,
        second,
        [each for each in settings if NOTHING not in each],
        [each for each in settings if NOTHING in each],
        changed_code(root, first, second),
        machine,
        [table for was, now in pairs for table in _tables(was, now)],
        [*_notes(first), *_notes(second), *_on_machines(machine)],
        _figures(first.study, second.study),
    )


def _tables(first: Study, second: Study) -> Iterator[ResultsTable]:
    by = f", {first.recipe}" if first.recipe == second.recipe else ""
    by = by or f", {first.recipe} in A and {second.recipe} in B"
    tested = accuracy.test_accuracies(first, second)
    single = [row.depth for row in tested if row.difference.low is None and not row.same]
    pairings = [each for depth in single for each in accuracy.pairings(first, second, depth)]
    yield _accuracy_table(
        f"Test accuracy{by}",
        accuracy.images_told(first, second),
        tested,
        second.confidence,
        tuple(map(_pairing_told, pairings)),
    )
    if validated := accuracy.validation_accuracies(first, second):
        yield _accuracy_table(
            f"Validation accuracy after the last epoch{by}",
            "over seeds, of these very validation images",
            validated,
            second.confidence,
            ("To choose between A and B, go by these; the test part is for what was chosen.",),
        )
    yield _cost_table(f"Costs{by}", costs.costs(first, second))


def _accuracy_table(
    title: str, over: str, rows: list[accuracy.Row], confidence: float, notes: tuple[str, ...]
) -> ResultsTable:
    interval = interval_name(confidence)
    return ResultsTable(
        title=title,
        subtitle=f"mean over seeds ± half of its {interval} (Student's t); B − A in percentage "
        f"points with its {interval} {over}; p values corrected for the number of networks (Holm)",
        columns={
            "Network": "a ResNet and its depth",
            "Seeds": "how often it was trained, in A and in B",
            "A": "mean accuracy",
            "B": "mean accuracy",
            "B − A": "percentage points",
            interval: f"of the difference, {over}",
            "p": "corrected",
            "Verdict": "whether that is more than chance",
        },
        rows=tuple(_accuracy_cells(row) for row in rows),
        values=(),
        notes=notes,
    )


def _accuracy_cells(row: accuracy.Row) -> tuple[str, ...]:
    found, sizes = row.difference, dict.fromkeys((row.first.n, row.second.n))
    interval = p_value = NO_INTERVAL
    if not row.same and None not in (found.low, found.high, found.holm_p_value):
        interval = f"{points(found.low or 0)} to {points(found.high or 0)}"
        p_value = p_value_text(found.holm_p_value or 0).removeprefix("= ")
    return (
        network_title(row.depth),
        ", ".join(map(str, sizes)),
        spread_percent(row.first.mean, row.first.half_width),
        spread_percent(row.second.mean, row.second.half_width),
        points(found.difference),
        interval,
        p_value,
        row.verdict,
    )


def _cost_table(title: str, found: dict[int, list[costs.Cost]]) -> ResultsTable:
    clocked = [each for row in found.values() for each in row if not each.compares]
    notes = {
        costs.SHARED: "others used the machine meanwhile: these times say nothing.",
        costs.OTHER: "clocks were read under other conditions: the change is no comparison.",
    }
    shown = [costs.SHARED if each.shared else costs.OTHER for each in clocked]
    return ResultsTable(
        title=title,
        subtitle="A → B, with the change; inference is that of the deployed form",
        columns={"Network": "a ResNet and its depth"}
        | {each.header: each.meaning for each in costs.QUANTITIES},
        rows=tuple((network_title(d), *map(str, row)) for d, row in found.items()),
        values=(),
        notes=tuple(f"{mark} {note}" for mark, note in notes.items() if mark in shown),
    )


def _pairing_told(found: accuracy.Pairing) -> str:
    return (
        f"{network_title(found.depth)}, seed {found.seed}: {plural(found.only_first, 'image')} "
        f"right in A alone, {found.only_second:,} in B alone; for these two networks p "
        f"{p_value_text(found.p_value)} (McNemar's exact test)."
    )


def _notes(side: Side) -> Iterator[str]:
    """Yield what has to be known of a side."""
    if side.missing:
        yield (
            f"{side.name}: {_first(side.missing)} are neither in git nor in DVC's cache, so that "
            "figures or predictions are left out; compared are the committed tables. 'dvc fetch' "
            "brings what a remote has."
        )
    if side.stale:
        told = _first(side.stale, "; ")
        yield f"{side.name}: its results are older than its settings or code: {told}."


def _on_machines(machine: list[str]) -> Iterator[str]:
    if machine:
        yield (
            "A and B were made on machines of two classes. Numbers are rounded otherwise there, "
            "which changes a network as another seed does: a difference of 1 to 3 points is no "
            "regression, and times don't compare."
        )


def _described(side: Side) -> str:
    """Return what a side is: its name, its commit, and of what it is made."""
    commit = f" (commit {side.commit[:12]})" if side.commit else ""
    study = side.study
    seeds = f"{plural(len(study.seeds), 'seed')} a network"
    return f"{side.name}{commit}: {_networks(study)}, {seeds}"


def _networks(study: Study) -> str:
    depths = listed([network_title(depth) for depth in study.depths])
    return f"{depths} by {listed(list(study.recipes))}"


def _figures(first: Study, second: Study) -> list[str]:
    """Return the names of the figures that both have."""
    was, now = (
        {path.stem for path in (study.folder / "figures").glob("*.svg")}
        for study in (first, second)
    )
    return sorted(was & now)


def _first(items: tuple[str, ...], joint: str = ", ") -> str:
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return f"{joint.join(items[:NAMED])}{more}"
