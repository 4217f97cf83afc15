"""The simulated cluster agrees with what can be worked out by hand, and with what is promised."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from resnet_depth.commands.scheduling.simulation import WORKERS, Costs, simulate, table

SOURCE = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")}
# Nothing costs anything but training: 10 s each.
FREE = Costs(
    train_seconds=(10.0,),
    network_bytes=(0.0,),
    evaluate_seconds=0.0,
    data_bytes=0.0,
    start_seconds=0.0,
    stage_seconds=0.0,
    batch_seconds=0.0,
    entry_seconds=0.0,
    outcome_seconds=0.0,
)


@pytest.mark.parametrize(("workers", "rounds"), [(1, 7), (2, 4), (3, 3), (7, 1), (9, 1)])
def test_without_other_costs_so_many_rounds_are_trained(workers, rounds):
    found = simulate(FREE, 7, workers)

    assert found.makespan == 10 * rounds
    assert found.efficiency == pytest.approx(7 / (workers * rounds))


def test_what_one_worker_takes_is_the_sum_of_all_costs():
    costs = Costs(
        train_seconds=(10.0,),
        network_bytes=(100.0,),
        evaluate_seconds=1.0,
        data_bytes=300.0,
        start_seconds=5.0,
        stage_seconds=2.0,
        batch_seconds=0.5,
        entry_seconds=0.25,
        outcome_seconds=0.125,
        remote_speed=100.0,
    )

    found = simulate(costs, 1, 1)

    training = 5 + 3 + 2 + 10 + 1 + (0.5 + 0.25 + 0.125)
    evaluation = 1 + 2 + 1 + (0.5 + 2 * 0.25 + 0.125)
    assert found.makespan == pytest.approx(training + evaluation)
    assert found.moved == 300 + 100 + 100


def test_what_comes_while_the_coordinator_is_busy_is_one_batch():
    found = simulate(replace(FREE, batch_seconds=4.0), 8, 8)

    # All trainings at once, then all evaluations, but for the first of each.
    assert found.makespan == 10 + 4 * 4


def test_the_deepest_networks_first_leave_no_tail():
    costs = replace(FREE, train_seconds=(1.0, 8.0), network_bytes=(0.0, 0.0))

    assert simulate(costs, 10, 5).makespan == 9
    assert simulate(costs, 10, 5, longest_first=False).makespan == 9
    assert simulate(costs, 6, 2).makespan < simulate(costs, 6, 2, longest_first=False).makespan


@pytest.mark.parametrize(
    ("change", "stopped_by"),
    [
        ({}, "the longest run"),
        ({"network_bytes": (1e9,), "remote_speed": 1e8}, "the remote"),
        ({"outcome_seconds": 1.0}, "the coordinator"),
    ],
)
def test_it_is_told_what_keeps_more_workers_from_helping(change, stopped_by):
    assert simulate(FREE, 100, 5).stopped_by == "the workers"
    assert simulate(replace(FREE, **change), 100, 200).stopped_by == stopped_by


def test_300_runs_keep_64_workers_busy_for_nine_tenths_of_the_time():
    assert simulate(Costs(), 300, 64).efficiency >= 0.9


def test_more_workers_never_take_longer_than_a_few_seconds_more():
    makespans = [simulate(Costs(), 300, workers).makespan for workers in WORKERS]

    assert all(later <= earlier + 60 for earlier, later in pairwise(makespans))


def test_it_can_be_typed_for_other_runs_times_and_remotes():
    options = [
        "--runs",
        "20",
        "--train-seconds",
        "9",
        "--train-seconds",
        "1",
        "--remote-speed",
        "1e9",
    ]
    command = ("-m", "resnet_depth.commands.scheduling", "simulate", *options)
    done = subprocess.run(
        [sys.executable, *command], env=SOURCE, capture_output=True, text=True, check=True
    )

    costs = replace(
        Costs(), train_seconds=(9.0, 1.0), network_bytes=(94.4e6, 94.4e6), remote_speed=1e9
    )
    assert done.stdout == f"{table([simulate(costs, 20, number) for number in WORKERS])}\n"


def test_the_table_has_a_line_for_each():
    lines = table([simulate(FREE, 7, 1), simulate(FREE, 7, 7)]).splitlines()

    assert [line.split()[:4] for line in lines[1:]] == [
        ["7", "1", "0.02", "1.000"],
        ["7", "7", "0.00", "1.000"],
    ]
