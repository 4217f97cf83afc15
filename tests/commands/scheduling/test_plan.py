"""What is out of date by dvc.lock's entries alone, and what may become so."""

import pytest

from resnet_depth.commands.reproducing.agreement import folder_md5
from resnet_depth.commands.scheduling.plan import Instance, Plan
from resnet_depth.commands.scheduling.tasks import Task

A, B, C = "a" * 32, "b" * 32, "c" * 32


def files(**hashes):
    return [{"path": path, "hash": "md5", "md5": md5, "size": 1} for path, md5 in hashes.items()]


def entry(deps=(), outs=()):
    return {"cmd": "work", "deps": files(**dict(deps)), "outs": files(**dict(outs))}


def chain(first=A, read=A, **changed):
    """`upper` writes x, `lower` reads it and writes y, `last` reads that."""
    instances = [
        Instance("upper", changed=changed.get("upper", "")),
        Instance("lower", ("upper",), {"x": (("upper", "x"),)}, changed.get("lower", "")),
        Instance("last", ("lower",), {"y": (("lower", "y"),)}),
    ]
    entries = {
        "upper": entry(outs={"x": first}),
        "lower": entry({"x": read}, {"y": B}),
        "last": entry({"y": B}, {"z": C}),
    }
    return Plan(instances, entries)


def test_nothing_runs_where_each_has_read_what_the_lock_has():
    plan = chain()

    assert plan.certain() == plan.possible() == []


def test_an_input_that_is_not_the_recorded_output_makes_an_instance_run_and_maybe_those_below():
    plan = chain(read=C)

    assert plan.certain() == ["lower"]
    assert plan.possible() == ["lower", "last"]


def test_below_an_instance_that_wrote_the_same_again_nothing_runs():
    plan = chain(upper="the command")
    assert plan.certain() == ["upper"]
    assert plan.possible() == ["upper", "lower", "last"]

    plan.record("upper", entry(outs={"x": A}))

    assert plan.possible() == []


def test_below_an_instance_that_wrote_something_else_its_reader_runs():
    plan = chain(upper="the command")

    plan.record("upper", entry(outs={"x": C}))

    assert plan.must_run("lower")
    assert not plan.must_run("last")


def test_an_instance_without_an_entry_runs():
    plan = chain()
    del plan.entries["lower"]

    assert plan.certain() == ["lower", "last"]


# Two instances write into the folder that a third one reads: a file and a folder.
FOLDER = {"out/file": A, "out/inner/one": B}
WRITERS = (("file", "out/file"), ("inner", "out/inner"))


def gathering(read, known):
    instances = [Instance("file"), Instance("inner"), Instance("all", (), {"out": WRITERS})]
    inner = folder_md5("out/inner", FOLDER)
    entries = {
        "file": entry(outs={"out/file": A}),
        "inner": entry(outs={"out/inner": inner}),
        "all": entry({"out": read}),
    }
    return Plan(instances, entries, lambda md5: {"one": B} if known and md5 == inner else None)


@pytest.mark.parametrize("known", [True, False])
def test_of_a_folder_others_write_into_the_hash_is_that_of_all_their_files(known):
    # Where nobody knows what is in it, it can't be said to be as it was read.
    assert gathering(folder_md5("out", FOLDER), known).certain() == ([] if known else ["all"])
    assert gathering(f"{C}.dir", known).certain() == ["all"]


def test_of_a_file_in_a_folder_that_another_wrote_the_hash_is_known_from_the_folders_files():
    hashes = {"out/one": A, "out/two": B}
    writers = {"out/one": (("upper", "out"),)}
    instances = [Instance("upper"), Instance("lower", ("upper",), writers)]
    entries = {"upper": entry(outs={"out": folder_md5("out", hashes)})}

    for read, expected in ((A, []), (C, ["lower"])):
        entries["lower"] = entry({"out/one": read})
        plan = Plan(instances, entries, lambda _: {"one": A, "two": B})
        assert plan.certain() == expected


def test_a_task_has_the_entries_of_all_that_is_above_it_and_of_nothing_else():
    plan = chain()

    assert plan.task("last") == Task(
        "last", {name: plan.entries[name] for name in ("upper", "lower")}, alone=False
    )
    assert plan.task("upper").entries == {}
