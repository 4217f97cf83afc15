"""Training one published network again, from nothing, and comparing its bytes."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, read_json, write_json
from resnet_depth.base.messages import told
from resnet_depth.commands.publishing.earlier import entries_of_earlier, params_of_earlier
from resnet_depth.commands.publishing.provenance import Origin
from resnet_depth.commands.publishing.publish import LOCK, PARAMS, RESULTS
from resnet_depth.commands.publishing.study import Study, open_study
from resnet_depth.commands.reproducing.causes import changed_settings, otherwise_pinned
from resnet_depth.commands.reproducing.clone import Clone
from resnet_depth.commands.reproducing.code import CHANGES, changed_code, line_changes
from resnet_depth.commands.reproducing.compare import (
    INITIAL_LOSS_TOLERANCE,
    WITHIN_TOLERANCE,
    Comparison,
    beginnings,
    compare_hashes,
    differing_fields,
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
        another class, the first loss is. Nothing is run, and it is not so, where the publication
        was changed or other packages are installed than the repository pins.

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
    entries = stages_of(published.folder / LOCK, dataset)
    if lines := [*_altered(published, entries), *otherwise_pinned(clone.folder, [])]:
        Comparison(f"{study}, and the packages that are pinned", lines).tell()
        return False
    shutil.copyfile(published.folder / PARAMS, clone.folder / PARAMS)
    run = Run(origin.recipe, origin.depth, origin.seed)
    if earlier := "recipes" not in published.params:
        # JSON is YAML.
        write_json(clone.folder / PARAMS, params_of_earlier(published.params, dataset, run.depth))
        entries = entries_of_earlier(entries, dataset, run)
    *_, evaluation = instances = _instances(dataset, run)
    was = {each: entries[each] for each in instances if each in entries}
    code = _tell_changed_code(clone.folder, origin, was.values())

    print(f"1. From nothing, with the published settings: dvc repro --force {evaluation}")
    clone.dvc("repro", "--force", evaluation)

    print("2. Are the bytes equal?")
    made = stages_of(clone.folder / LOCK, dataset)
    compared = _compare_bytes(was, {each: made[each] for each in instances}, earlier)
    compared.tell()
    if not compared.differences:
        return True
    there = published.provenance.machine_classes[origin.machine_class]
    here = _machine_class(clone.folder, dataset, run)
    if here.is_like(there):
        print(f"This machine is of the class of the published results, and {code}.")
        return False
    print(f"This machine is of another class than the published results, and {code}:")
    print("bytes may differ, the start may not.")
    for line in differing_fields(there, here, ("published", "here")):
        print(f"   {line}")
    start = _compare_start(published, dataset, run, clone.folder)
    start.tell()
    return not start.differences


def _machine_class(root: Path, dataset: str, run: Run) -> MachineClass:
    """Return what a run was trained on."""
    path = root / "data" / "durations" / dataset / f"{run.name}.json"
    return DurationRecord.model_validate(read_json(path)).environment.machine_class


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


def _altered(published: Study, entries: Mapping[str, Entry]) -> list[str]:
    """Return a line for each file that isn't as it was published, and each setting that isn't."""
    files = published.provenance.files_sha256.items()
    altered = [
        name
        for name, digest in files
        if not (published.folder / name).is_file() or file_digest(published.folder / name) != digest
    ]
    settings = changed_settings(entries, published.params) if PARAMS in altered else []
    return [*(f"{name}: not as it was published" for name in altered), *settings]


def _compare_bytes(
    was: Mapping[str, Entry], made: Mapping[str, Entry], earlier: bool
) -> Comparison:
    """Compare a run's instances with the published ones, `earlier` ones by their predictions."""
    outputs, found = _compared(was.values()), _compared(made.values())
    if earlier:
        print("Published before there were recipes: the network is compared by its predictions.")
        found = {path: md5 for path, md5 in found.items() if path in outputs}
    comparison = compare_hashes(outputs, found, where="published")
    # Settings had another form.
    first = (
        [] if earlier else beginnings(*({k: _arrays(v) for k, v in e.items()} for e in (was, made)))
    )
    return replace(comparison, differences=[*comparison.differences, *first])


def _compared(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the hashes of a run's outputs by path; of the prepared dataset, of what it read.

    What its card tells has grown since the first studies were published; the arrays are the same.
    """
    read = [
        item for entry in entries for item in entry.deps.items() if item[0].startswith(PREPARED)
    ]
    return outputs_of(map(_arrays, entries)) | dict(read)


def _arrays(entry: Entry) -> Entry:
    """Return an entry without the prepared dataset that it wrote."""
    outs = {path: md5 for path, md5 in entry.outs.items() if not path.startswith(PREPARED)}
    return replace(entry, outs=outs)


def _tell_changed_code(root: Path, origin: Origin, entries: Iterable[Entry]) -> str:
    """Print the first of the code that isn't as entries have it; say whether there is any."""
    changed = changed_code(root, entries)
    if changed and origin.commit and origin.code_is_of_commit:
        commit = origin.commit.removesuffix(CHANGES)
        # What moved is named where it was.
        changed = [
            file for path in changed for file in line_changes(root, commit, None, [path]) or [path]
        ]
    if not changed:
        return "the code is the same"
    more = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
    print(f"The code was moved or changed since: {', '.join(changed[:2])}{more}")
    return "the code was moved or changed since"


def _compare_start(published: Study, dataset: str, run: Run, root: Path) -> Comparison:
    """Compare the loss of the first batch before any step, which only rounding may change."""
    was = published.by(run.recipe).training(run.depth, run.seed)["initial_loss"]
    now = read_json(root / "models" / dataset / run.name / TRAIN_RECORD_FILE)["initial_loss"]
    differs = abs(now / was - 1) > INITIAL_LOSS_TOLERANCE
    lines = [f"{run.name}: initial loss {was} published, {now} here"] if differs else []
    title = f"initial loss within {INITIAL_LOSS_TOLERANCE:g} (relative)"
    return Comparison(title, lines, equal=WITHIN_TOLERANCE)
