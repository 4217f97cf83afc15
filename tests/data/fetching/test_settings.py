from resnet_depth.base.files import write_json
from resnet_depth.data.fetching.settings import Limits, load_limits


def test_without_a_section_the_limits_are_those_that_are_shipped(tmp_path):
    params = tmp_path / "params.yaml"
    write_json(params, {})

    assert load_limits(params) == Limits(slowest=50_000, patience=30)


def test_a_section_names_what_it_changes(tmp_path):
    params = tmp_path / "params.yaml"
    write_json(params, {"download": {"slowest": 0}})

    assert load_limits(params) == Limits(slowest=0, patience=30)
