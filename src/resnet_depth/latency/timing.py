"""How long forms of a network take for an answer, beside each other in several sessions.

A machine has slow minutes. Which sessions count is decided by the plain network's times alone, by a
rule that stands in the settings, so that nobody can choose among the others' times afterwards.
"""

import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median, median_low
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_depth.latency.records import BatchTimes, Timings
from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.machine.device import synchronize
from resnet_depth.machine.stopwatch import Stopwatch

# The form by which sessions are judged.
PLAIN = "plain"

# A way to run a network: it takes images, uint8 (n, pixels, pixels, 3), makes ready what has to be
# made beforehand, and returns the call that is timed, which gives their logits.
Form = Callable[[NDArray[np.uint8]], Callable[[], Any]]


def random_images(count: int, pixels: int) -> NDArray[np.uint8]:
    """Return images of noise, uint8 (count, pixels, pixels, 3), the same at every call."""
    shape = (count, pixels, pixels, 3)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@torch.inference_mode()
def time_forms(
    forms: Mapping[str, Form], settings: LatencySettings, pixels: int, device: torch.device
) -> tuple[dict[str, Timings], float]:
    """Time forms, `PLAIN` among them, in turns on random images of `pixels` pixels a side.

    Returns:
        Each form's times, and the share of the machine, in [0, 1], that others used in the median
        session.
    """
    timings = {"single": settings.single, "batched": settings.batched}
    runs: dict[tuple[str, str], list[list[float]]] = {
        (form, name): [] for form in forms for name in timings
    }
    loads = []
    for number in range(settings.sessions):
        time.sleep(settings.pause if number else 0)
        watch = Stopwatch()
        for name, timing in timings.items():
            images = random_images(timing.batch_size, pixels)
            for form, ready in forms.items():
                runs[form, name].append(time_runs(ready(images), timing, device))
        loads.append(watch.other_load())
    counted = {name: sessions_that_count(runs[PLAIN, name], settings.band) for name in timings}
    times = {
        form: Timings(
            single=summed_up(runs[form, "single"], counted["single"], settings.single),
            batched=summed_up(runs[form, "batched"], counted["batched"], settings.batched),
        )
        for form in forms
    }
    return times, median(loads)


def time_runs(run: Callable[[], Any], timing: BatchTiming, device: torch.device) -> list[float]:
    """Return the seconds of each timed run, after untimed ones, waiting for the device."""
    wait = partial(synchronize, device)
    runs = timing.warmup + timing.repeats
    return timeit.repeat(lambda: (run(), wait()), wait, number=1, repeat=runs)[timing.warmup :]


def sessions_that_count(plain: Sequence[Sequence[float]], band: float) -> list[bool]:
    """Return which sessions count, given the plain network's seconds in each.

    Its median there may lie `band` of the sessions' median away from that. Of an even number of
    sessions it is the lower one, so that always one session counts at least.
    """
    medians = [median(session) for session in plain]
    middle = median_low(medians)
    return [abs(each - middle) <= band * middle for each in medians]


def summed_up(
    runs: Sequence[Sequence[float]], counted: Sequence[bool], timing: BatchTiming
) -> BatchTimes:
    """Return what a form's seconds in each session tell; percentiles are interpolated linearly."""
    medians, seconds = np.median(runs, axis=1), np.array(runs)[counted]
    middle = float(np.median(medians[counted]))
    p90, p99 = np.percentile(seconds, [90, 99]).tolist()
    return BatchTimes(
        **timing.model_dump(),
        session_medians=medians.tolist(),
        counted=list(counted),
        median_seconds=middle,
        p90_seconds=p90,
        p99_seconds=p99,
        images_per_second=timing.batch_size / middle,
        seconds=seconds.ravel().tolist(),
    )


@torch.inference_mode()
def compare_outputs(first: Form, second: Form, images: NDArray[np.uint8]) -> tuple[float, float]:
    """Return how far two forms' logits lie apart at most, and how large the first's get."""
    one, other = (torch.as_tensor(form(images)()).cpu() for form in (first, second))
    return float((one - other).abs().max()), float(one.abs().max())
