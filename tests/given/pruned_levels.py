"""Levels of pruning whose truth is known: what each changes, and how fast it answers."""

from dataclasses import replace

import pandas as pd
from given.study_files import write_study

from resnet_depth.findings.pruning import find_pruning
from resnet_depth.latency.records import LevelTimings, Timings

MARGIN = 0.005
EXACT = {0: 0.90, 1: 0.92, 2: 0.88}
# What each seed's tuned accuracy changes by at a level. By the mean, 25 and 50 % of channels lie
# within half a point, but only of 25 % does the interval (± 0.0025, ± 0.025) say so.
CHANGES = {
    ("inner", "l2", 0.25): (0.001, 0.000, -0.001),
    ("inner", "l2", 0.5): (0.010, 0.000, -0.010),
    ("inner", "l2", 0.75): (-0.031, -0.030, -0.029),
    ("inner", "random", 0.5): (-0.040, -0.050, -0.060),
    ("groups", "l2", 0.5): (-0.021, -0.020, -0.019),
    ("weights", "magnitude", 0.9): (0.010, -0.001, -0.010),
}
# Seconds of one image, and images a second of many.
SPEEDS = {
    ("exact", "nothing", 0.0): (0.82e-3, 3445.0),
    ("inner", "l2", 0.25): (0.41e-3, 5100.0),
    ("inner", "l2", 0.5): (0.30e-3, 6000.0),
    ("inner", "l2", 0.75): (0.20e-3, 7000.0),
    ("groups", "l2", 0.5): (0.25e-3, 8000.0),
    # As the clock had it; as much is computed as without.
    ("weights", "magnitude", 0.9): (0.78e-3, 3500.0),
}


def row(seed, key, tuned):
    kind, choice, share = key
    left = int(4_000_000 * (1 - share))
    whole = kind == "weights"
    return {
        "depth": 18,
        "seed": seed,
        "kind": kind,
        "chosen_by": choice,
        "share": share,
        "parameters": 11_000_000 if kind == "full" else 4_000_000 if whole else left,
        "nonzero_parameters": left + seed,
        "macs": 30_000_000 if whole else int(30_000_000 * (1 - share)),
        "file_bytes": 4 * left,
        "at_once_accuracy": 0.5,
        "recalibrated_accuracy": None if tuned is None else 0.7,
        "tuned_accuracy": tuned,
    }


def constructed(study):
    """Write a study with ResNet-18 pruned, whose levels `found` replaces."""
    return write_study(study, depths=(18,), pruned=(18,)).evidence()


def timed(record, speeds, shared):
    """A record's levels replaced by those of `speeds`."""
    single, batched = record.plain.single, record.plain.batched
    levels = [
        LevelTimings(
            **dict(zip(("kind", "chosen_by", "share"), key, strict=True)),
            timings=Timings(
                single=single.model_copy(update={"median_seconds": seconds}),
                batched=batched.model_copy(update={"images_per_second": rate}),
            ),
        )
        for key, (seconds, rate) in speeds.items()
    ]
    return record.model_copy(update={"levels": levels, "shared": shared})


def found(evidence, changes=CHANGES, seeds=(0, 1, 2), shared=False):
    """What is found of ResNet-18 where its levels changed accuracy by so much."""
    rows = [row(seed, ("full", "nothing", 0.0), None) for seed in seeds]
    rows += [row(seed, ("exact", "nothing", 0.0), EXACT[seed]) for seed in seeds]
    rows += [
        # Not in the seeds' order: pairs are made by seed.
        row(seed, key, EXACT[seed] + change[seed])
        for key, change in changes.items()
        for seed in reversed(seeds)
    ]
    speeds = {18: timed(evidence.pruned_latency[18], SPEEDS, shared)}
    changed = replace(evidence, pruning=pd.DataFrame(rows), pruned_latency=speeds)
    (one,) = find_pruning(changed, MARGIN)
    return one
