"""Validating every section of params.yaml, and what must hold between them."""

import re
from pathlib import Path
from typing import Any

from resnet_depth.base.errors import UserError
from resnet_depth.base.sections import Section, parse_section, read_params
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.preparation.settings import PrepareSettings
from resnet_depth.evaluation.settings import EvaluateSettings
from resnet_depth.evidence.settings import StudySettings, SummarizeSettings
from resnet_depth.latency.settings import LatencySettings
from resnet_depth.networks.settings import ModelSettings
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.report.settings import ReportSettings
from resnet_depth.training.settings import TrainSettings

SECTIONS: dict[str, type[Section]] = {
    "study": StudySettings,
    "prepare": PrepareSettings,
    "train": TrainSettings,
    "evaluate": EvaluateSettings,
    "latency": LatencySettings,
    "summarize": SummarizeSettings,
    "report": ReportSettings,
}
COLLECTIONS: dict[str, type[Section]] = {"datasets": DatasetSettings, "models": ModelSettings}


def validate_params(path: Path) -> None:
    """Check every section of the settings file.

    Args:
        path: The settings file, such as params.yaml.

    Raises:
        UserError: One line for each mistake, naming file, key, value and what is allowed.
    """
    params = read_params(path)
    mistakes = [
        f"{path}: {name} is no known section; allowed: {', '.join([*SECTIONS, *COLLECTIONS])}"
        for name in params
        if name not in SECTIONS and name not in COLLECTIONS
    ]
    parsed: dict[str, Section] = {}
    for section, kind in [*SECTIONS.items(), *_entries(params, path, mistakes)]:
        try:
            parsed[section] = parse_section(params, path, section, kind)
        except UserError as error:
            mistakes.append(str(error))
    study = parsed.get("study")
    if isinstance(study, StudySettings):
        mistakes += _study_mistakes(study, params, path)
    if mistakes:
        raise UserError("\n".join(mistakes))


def require_dataset(path: Path, key: str) -> None:
    """Check that a dataset belongs to the study, so that DVC has stages for it.

    Args:
        path: The settings file, whose sections are valid.
        key: The dataset's key.

    Raises:
        UserError: If it isn't among `study.datasets`.
    """
    params = read_params(path)
    studied = params["study"]["datasets"]
    if key in studied:
        return
    known = f"add '- {key}' there" if key in params["datasets"] else "no such key in datasets"
    raise UserError(f"{path}: study.datasets lacks {key} ({known}); it has {', '.join(studied)}")


def _entries(
    params: dict[str, Any], path: Path, mistakes: list[str]
) -> list[tuple[str, type[Section]]]:
    """Return each entry of `datasets` and `models` with its class; note collections amiss."""
    entries = []
    for collection, kind in COLLECTIONS.items():
        content = params.get(collection)
        if not isinstance(content, dict) or not content:
            mistakes.append(f"{path}: {collection} is missing or empty; allowed: named entries")
            continue
        entries += [(f"{collection}.{key}", kind) for key in content]
    return entries


def _study_mistakes(study: StudySettings, params: dict[str, Any], path: Path) -> list[str]:
    """Return a line for each member of the study that nothing else describes."""
    mistakes = []
    datasets = params.get("datasets") or {}
    models = params.get("models") or {}
    for key in study.datasets:
        if key not in datasets:
            known = ", ".join(datasets) or "none"
            mistakes.append(f"{path}: study.datasets has {key!r}; allowed: {known}")
    for key in datasets:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(key)):
            mistakes.append(f"{path}: datasets.{key}: allowed keys are of a-z, 0-9 and _")
    for depth in study.depths:
        if depth not in DEPTHS:
            allowed = ", ".join(map(str, DEPTHS))
            mistakes.append(f"{path}: study.depths has {depth}; allowed: {allowed}")
        elif f"resnet{depth}" not in models:
            mistakes.append(f"{path}: study.depths has {depth}; add models.resnet{depth}")
    for key in models:
        if key not in {f"resnet{depth}" for depth in DEPTHS}:
            mistakes.append(f"{path}: models.{key} is no known network; allowed: resnet{DEPTHS}")
    return mistakes
