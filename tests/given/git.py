"""Git, in the name of somebody: a commit needs one, and a machine may have none."""

import os
import subprocess

IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Tester"), ("EMAIL", "tester@example.org"))
}


def git(folder, *arguments):
    """Run git in a folder; return what it said."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | IDENTITY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
