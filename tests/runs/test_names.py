"""Names of runs, as dvc.yaml and the files have them."""

from resnet_depth.runs.names import Run, instance, runs_of


def test_a_run_and_its_instances_have_the_names_of_the_graph():
    run = Run("reference", 18, 0)

    assert run.name == "reference/resnet18-seed0"
    assert instance("train", "digits", run) == "train@digits-reference-18-0"
    assert instance("latency", "digits", run.network) == "latency@digits-reference-18"


def test_runs_come_recipe_by_recipe_and_depth_by_depth():
    assert runs_of(("b", "a"), iter((18, 34)), iter((0, 1))) == [
        *(Run("b", 18, 0), Run("b", 18, 1), Run("b", 34, 0), Run("b", 34, 1)),
        *(Run("a", 18, 0), Run("a", 18, 1), Run("a", 34, 0), Run("a", 34, 1)),
    ]
