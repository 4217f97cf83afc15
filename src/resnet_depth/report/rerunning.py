"""How to cite a study and how to run it again, as its page tells."""

from resnet_depth.data.fetching.sources import source_variable
from resnet_depth.evidence.evidence import Evidence, StudyEvidence
from resnet_depth.evidence.wording import listed, network_title, plural

# The part of a commit's hash that is enough to find it, and of a moment that is its day.
SHORT, DAY = 12, 10
CHANGES = "+changes"
UNKNOWN = "unknown"


def commits(study: StudyEvidence) -> list[str]:
    """Return the commits that the runs were made at, each once, in order of time."""
    return list(dict.fromkeys(commit for _, commit in _times(study)))


def period(study: StudyEvidence, characters: int | None = None) -> str:
    """Return when the runs were made, from the first to the last, by so many characters a date."""
    moments = [date[:characters] for date, _ in _times(study)]
    return " to ".join(dict.fromkeys((moments[0], moments[-1])))


def citation(study: StudyEvidence, question: str) -> str:
    """Return how to cite a study; its title is the question, and its clocks' records date it."""
    evidence = study.first
    networks = listed([network_title(depth) for depth in evidence.depths])
    found = commits(study)
    at = [
        f"{commit[:SHORT]}{' with uncommitted changes' if f'{commit}{CHANGES}' in found else ''}"
        for commit in dict.fromkeys(one.removesuffix(CHANGES) for one in found)
    ]
    return (
        f"{question} {networks} on {evidence.title}, {plural(len(evidence.seeds), 'seed')} per "
        f"depth. Pipeline resnet-depth at commit {listed(at)}, run {period(study, DAY)}."
    )


def commands(study: StudyEvidence) -> str:
    """Return the commands that run the study again, as lines for a shell."""
    evidence = study.first
    key = evidence.card.key
    run = "make run" if key == "digits" else f"make study DATASET={key}"
    if evidence.card.kind == "image_folder":
        run = f"{source_variable(key)}=<folder or tar of the images> {run}"
    commit = commits(study)[-1].removesuffix(CHANGES)
    lines = ["git clone <address of this repository> resnet-depth", "cd resnet-depth"]
    if commit != UNKNOWN:
        lines.append(f"git checkout {commit}")
    return "\n".join([*lines, run])


def comparison(evidence: Evidence) -> str:
    """Return the command that runs the study in a clean clone and compares every hash."""
    if evidence.card.key == "digits":
        return "make reproduce"
    return (
        "PYTHONPATH=src python -m resnet_depth.commands.reproducing reproduce --root . "
        f"--dataset {evidence.card.key}"
    )


def _times(study: StudyEvidence) -> list[tuple[str, str]]:
    """Return (date, commit) of every clock's record, ascending."""
    environments = [
        record.environment
        for evidence in study.by_recipe.values()
        for record in (*evidence.durations.values(), *evidence.inferences)
    ]
    return sorted((one.date, one.commit or UNKNOWN) for one in environments)
