"""Costs beside each other, and where clocks don't compare."""

import pytest
from given.two_studies import write_two_studies

from resnet_depth.commands.comparing.costs import Cost, Quantity, costs
from resnet_depth.commands.comparing.sides import open_sides
from resnet_depth.evidence.wording import count, duration


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    root = write_two_studies(tmp_path_factory.mktemp("costs") / "repository")
    sides = open_sides(root, ("first", "second"), "", tmp_path_factory.mktemp("sides"))
    return costs(*(side.study for side in sides))


def test_each_network_has_its_times_and_sizes_of_both_studies(found):
    assert list(found) == [18, 34, 50]
    training, latency, throughput, parameters, macs = found[18]
    assert training.compares
    assert latency.quantity.header == "1 image"
    assert latency.first == latency.second
    assert throughput.first > 0
    assert (str(parameters), str(macs)) == ("11.2 M", "37.1 M")


def test_a_time_of_a_shared_machine_is_marked_and_gives_no_change(found):
    training, latency, *_ = found[34]

    assert training.shared
    assert not training.compares
    assert str(training).endswith(" s *")
    assert latency.compares


def cost(first, second, written=duration, *, shared=False, compares=True):
    quantity = Quantity("Time", "a time", lambda told: told["time"], written)
    return Cost(quantity, first, second, shared, compares)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (cost(10, 9), "10.0 → 9.00 s −10%"),
        (cost(10, 10), "10.0 s"),
        (cost(10, 10.02), "10.0 s"),
        (cost(10, 10.06), "10.0 → 10.1 s +1%"),
        (cost(100, 400), "100 s → 6.67 min ×4.00"),
        (cost(37e6, 555e6, count), "37.0 → 555 M ×15.0"),
        (cost(10, 9, compares=False), "10.0 → 9.00 s †"),
        (cost(10, 10, shared=True, compares=False), "10.0 → 10.0 s *"),
    ],
)
def test_a_change_is_told_as_a_share_or_a_factor_and_a_unit_once(told, text):
    assert str(told) == text
