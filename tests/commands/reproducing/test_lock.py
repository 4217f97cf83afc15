"""What is read from dvc.lock."""

from resnet_depth.commands.reproducing.lock import deterministic_outputs, stages_of

LOCK = """
schema: '2.0'
stages:
  settings:
    outs: [{path: data/settings.ok, md5: a}]
  recipe@reference:
    outs: [{path: data/recipes/reference.json, md5: g}]
  start@reference-18:
    outs: [{path: data/start/reference/resnet18, md5: h.dir}]
  train@digits-reference-18-0:
    outs:
    - {path: models/digits/reference/resnet18-seed0, md5: b.dir}
    - {path: data/durations/digits/reference/resnet18-seed0.json, md5: c}
  train@cifar10-reference-18-0:
    outs: [{path: models/cifar10/reference/resnet18-seed0, md5: d.dir}]
  latency@digits-reference-18:
    outs: [{path: data/latency/digits/reference/resnet18.json, md5: e}]
  pruned_latency@digits-18:
    outs: [{path: data/latency/digits/resnet18-pruned.json, md5: i}]
  report@digits:
    outs: [{path: plots/digits/report.html, md5: f}]
"""


def test_outputs_of_clocks_and_of_other_datasets_are_left_out_and_what_all_share_is_not(tmp_path):
    (tmp_path / "dvc.lock").write_text(LOCK)

    assert deterministic_outputs(stages_of(tmp_path / "dvc.lock", "digits")) == {
        "data/settings.ok": "a",
        "data/recipes/reference.json": "g",
        "data/start/reference/resnet18": "h.dir",
        "models/digits/reference/resnet18-seed0": "b.dir",
    }


PARAMS = """
schema: '2.0'
stages:
  train@digits-reference-18-0:
    cmd: python stages/train.py
    params:
      params.yaml:
        datasets.digits.epochs_factor: 1.2
        recipes.reference: {lr: 0.001, step_epochs: [], inner: {l2: [0.5]}}
        weights: {}
"""


def test_what_a_stage_was_run_with_is_by_dotted_key_down_to_the_values(tmp_path):
    (tmp_path / "dvc.lock").write_text(PARAMS)

    (entry,) = stages_of(tmp_path / "dvc.lock", "digits").values()

    assert entry.command == "python stages/train.py"
    assert entry.params == {
        "datasets.digits.epochs_factor": 1.2,
        "recipes.reference.lr": 0.001,
        "recipes.reference.step_epochs": [],
        "recipes.reference.inner.l2": [0.5],
        "weights": {},
    }
