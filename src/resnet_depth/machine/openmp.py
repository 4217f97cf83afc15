"""OpenMP's own settings, with which torch would wait for threads that never come."""

import os

from resnet_depth.base.errors import UserError

TRUE = ("true", "1", "yes", "on")


def require_threads(threads: int) -> None:
    """See that OpenMP gives torch as many threads as it is told to take.

    With fewer, a thread that waits for all of them spins for ever, and no signal but SIGKILL ends
    the process.

    Raises:
        UserError: If a variable of the environment lets it give fewer.
    """
    limit = os.environ.get("OMP_THREAD_LIMIT", "").strip()
    if limit.isdigit() and int(limit) < threads:
        raise UserError(
            f"OMP_THREAD_LIMIT={limit} allows fewer than the {threads} threads of params.yaml; "
            "unset it, or lower 'threads' there"
        )
    if os.environ.get("OMP_DYNAMIC", "").strip().lower() in TRUE:
        raise UserError(
            f"OMP_DYNAMIC={os.environ['OMP_DYNAMIC']} lets OpenMP give fewer threads than "
            "params.yaml asks for; unset it"
        )
