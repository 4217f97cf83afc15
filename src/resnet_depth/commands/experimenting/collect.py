"""DVC's experiments as its API tells them, with what each network that one trained reached.

A network counts as an experiment's own where its bytes aren't those of the commit that the
experiment began with. Results are read from DVC's cache by the hashes that dvc.lock has of them:
the tables that git keeps are the commit's until `report` runs, which an experiment may leave out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from dvc.repo import Repo
from dvc.repo.experiments.serialize import ExpState

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import file_digest, read_json
from resnet_depth.commands.reproducing.code import CODE
from resnet_depth.runs.names import CURVES_FILE, METRICS_FILE, TRAIN_RECORD_FILE

MODEL = re.compile(r"models/(?P<run>(?P<dataset>[^/]+)/(?P<recipe>[^/]+)/resnet(?P<depth>\d+)-.*)")


@dataclass
class Trained:
    """What a network reached: a value a seed, as far as it was computed and is in the cache."""

    seeds: int = 0
    validation: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    parameters: int | None = None


@dataclass(frozen=True)
class Experiment:
    """An experiment, or, without `changes`, a commit that some began with; `networks` by name."""

    name: str
    state: str
    is_commit: bool
    changes: list[str]
    networks: dict[str, Trained]


def collect(root: Path) -> list[Experiment]:
    """Return all experiments, each after its commit; HEAD comes first, also if it has none.

    Raises:
        UserError: If a file of DVC's cache is damaged.
    """
    with Repo(str(root)) as repo:
        api, queue = repo.experiments, repo.experiments.celery_queue
        failed = [done.entry for done in queue.iter_failed()]
        queued = [*queue.iter_queued(), *queue.iter_active(), *failed]
        began = [*api.ls(all_commits=True), *(entry.baseline_rev for entry in queued)]
        commits = list(dict.fromkeys([repo.scm.get_rev(), *began]))
        return [
            one
            for commit in api.show(revs=commits, hide_workspace=True)
            for one in _of_commit(repo, commit)
        ]


def _of_commit(repo: Repo, commit: ExpState) -> Iterator[Experiment]:
    """Yield a commit as it is, then its experiments."""
    name = " ".join(filter(None, [commit.name, commit.rev[:7]]))
    yield Experiment(name, "", True, [], _networks(repo, commit, {}))
    for one in commit.experiments or []:
        state = one.revs[0]
        how = one.executor.state if one.executor else "success"
        told = "" if how == "success" else how
        name = state.name or one.name or state.rev[:7]
        networks = _networks(repo, state, _hashes(commit)) if not told else {}
        yield Experiment(name, told, False, list(_changes(commit, state)), networks)


def _changes(commit: ExpState, state: ExpState) -> Iterator[str]:
    """Yield each parameter that an experiment changed, and the code."""
    was, now = (_flat(_params(each)) for each in (commit, state))
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            yield f"{key} {_typed(was, key)} → {_typed(now, key)}"
    if commit.data and state.data:
        before = commit.data.deps
        for path, dep in state.data.deps.items():
            if path.startswith(CODE) and path in before and before[path].hash != dep.hash:
                yield f"{path} changed"


def _params(state: ExpState) -> dict[str, Any]:
    return dict(state.data.params.get("params.yaml", {}).get("data", {})) if state.data else {}


def _flat(content: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return all values by their dotted keys."""
    found = dict[str, Any]()
    for key, value in content.items():
        name = f"{above}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found


def _typed(values: Mapping[str, Any], key: str) -> str:
    """Return a value as one would type it after `-S`."""
    value = values.get(key, "nothing")
    return value if isinstance(value, str) else json.dumps(value)


def _hashes(state: ExpState) -> dict[str, str | None]:
    """Return what dvc.lock has of each output, by its path."""
    return {path: out.hash for path, out in state.data.outs.items()} if state.data else {}


def _networks(repo: Repo, state: ExpState, before: Mapping[str, str | None]) -> dict[str, Trained]:
    """Return what the networks reached that aren't as they were before, by their names."""
    hashes = {path: md5 for path, md5 in _hashes(state).items() if md5 != before.get(path)}
    found = dict[str, Trained]()
    for path in hashes:
        if not (run := MODEL.fullmatch(path)):
            continue
        network = found.setdefault(
            "{dataset}-{recipe}-{depth}".format(**run.groupdict()), Trained()
        )
        network.seeds += 1
        if record := _cached(repo, hashes, path, TRAIN_RECORD_FILE):
            network.parameters = read_json(record)["parameters"]
        if curves := _cached(repo, hashes, path, CURVES_FILE):
            last = pd.read_csv(curves)["validation_accuracy"].iloc[-1:]
            network.validation += last.dropna().tolist()
        if test := _cached(repo, hashes, f"data/evaluations/{run['run']}", METRICS_FILE):
            network.test.append(read_json(test)["test_accuracy"])
        if lasted := _cached(repo, hashes, f"data/durations/{run['run']}.json"):
            network.seconds.append(read_json(lasted)["train_seconds"])
    return found


def _cached(
    repo: Repo, hashes: Mapping[str, str | None], path: str, member: str = ""
) -> Path | None:
    """Return where DVC's cache keeps an output, or a member of one that is a folder, if it does."""
    kept = _whole(repo, hashes.get(path))
    if kept is None or not member:
        return kept
    members = {each["relpath"]: each["md5"] for each in read_json(kept)}
    return _whole(repo, members.get(member))


def _whole(repo: Repo, md5: str | None) -> Path | None:
    """Return where DVC's cache keeps what has a hash, if it does.

    Raises:
        UserError: If the file isn't what it was any more.
    """
    path = Path(repo.cache.local.oid_to_path(md5)) if md5 else None
    if md5 is None or path is None or not path.is_file():
        return None
    if file_digest(path, "md5") != md5.removesuffix(".dir"):
        raise UserError(
            f"{path}: damaged: its content isn't of that hash; remove the file, and `dvc fetch` or "
            "the same experiment brings it again"
        )
    return path
