"""Names of runs, as dvc.yaml and the files have them."""

from resnet_depth.runs.names import Run, instance, runs_of


def test_a_run_and_its_instances_have_the_names_of_the_graph():
    run = Run(18, 0)

    assert run.name == "resnet18-seed0"
    assert instance("train", "digits", run) == "train@digits-18-0"
    assert instance("latency", "digits", 18) == "latency@digits-18"


def test_runs_come_depth_by_depth():
    assert runs_of((18, 34), iter((0, 1))) == [Run(18, 0), Run(18, 1), Run(34, 0), Run(34, 1)]
