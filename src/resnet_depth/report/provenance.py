"""Where a report's numbers come from, as far as it takes more than the page's template to tell."""

from collections.abc import Sequence

from resnet_depth.evidence.costs import conditions, describe_conditions
from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.evidence.wording import listed, percent
from resnet_depth.latency.records import InferenceRecord
from resnet_depth.report.rerunning import commits, period
from resnet_depth.training.records import DurationRecord, TrainingRecord
from resnet_depth.training.settings import RecipeSettings

# The recipe's keys that the page tells in words.
_TOLD_ELSEWHERE = {"stem", "image_size", "epochs", "batch_size", "lr", "optimizer", "weights"}


def further_settings(recipe: RecipeSettings) -> str:
    """Return the keys of a recipe with their values; not those told elsewhere."""
    values = recipe.model_dump(exclude=_TOLD_ELSEWHERE).items()
    return ", ".join(f"{key} {list(v) if isinstance(v, tuple) else v}" for key, v in values)


def start_of(training: TrainingRecord) -> str:
    """Return what a network started from."""
    if training.weights_title is None:
        return "from scratch"
    anew = f"; made anew: {listed(list(training.made_anew))}" if training.made_anew else ""
    return f"{training.weights_title}, {training.weights_digest}{anew}"


def machine_and_code(study: StudyEvidence) -> list[tuple[str, str]]:
    """Return what clocks were read on, by which code and when: pairs of term and description."""
    clocks: dict[str, Sequence[DurationRecord | InferenceRecord]] = {
        "Training": [each for own in study.by_recipe.values() for each in own.durations.values()],
        "Inference": [each for own in study.by_recipe.values() for each in own.inferences],
    }
    rows = []
    for name, records in clocks.items():
        distinct = dict.fromkeys(map(conditions, records))
        rows += [(name, describe_conditions(found)) for found in distinct]
        loads, shared = [each.other_load for each in records], sum(each.shared for each in records)
        used = " to ".join(dict.fromkeys((percent(min(loads)), percent(max(loads)))))
        count = f"{shared} of {len(records)} timings don't count" if shared else "all timings count"
        rows.append((f"{name}: other load", f"others used {used} of the machine; {count}"))
    versions = [record.environment.dvc for records in clocks.values() for record in records]
    return [
        *rows,
        ("Commit", ", ".join(commits(study))),
        ("Date", period(study)),
        ("DVC", ", ".join(dict.fromkeys(versions))),
    ]
