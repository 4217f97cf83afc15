"""The two studies that are compared: found by their names, each laid out as a publication is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.scm import SCMError, resolve_rev
from dvc_data.index import DataIndexDirError

from resnet_depth.base.errors import UserError
from resnet_depth.base.messages import told
from resnet_depth.base.sections import load_section
from resnet_depth.commands.publishing.publish import (
    EARLIER,
    LOCK,
    PARAMS,
    RESULTS,
    as_published,
    published_files,
    published_studies,
)
from resnet_depth.commands.publishing.study import Study, open_study
from resnet_depth.commands.reproducing.causes import changed_settings
from resnet_depth.commands.reproducing.code import CHANGES, changed_code
from resnet_depth.commands.reproducing.lock import Entry, stages_of
from resnet_depth.evidence.settings import StudySettings
from resnet_depth.runs.names import PREDICTIONS_FILE

WORKSPACE = (".", "workspace")
# Without them there is nothing to compare.
NEEDED = ("tables/accuracy.csv", "tables/image_covariance.csv", "costs.json")
# What DVC raises of a file that is neither in git nor in its cache, nor where a remote has it.
_UNREADABLE = (OSError, DataIndexDirError)


@dataclass(frozen=True)
class Side:
    """One of the two studies.

    `name` is what it was called, `study` is of its first recipe, and `entries` are those of its
    dvc.lock. Its code is that of `commit`, or of the workspace where that is None; `known` tells
    whether the repository has it. `missing` are the paths that couldn't be read, `stale` a line for
    each setting and room of code by which the results were made otherwise.
    """

    name: str
    study: Study
    entries: Mapping[str, Entry]
    commit: str | None
    known: bool = True
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


def open_sides(root: Path, names: tuple[str, str], dataset: str, folder: Path) -> tuple[Side, Side]:
    """Return the two studies of some names.

    Each is `workspace` (or `.`), a study of docs/results/, or else a git revision or a DVC
    experiment. Without `dataset` they are of that of a published one, or of the first that the
    workspace studies. What isn't published is laid out in `folder`; nothing is checked out.

    Raises:
        UserError: If there is none of a name, it has no results, or the two are of two datasets.
    """
    names = (_without_folder(names[0]), _without_folder(names[1]))
    there = published_studies(root / RESULTS)
    published = {name: _published(root, name) for name in names if name in there}
    keys = {side.study.dataset["key"]: name for name, side in published.items()}
    key = dataset or next(iter(keys), None)
    if key is None:
        key = load_section(root / PARAMS, "study", StudySettings).datasets[0]
    for other, name in keys.items():
        if other != key:
            raise UserError(f"{name}: a study of {other}, not of {key}; compare studies of one")
    first, second = (
        published.get(name) or _laid_out(root, name, key, folder / letter)
        for name, letter in zip(names, "AB", strict=True)
    )
    return _checked(root, first), _checked(root, second)


def _without_folder(name: str) -> str:
    """Return a published study's name, given its folder."""
    path = Path(name)
    return path.name if path.parent in (RESULTS, RESULTS / EARLIER) else name.rstrip("/")


def _published(root: Path, name: str) -> Side:
    study = open_study(root / RESULTS, name)
    last = max(study.clocks, key=lambda clock: clock.date)
    commit = (last.commit or "").removesuffix(CHANGES)
    entries = stages_of(study.folder / LOCK, study.dataset["key"])
    return Side(name, study, entries, commit, known=bool(commit))


def _laid_out(root: Path, name: str, dataset: str, folder: Path) -> Side:
    """Return a study of the workspace or of a revision, its files copied into a folder."""
    commit = None if name in WORKSPACE else _commit(root, name)
    # Of the name of a branch, too, one folder.
    folder = folder / (name if name in WORKSPACE else PurePosixPath(name).name)
    folder.mkdir(parents=True)
    try:
        entries, sources, missing = _copied(root, name, commit, dataset, folder)
    except DvcException as error:
        raise UserError(f"{name}: DVC can't read it: {told(str(error))}") from None
    for needed in NEEDED:
        if not (folder / needed).is_file():
            raise UserError(
                f"{name}: {sources.get(needed, needed)} is neither in git nor in DVC's cache, so "
                "that nothing can be compared; 'dvc fetch' brings what a remote has"
            )
    study = Study(folder)
    return Side(name, study.by(study.recipes[0]), entries, commit, missing=tuple(missing))


def _copied(
    root: Path, name: str, commit: str | None, dataset: str, folder: Path
) -> tuple[dict[str, Entry], dict[str, str], list[str]]:
    """Copy a study's files into a folder.

    Returns:
        The entries of its dvc.lock, its paths by the place where a study has them, and those that
        couldn't be read.
    """
    with Repo(str(root), rev=commit, uninitialized=True) as repo:
        # Of DVC's two layers, fsspec's, as its API has it.
        files = repo.dvcfs.fs
        try:
            (folder / LOCK).write_bytes(files.read_bytes(LOCK))
        except FileNotFoundError:
            raise UserError(f"{name}: has no {LOCK}, hence no results") from None
        entries = stages_of(folder / LOCK, dataset)
        if f"report@{dataset}" not in entries:
            raise UserError(
                f"{name}: has no results of {dataset}; name another dataset (DATASET=), or run "
                f"'dvc repro report@{dataset}' there"
            )
        missing: list[str] = []

        def find(path: str) -> list[str]:
            try:
                return list(files.find(path)) or [path]
            except _UNREADABLE:
                missing.append(path)
                return []

        sources = published_files(find, dataset, entries, ()) | _predictions(entries)
        for target, source in sources.items():
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            try:
                (folder / target).write_bytes(as_published(source, files.read_bytes(source)))
            except _UNREADABLE:
                missing.append(source)
    return entries, sources, missing


def _commit(root: Path, name: str) -> str:
    with Repo(str(root), uninitialized=True) as repo:
        try:
            return str(resolve_rev(repo.scm, name))
        except SCMError:
            there = published_studies(root / RESULTS)
            raise UserError(
                f"{name}: no revision or experiment of that name, and no published study; "
                f"published: {', '.join(there) or 'nothing'}; 'workspace' is what lies here"
            ) from None


def _predictions(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return where each run's predictions lie, by the place where a study looks for them."""
    folders = [
        out for name in entries if name.startswith("evaluate@") for out in entries[name].outs
    ]
    # data/evaluations/<dataset>/ comes before the run's name.
    named = {folder: "/".join(PurePosixPath(folder).parts[3:]) for folder in folders}
    return {
        f"predictions/{run}.npy": f"{folder}/{PREDICTIONS_FILE}" for folder, run in named.items()
    }


def _checked(root: Path, side: Side) -> Side:
    """Return a side with what its results were made by that isn't what it has now."""
    key = side.study.dataset["key"]
    own = {
        name: entry
        for name, entry in side.entries.items()
        if name.partition("@")[0] in ("prepare", "recipe", "train", "evaluate")
        and _is_of(name, key, side.study)
    }
    stale = changed_settings(own, side.study.params)
    if side.known:
        try:
            stale += [
                f"{path}: other code" for path in changed_code(root, own.values(), side.commit)
            ]
        except SCMError:
            return replace(side, known=False, stale=tuple(stale))
    return replace(side, stale=tuple(stale))


def _is_of(name: str, dataset: str, study: Study) -> bool:
    """Return whether an instance is of one of a study's runs, or of all."""
    member = name.partition("@")[2].split("-")
    if len(member) == 1:
        return member[0] == dataset or member[0] in study.recipes
    *recipe, depth, seed = member[1:]
    of_recipe = not recipe or recipe[0] in study.recipes
    return of_recipe and int(depth) in study.depths and int(seed) in study.seeds
