"""Training one published network again, from nothing, and comparing its bytes."""

from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.base.messages import told
from resnet_depth.commands.publishing.earlier import entries_of_earlier, params_of_earlier
from resnet_depth.commands.publishing.publish import LOCK, PARAMS, RESULTS
from resnet_depth.commands.publishing.study import open_study
from resnet_depth.commands.reproducing.clone import Clone
from resnet_depth.commands.reproducing.code import changed_code
from resnet_depth.commands.reproducing.compare import (
    INITIAL_LOSS_TOLERANCE,
    Comparison,
    compare_hashes,
)
from resnet_depth.commands.reproducing.lock import Entry, outputs_of, stages_of
from resnet_depth.data.fetching.sources import (
    is_address,
    source_of,
    source_path,
    source_variable,
)
from resnet_depth.machine.records import MachineClass
from resnet_depth.runs.names import TRAIN_RECORD_FILE, Run, instance
from resnet_depth.training.records import DurationRecord

PREPARED = "data/prepared/"


def verify(root: Path, study: str, name: str, folder: Path) -> bool:
    """Train a published network again in a clean clone, compare, and print what came out.

    The clone, of the repository's HEAD, has the published settings and an empty cache, so that
    everything is made anew; the repository's own results are neither read nor changed. The
    published dvc.lock is compared with. `name` is the run's as it was published, such as
    `reference/resnet18-seed0`, or nothing for the first; the clone is put at `folder`.

    Returns:
        Whether all bytes are equal, whatever code was moved or changed, or, on a machine of
        another class, the first loss is.

    Raises:
        UserError: If there is no such publication or run, or a stage fails.
    """
    published = open_study(root / RESULTS, study)
    origins = {each.run: each for each in published.provenance.training}
    name = name or next(iter(origins))
    if name not in origins:
        raise UserError(f"RUN={told(name)}: not published; allowed: {', '.join(origins)}")
    dataset, origin = published.provenance.dataset.key, origins[name]
    clone = Clone(root, folder, absolute_source(dataset))
    (clone.folder / PARAMS).write_bytes((published.folder / PARAMS).read_bytes())
    run = Run(origin.recipe, origin.depth, origin.seed)
    *_, evaluation = instances = _instances(dataset, run)
    entries = stages_of(published.folder / LOCK, dataset)
    if earlier := "recipes" not in published.params:
        # JSON is YAML.
        todays = params_of_earlier(published.params, dataset, origin.depth)
        write_json(clone.folder / PARAMS, todays)
        entries = entries_of_earlier(entries, dataset, run)
    was = [entries[each] for each in instances if each in entries]
    changed = _tell_changed_code(clone.folder, was)

    print(f"1. From nothing, with the published settings: dvc repro --force {evaluation}")
    clone.dvc("repro", "--force", evaluation)

    print("2. Are the bytes equal?")
    made = stages_of(clone.folder / LOCK, dataset)
    outputs, found = _compared(was), _compared([made[each] for each in instances])
    if earlier:
        print("Published before there were recipes: the network is compared by its predictions.")
        found = {path: md5 for path, md5 in found.items() if path in outputs}
    comparison = compare_hashes(outputs, found, where="published")
    comparison.tell()
    if not comparison.differences:
        return True
    where = clone.folder / "data" / "durations" / dataset / f"{run.name}.json"
    here = DurationRecord.model_validate(read_json(where)).environment.machine_class
    code = "the code was moved or changed since" if changed else "the code is the same"
    if _alike(here, published.provenance.machine_classes[origin.machine_class]):
        print(f"This machine is of the class of the published results, and {code}.")
        return False
    print(f"This machine is of another class than the published results, and {code}:")
    print("bytes may differ, the start may not.")
    record = read_json(clone.folder / "models" / dataset / run.name / TRAIN_RECORD_FILE)
    loss = published.by(run.recipe).training(origin.depth, origin.seed)["initial_loss"]
    start = _compare_start(name, loss, record["initial_loss"])
    start.tell()
    return not start.differences


def absolute_source(dataset: str) -> dict[str, str]:
    """Return the variable that names a dataset's place, by its key, such that it holds anywhere.

    Nothing where it isn't set or is an address.

    Raises:
        UserError: If it names no file or folder here.
    """
    source = source_of(dataset)
    if source is None or is_address(source):
        return {}
    place = source_path(dataset, source, "name one, or an address", folder=True)
    return {source_variable(dataset): str(place.resolve())}


def _instances(dataset: str, run: Run) -> list[str]:
    """Return the stage instances that a run's evaluation comes from; that one is the last."""
    return [
        *("settings", f"download@{dataset}", f"prepare@{dataset}", f"recipe@{run.recipe}"),
        *(instance(stage, dataset, run) for stage in ("train", "evaluate")),
    ]


def _alike(here: MachineClass, published: MachineClass) -> bool:
    """Return whether bytes must be equal, as far as the published class tells."""
    if published.kernels is None:
        # From before variables were told.
        published = published.model_copy(update={"variables": here.variables})
    return here.is_like(published)


def _compared(entries: list[Entry]) -> dict[str, str]:
    """Return the hashes of a run's outputs by path; of the prepared dataset, of what it read.

    What its card tells has grown since the first studies were published; the arrays are the same.
    """
    read = (deps for entry in entries for deps in entry.deps.items())
    made = outputs_of(entries).items()
    return {path: md5 for path, md5 in made if not path.startswith(PREPARED)} | {
        path: md5 for path, md5 in read if path.startswith(PREPARED)
    }


def _tell_changed_code(root: Path, entries: list[Entry]) -> bool:
    """Print the first of the code that isn't as entries of a dvc.lock have it, if there is any."""
    changed = changed_code(root, entries)
    if changed:
        more = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
        print(f"The code was moved or changed since: {', '.join(changed[:2])}{more}")
    return bool(changed)


def _compare_start(name: str, was: float, now: float) -> Comparison:
    """Compare the loss of the first batch before any step, which only rounding may change."""
    differs = abs(now / was - 1) > INITIAL_LOSS_TOLERANCE
    lines = [f"{name}: initial loss {was} published, {now} here"] if differs else []
    return Comparison(f"initial loss within {INITIAL_LOSS_TOLERANCE:g} (relative)", lines)
