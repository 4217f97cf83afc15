"""Publishing a finished study: what the pipeline wrote, byte for byte, under docs/results/.

Predictions alone are condensed, see `predictions`.

A publication is a folder `docs/results/<study>/`:

- `params.yaml` and `dvc.lock`, whole;
- all that `summarize` and `report` wrote: `costs.json`, `findings.json`, `results.txt`,
  `report.html`, `figures/`, `metrics/`, the lists of what they have read (`…_inputs.json`), and the
  CSV files in `tables/`;
- of each run `curves/<run>.csv`, `training/<run>.json` (train.json) and `predictions/<run>.npy`;
- `latency/`: of each network that was timed, pruned ones too, every single timing;
- `provenance.json`, see `provenance`, which ends with the SHA-256 of all the rest.

Nothing in it depends on when or where it was collected: publishing twice gives equal bytes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, replacing_folder
from resnet_depth.base.messages import told
from resnet_depth.base.sections import load_section
from resnet_depth.commands.publishing.predictions import condensed
from resnet_depth.commands.publishing.provenance import PROVENANCE, provenance
from resnet_depth.commands.reproducing.code import uncommitted_code
from resnet_depth.commands.reproducing.lock import Entry, stages_of
from resnet_depth.commands.reproducing.status import instances_to_run
from resnet_depth.data.prepared import images_file
from resnet_depth.evidence.evidence import Sources, StudyEvidence, read_evidence
from resnet_depth.evidence.settings import StudySettings, SummarizeSettings
from resnet_depth.latency.records import pruned_latency_file
from resnet_depth.runs.names import CURVES_FILE, PREDICTIONS_FILE, TRAIN_RECORD_FILE, Network, Run
from resnet_depth.runs.records import write_record

RESULTS = Path("docs") / "results"
# Of RESULTS, the folder of the studies that later ones superseded.
EARLIER = "earlier"
PARAMS, LOCK = "params.yaml", "dvc.lock"


def published_studies(results: Path) -> dict[str, Path]:
    """Return each published study's folder by its name, the superseded ones of `earlier/` too."""
    found = [*results.glob(f"*/{PROVENANCE}"), *results.glob(f"{EARLIER}/*/{PROVENANCE}")]
    return {
        path.parent.name: path.parent for path in sorted(found, key=lambda each: each.parent.name)
    }


def publish(root: Path, dataset: str, study: str) -> Path:
    """Replace the publication of a name by what the pipeline last wrote of a dataset.

    Returns:
        The publication's folder.

    Raises:
        UserError: If the study isn't complete and up to date, or its code isn't committed.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", study):
        raise UserError(
            f"STUDY={told(study)}: allowed: letters, digits, - and _, at most 64, as in "
            "cifar10_jpeg"
        )
    if study == EARLIER or (root / RESULTS / EARLIER / study).exists():
        raise UserError(
            f"STUDY={study}: {RESULTS / EARLIER} holds superseded studies, "
            "whose names aren't given again; choose another"
        )
    settings = load_section(root / PARAMS, "study", StudySettings)
    _require_finished(root, dataset, settings)
    entries = stages_of(root / LOCK, dataset)
    if changed := uncommitted_code(root, entries.values()):
        raise UserError(
            f"{changed[0]}: not committed ({len(changed)} in all that the results depend on); "
            "commit, then publish"
        )
    sources = published_files(partial(_files_in, root), dataset, entries, settings.runs())
    if missing := [source for source in sources.values() if not (root / source).is_file()]:
        raise UserError(f"{missing[0]}: missing; 'dvc repro report@{dataset}' makes it")
    confidence = load_section(root / PARAMS, "summarize", SummarizeSettings).confidence
    evidence = read_evidence(_sources(root, dataset), settings, confidence)
    sources |= _timings(dataset, evidence)
    folder = root / RESULTS / study
    with replacing_folder(folder) as staging:
        for name, source in sources.items():
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).write_bytes(as_published(source, (root / source).read_bytes()))
        digests = {name: file_digest(staging / name) for name in sorted(sources)}
        origin = provenance(root, study, evidence, entries, digests)
        write_record(staging / PROVENANCE, origin)
    return folder


def _sources(root: Path, dataset: str) -> Sources:
    """Return where a dataset's evidence lies, as dvc.yaml has it."""
    prepared = root / "data" / "prepared" / dataset
    return Sources(
        card=prepared / "dataset.json",
        images=prepared / images_file("test"),
        recipes=root / "data" / "recipes",
        tables=root / "plots" / dataset,
        models=root / "models" / dataset,
        durations=root / "data" / "durations" / dataset,
        exports=root / "data" / "exports" / dataset,
        latency=root / "data" / "latency" / dataset,
    )


def published_files(
    find: Callable[[str], list[str]],
    dataset: str,
    entries: Mapping[str, Entry],
    runs: Sequence[Run],
) -> dict[str, str]:
    """Return what a publication holds beside its provenance: the repository's paths, by name in it.

    Of the dataset's entries of dvc.lock, what `summarize` and `report` wrote is taken; `find` lists
    the files in a folder, or a file alone.
    """
    files = {PARAMS: PARAMS, LOCK: LOCK}
    for stage in ("summarize", "report"):
        for path in map(PurePosixPath, entries[f"{stage}@{dataset}"].outs):
            folder = "tables" if path.suffix == ".csv" else ""
            # In earlier revisions single files stood in it, costs.json among them.
            if path == PurePosixPath("metrics", dataset):
                folder = "metrics"
            for source in find(str(path)):
                # Below metrics/<dataset>/ or plots/<dataset>/.
                named = PurePosixPath(folder, *PurePosixPath(source).parts[2:])
                files[named.as_posix()] = source
    for run in runs:
        model = f"models/{dataset}/{run.name}"
        files[f"curves/{run.name}.csv"] = f"{model}/{CURVES_FILE}"
        files[f"training/{run.name}.json"] = f"{model}/{TRAIN_RECORD_FILE}"
        tested = f"data/evaluations/{dataset}/{run.name}/{PREDICTIONS_FILE}"
        files[f"predictions/{run.name}.npy"] = tested
    return files


def _timings(dataset: str, evidence: StudyEvidence) -> dict[str, str]:
    """Return where the timings of all networks lie, pruned ones too, by name in a publication."""
    files = [
        name
        for recipe, part in evidence.by_recipe.items()
        for name in (
            *(f"{Network(recipe, depth).name}.json" for depth in part.latency),
            *map(pruned_latency_file, part.pruned_latency),
        )
    ]
    return {f"latency/{name}": f"data/latency/{dataset}/{name}" for name in files}


def as_published(source: str, content: bytes) -> bytes:
    """Return what a publication holds of a file of the repository."""
    return condensed(content) if source.endswith(f"/{PREDICTIONS_FILE}") else content


def _files_in(root: Path, path: str) -> list[str]:
    """Return the files in a folder, or a file alone, whether it is there or not."""
    members = sorted(p for p in (root / path).rglob("*") if p.is_file()) or [root / path]
    return [member.relative_to(root).as_posix() for member in members]


def _require_finished(root: Path, dataset: str, settings: StudySettings) -> None:
    """Refuse a dataset that isn't studied, or whose study would still run something."""
    if dataset not in settings.datasets:
        raise UserError(
            f"{PARAMS}: study.datasets has no {dataset}; run 'make study DATASET={dataset}', which "
            "adds it, then publish"
        )
    if waiting := instances_to_run(root, f"report@{dataset}"):
        named = ", ".join(waiting[:3]) + (", …" if len(waiting) > 3 else "")
        raise UserError(
            f"The study of {dataset} isn't complete and up to date: {len(waiting)} stages would "
            f"run ({named}); run 'make study DATASET={dataset}', then publish"
        )
