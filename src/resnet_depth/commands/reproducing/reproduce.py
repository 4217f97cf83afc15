"""Checking that a study, run again from a clean clone, gives what is committed."""

from pathlib import Path

from resnet_depth.commands.reproducing.causes import causes, otherwise_pinned
from resnet_depth.commands.reproducing.clone import Clone
from resnet_depth.commands.reproducing.compare import compare_hashes, compare_results, read_results

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
    lines = causes(clone.folder, dataset)
    if agrees and not lines:
        committed = read_results(clone.folder, dataset)
        lines = otherwise_pinned(clone.folder, committed.machine_classes)
    if lines or not agrees:
        print("DIFFERS: what is committed is not of one piece")
        print("\n".join(f"   {line}" for line in lines))
        print(f"Run 'dvc repro {target}' and commit dvc.lock, metrics and plots.")
        return False

    print(f"2. The study, from nothing: dvc repro {target}")
    clone.dvc("repro", target)
    found = read_results(clone.folder, dataset)

    instance = next(name for name in found.entries if name.startswith("train@"))
    print(f"3. One network trained again, on the same machine: dvc repro --force {instance}")
    clone.dvc("repro", "--force", "--single-item", instance)
    again = read_results(clone.folder, dataset)

    repeated = compare_hashes(found.hashes, again.hashes, where="the first time")
    comparisons = [compare_results(committed, found), repeated]
    for comparison in comparisons:
        comparison.tell()
    return not any(comparison.differences for comparison in comparisons)
