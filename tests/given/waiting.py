"""Waiting for what another process does."""

import time

# Seconds; a busy machine takes its time.
PATIENCE = 60.0


def until(condition, told=lambda: None, patience=PATIENCE):
    """Wait until a condition holds; fail with what `told` returns if it doesn't in that time."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.05)
