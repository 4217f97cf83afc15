"""A machine of another class is told apart, and by what."""

from given.shared_toy import MACHINE

from resnet_depth.commands.scheduling.cloning.machine_classes import differences, own_machine
from resnet_depth.machine.environment import machine_class


def test_a_class_is_like_itself():
    assert differences(MACHINE, MACHINE) == []


def test_each_difference_is_named():
    other = MACHINE.replace('"K"', '"L"').replace('"2"', '"3"')

    assert differences(other, MACHINE) == [
        "kernels: L (here K)",
        "packages: {'torch': '3'} (here {'torch': '2'})",
    ]


def test_this_machine_is_of_its_own_class():
    assert own_machine() == machine_class().model_dump_json()
    assert differences(own_machine(), own_machine()) == []
