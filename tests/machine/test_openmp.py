"""Settings of OpenMP under which torch would never end."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.machine.device import set_up


@pytest.mark.parametrize("limit", ["0", "1", " 1 "])
def test_a_limit_below_the_threads_asked_for_is_refused(monkeypatch, limit):
    monkeypatch.setenv("OMP_THREAD_LIMIT", limit)

    with pytest.raises(UserError, match=r"OMP_THREAD_LIMIT=\d allows fewer than the 2 threads"):
        set_up("cpu", 2)


@pytest.mark.parametrize("value", ["TRUE", "true", "1", "yes"])
def test_that_openmp_may_give_fewer_is_refused(monkeypatch, value):
    monkeypatch.setenv("OMP_DYNAMIC", value)

    with pytest.raises(UserError, match=f"OMP_DYNAMIC={value} lets OpenMP give fewer threads"):
        set_up("cpu", 2)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OMP_THREAD_LIMIT", "2"), ("OMP_DYNAMIC", "FALSE"), ("OMP_DYNAMIC", "")],
)
def test_what_leaves_enough_threads_is_allowed(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)

    assert set_up("cpu", 2).type == "cpu"
