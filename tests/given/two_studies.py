"""A repository with two constructed studies of the same images, one after the other in history."""

from given.git import git
from given.published_study import CODE, publish_finished, write_published_study, write_results
from given.tiny_study import edit_yaml

SEEDS = (0, 1, 2)
# Clearly better, hardly otherwise, not at all.
BEFORE = {(18, s): 0.80 + 0.01 * s for s in SEEDS} | {(34, s): 0.90 + 0.02 * s for s in SEEDS}
BEFORE |= {(50, s): 0.93 for s in SEEDS}
AFTER = BEFORE | {(18, s): 0.90 + 0.01 * s for s in SEEDS}
AFTER |= {(34, s): 0.89 + 0.02 * s for s in SEEDS}


def write_two_studies(root):
    """Write the studies: the tags `before` and `after`, the publications `first` and `second`.

    The later one has another `lr`, other code, and was made where others used the machine.
    """
    write_published_study(root, accuracy=BEFORE)
    commit(root, "Results")
    git(root, "tag", "before")
    edit_yaml(root / "params.yaml", lambda params: params["recipes"]["reference"].update(lr=0.0003))
    (root / CODE).write_text("trained = True\nslowly = True\n")
    commit(root, "Slower")
    study = write_results(
        root,
        accuracy=AFTER,
        shared=[(34, 0), (34, 1), (34, 2)],
        recipes={"reference": {"lr": 3e-4}},
    )
    commit(root, "Results again")
    git(root, "tag", "after")
    publish_finished(study, "second")
    git(root, "checkout", "--quiet", "before")
    publish_finished(study, "first")
    git(root, "checkout", "--quiet", "-")
    git(root, "checkout", "--quiet", "after")
    commit(root, "Published")
    return root


def commit(root, message):
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)
