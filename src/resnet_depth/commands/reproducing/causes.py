"""Why what is committed isn't of one piece: settings, code, stages, packages, dvc.lock and results.

DVC says which stages would run; here it is said why, by key, file and package.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dvc.dependency import ParamsDependency
from dvc.repo import Repo

from resnet_depth.base.messages import quoted
from resnet_depth.base.sections import read_params
from resnet_depth.commands.git import git
from resnet_depth.commands.reproducing.agreement import disagreements
from resnet_depth.commands.reproducing.code import CODE, MOST_COMMITS, changed_files
from resnet_depth.commands.reproducing.lock import Entry, entries_in, is_of, leaves, stages_of
from resnet_depth.evidence.wording import listed
from resnet_depth.machine.records import MachineClass

PINS = "requirements.lock"
# Of many instances the first are named.
NAMED = 2


def causes(root: Path, dataset: str) -> list[str]:
    """Return a line for each thing that isn't as the stages of a dataset's study have met it.

    That are settings, files of code, dvc.yaml's stages, and what one stage wrote and another read.
    """
    lock = root / "dvc.lock"
    entries = stages_of(lock, dataset) if lock.is_file() else {}
    with Repo(str(root)) as repo:
        stages = {each.name: each for each in repo.index.stages if is_of(dataset, each.name)}
        known = {name: entry for name, entry in entries.items() if name in stages}
        read = disagreements(repo, known)
    lines = changed_settings(known, read_params(root / "params.yaml"))
    lines += [
        f"{path}: changed since {_stages(names)} ran"
        for path, names in changed_files(root, known).items()
    ]
    if new := [name for name in stages if name not in entries]:
        lines.append(f"dvc.lock: has no {_first(new)}")
    if other := [name for name in known if _is_another(stages[name], known[name])]:
        lines.append(f"dvc.yaml: another command, other inputs or outputs of {_first(other)}")
    by_path: dict[str, list[str]] = {}
    for path, name in read:
        by_path.setdefault(path, []).append(name)
    lines += [f"{path}: not as {_first(names)} has read it" for path, names in by_path.items()]
    return lines + _made_anew(root, dataset, known, by_path)


def changed_settings(entries: Mapping[str, Entry], params: Mapping[str, Any]) -> list[str]:
    """Return a line for each value of the settings with which a stage of a dvc.lock was not run."""
    now, ran = leaves(params), dict[tuple[str, str], list[str]]()
    for name, entry in entries.items():
        for key, was in entry.params.items():
            if key not in now or now[key] != was:
                ran.setdefault((key, f"with {quoted(was)}"), []).append(name)
    whole = entries["settings"].params if "settings" in entries else now
    ran |= {(key, "without it"): ["settings"] for key in now if key not in whole}
    return [
        f"params.yaml: {key} {f'is {quoted(now[key])}' if key in now else 'is gone'}; "
        f"{_stages(names)} ran {how}"
        for (key, how), names in ran.items()
    ]


def what_differs(was: Entry, now: Entry) -> list[str]:
    """Return what a stage was told or has read otherwise than before, code last."""
    keys = dict.fromkeys([*was.params, *now.params])
    told = [(key, *(each.params.get(key, "nothing") for each in (was, now))) for key in keys]
    paths = [path for path, md5 in now.deps.items() if was.deps.get(path, md5) != md5]
    return [
        *(f"{key} {quoted(new)} in place of {quoted(old)}" for key, old, new in told if old != new),
        *sorted(paths, key=lambda path: path.startswith(CODE)),
    ]


def otherwise_pinned(root: Path, machines: Iterable[MachineClass]) -> list[str]:
    """Return a line for each package that requirements.lock pins to another version.

    Than the one that results were made with, as far as `machines` tell, or the one that is
    installed here. Builds of one version, such as 2.14.1+cpu, are the same.
    """
    lines = (root / PINS).read_text(encoding="utf-8").splitlines()
    # After a semicolon stands where a package is needed.
    named = [line.partition(";")[0] for line in lines if not line.startswith("#")]
    pins = dict(one.strip().split("==") for one in named if "==" in one)
    made = [(name, one) for machine in machines for name, one in machine.packages.items()]
    here = [(name, found) for name in pins if (found := _installed(name))]
    return [
        f"{PINS}: pins {name} {pins[name]}; {found} {where}"
        for where, several in (("made the results", made), ("is installed here", here))
        for name, found in dict.fromkeys(several)
        if name in pins and found.partition("+")[0] != pins[name].partition("+")[0]
    ]


def _installed(name: str) -> str | None:
    """Return a package's version; None where it isn't here, as those for CUDA may not be."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_another(stage: Any, entry: Entry) -> bool:
    """Return whether dvc.yaml has another command, inputs or outputs of a stage than its entry."""
    deps = {dep.def_path for dep in stage.deps if not isinstance(dep, ParamsDependency)}
    outs = {out.def_path for out in stage.outs}
    return (stage.cmd, deps, outs) != (entry.command, set(entry.deps), set(entry.outs))


def _made_anew(
    root: Path, dataset: str, entries: Mapping[str, Entry], paths: Iterable[str]
) -> list[str]:
    """Return a line for each stage that wrote one of some paths anew: with what, history tells."""
    waiting = {
        name: written for name, entry in entries.items() if (written := entry.outs.keys() & paths)
    }
    log = git(root, "log", f"--max-count={MOST_COMMITS}", "--format=%H", "--", "dvc.lock")
    lines = []
    for commit in log.split() if waiting else []:
        earlier = entries_in(git(root, "show", f"{commit}:./dvc.lock"), dataset)
        for name in [name for name in waiting if name in earlier]:
            was, now = earlier[name], entries[name]
            if any(was.outs.get(path) != now.outs[path] for path in waiting[name]):
                del waiting[name]
                other = listed(what_differs(was, now)) or "the same settings, code and inputs"
                lines.append(f"{name}: wrote that anew, with {other}")
    return lines


def _stages(names: list[str]) -> str:
    """Return of which stages some instances are."""
    return listed(list(dict.fromkeys(name.partition("@")[0] for name in names)))


def _first(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
