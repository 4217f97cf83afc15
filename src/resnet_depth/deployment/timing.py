"""How long forms of a network take for an answer, beside each other in several sessions.

A machine has slow minutes. Which sessions count is decided by the plain network's times alone, by a
rule that stands in the settings, so that nobody can choose among the others' times afterwards.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, median_low
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_depth.deployment.records import BatchTimes, Timings
from resnet_depth.deployment.session import answer, open_session
from resnet_depth.deployment.settings import BatchTiming, TimingSettings
from resnet_depth.machine.device import synchronize
from resnet_depth.machine.stopwatch import Stopwatch

# The form by which sessions are judged.
PLAIN = "plain"


@dataclass(frozen=True)
class Form:
    """A way to run a network: what images have to be made beforehand, and the run that is timed.

    `ready` takes images, uint8 (n, pixels, pixels, 3); `run` takes what it returns.
    """

    ready: Callable[[NDArray[np.uint8]], Any]
    run: Callable[[Any], Any]


def onnx_form(path: Path, threads: int, target: str) -> Form:
    """Return the form of an ONNX file, which takes images as they are; see `open_session`."""
    session = open_session(path, threads, target)
    return Form(lambda images: images, lambda images: answer(session, images))


def random_images(count: int, pixels: int) -> NDArray[np.uint8]:
    """Return images of noise, uint8 (count, pixels, pixels, 3), the same at every call."""
    shape = (count, pixels, pixels, 3)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def time_forms(
    forms: Mapping[str, Form], settings: TimingSettings, pixels: int, device: torch.device
) -> tuple[dict[str, Timings], float]:
    """Time forms, `PLAIN` among them, in turns on random images of `pixels` pixels a side.

    Returns:
        Each form's times, and the share of the machine, in [0, 1], that others used in the median
        session.
    """
    timings = {"single": settings.single, "batched": settings.batched}
    runs: dict[str, dict[str, list[list[float]]]] = {
        form: {name: [] for name in timings} for form in forms
    }
    loads = []
    for number in range(settings.sessions):
        if number:
            time.sleep(settings.pause)
        watch = Stopwatch()
        for name, timing in timings.items():
            images = random_images(timing.batch_size, pixels)
            for form, one in forms.items():
                runs[form][name].append(time_runs(one, images, timing, device))
        loads.append(watch.other_load())
    counted = {name: sessions_that_count(runs[PLAIN][name], settings.band) for name in timings}
    times = {
        form: Timings(
            single=summed_up(own["single"], counted["single"], settings.single),
            batched=summed_up(own["batched"], counted["batched"], settings.batched),
        )
        for form, own in runs.items()
    }
    return times, median(loads)


@torch.inference_mode()
def time_runs(
    form: Form, images: NDArray[np.uint8], timing: BatchTiming, device: torch.device
) -> list[float]:
    """Return the seconds of each timed run, after untimed ones, waiting for the device."""
    batch = form.ready(images)
    seconds = []
    for repeat in range(timing.warmup + timing.repeats):
        synchronize(device)
        start = time.perf_counter()
        form.run(batch)
        synchronize(device)
        if repeat >= timing.warmup:
            seconds.append(time.perf_counter() - start)
    return seconds


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
    own = [session for session, counts in zip(runs, counted, strict=True) if counts]
    seconds = [value for session in own for value in session]
    middle = median(median(session) for session in own)
    p90, p99 = (float(value) for value in np.percentile(seconds, [90, 99]))
    return BatchTimes(
        **timing.model_dump(),
        session_medians=[median(session) for session in runs],
        counted=list(counted),
        median_seconds=middle,
        p90_seconds=p90,
        p99_seconds=p99,
        images_per_second=timing.batch_size / middle,
        seconds=seconds,
    )


@torch.inference_mode()
def compare_outputs(first: Form, second: Form, images: NDArray[np.uint8]) -> tuple[float, float]:
    """Return how far two forms' logits lie apart at most, and how large the first's get."""
    one, other = (torch.as_tensor(form.run(form.ready(images))).cpu() for form in (first, second))
    return float((one - other).abs().max()), float(one.abs().max())
