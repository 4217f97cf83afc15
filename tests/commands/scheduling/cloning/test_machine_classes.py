"""A machine of another class is told apart, and by what."""

from given.shared_toy import MACHINE

from resnet_depth.commands.scheduling.cloning.machine_classes import differences, worker_machine
from resnet_depth.commands.scheduling.machines import machine_text


def test_a_class_is_like_itself():
    assert differences(MACHINE, MACHINE) == []


def test_each_difference_is_named():
    other = MACHINE.replace('"K"', '"L"').replace('"2"', '"3"')

    assert differences(other, MACHINE) == [
        "kernels: L (here K)",
        "packages: {'torch': '3'} (here {'torch': '2'})",
    ]


def test_a_worker_on_this_machine_is_of_its_class():
    assert differences(worker_machine(), machine_text()) == []
