"""Checking that a study, run again from a clean clone, gives what is committed."""

from pathlib import Path

from resnet_depth.commands.reproducing.agreement import disagreements
from resnet_depth.commands.reproducing.clone import Clone
from resnet_depth.commands.reproducing.compare import compare_hashes, compare_results, read_results
from resnet_depth.commands.reproducing.lock import deterministic_outputs, stages_of

UP_TO_DATE = "Data and pipelines are up to date."


def reproduce(source: Path, folder: Path, dataset: str) -> bool:
    """Run a dataset's study in a clean clone, compare it with what is committed, and print that.

    The HEAD of `source` is checked, uncommitted changes are not seen; the clone is put at `folder`.

    Returns:
        Whether everything agreed.

    Raises:
        UserError: If the committed state isn't complete, or a stage fails.
    """
    clone, target = Clone(source, folder), f"report@{dataset}"
    print(f"1. Do code, settings and dvc.lock agree? dvc repro --allow-missing --dry {target}")
    # Where they don't, DVC may also end with an error: what a changed stage reads isn't here.
    agrees = UP_TO_DATE in clone.dvc("repro", "--allow-missing", "--dry", target, check=False)
    if agrees and (lines := disagreements(clone.folder, dataset)):
        print("\n".join(lines))
        agrees = False
    if not agrees:
        print(f"DIFFERS: run 'dvc repro {target}' and commit dvc.lock, metrics and plots")
        return False
    committed = read_results(clone.folder, dataset)

    print(f"2. The study, from nothing: dvc repro {target}")
    clone.dvc("repro", target)
    found = read_results(clone.folder, dataset)

    lock = clone.folder / "dvc.lock"
    instance = next(name for name in stages_of(lock, dataset) if name.startswith("train@"))
    print(f"3. One network trained again, on the same machine: dvc repro --force {instance}")
    clone.dvc("repro", "--force", "--single-item", instance)
    again = deterministic_outputs(lock, dataset)

    comparisons = [compare_results(committed, found), compare_hashes(found.hashes, again)]
    for comparison in comparisons:
        comparison.tell()
    return not any(comparison.differences for comparison in comparisons)
