"""The rate's schedules are torch's own, and pure functions of the step."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    SequentialLR,
)

from resnet_depth.training.optimization.schedule import WARMUP_START, rate_factor
from resnet_depth.training.settings import RecipeSettings

TOTAL = 90
WARMUP = 18
# torch sets the rate once more after the last step.
WARNINGS = pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")


def a_recipe(**keys):
    """Return a recipe of nine epochs; only what a schedule reads is given."""
    fields = {
        "epochs": 9,
        "schedule": "constant",
        "warmup_epochs": 0.0,
        "warmup_fraction": 0.0,
        "one_cycle_down": "cosine",
        "step_epochs": (),
        "step_factor": 0.1,
    }
    return RecipeSettings.model_construct(**fields | keys)


def factors(recipe, total=TOTAL):
    return [rate_factor(recipe, step, total) for step in range(total)]


def rates(make, total=TOTAL):
    """Return the rates that torch's scheduler sets, in units of the largest."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = make(optimizer)
    found = []
    for _ in range(total):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def after_warmup(make):
    """Return a maker of torch's linear warm-up and, behind it, another scheduler."""

    def both(optimizer):
        rise = LinearLR(optimizer, WARMUP_START, total_iters=WARMUP)
        return SequentialLR(optimizer, [rise, make(optimizer)], [WARMUP])

    return both


def one_cycle(strategy):
    """Return a maker of torch's one cycle that reaches 0 after the last step, not in it."""
    return lambda optimizer: OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=TOTAL + 1,
        pct_start=(WARMUP + 1) / (TOTAL + 1),
        anneal_strategy=strategy,
        cycle_momentum=False,
        div_factor=1 / WARMUP_START,
        final_div_factor=math.inf,
    )


@WARNINGS
@pytest.mark.parametrize(
    ("keys", "make"),
    [
        ({"schedule": "constant"}, lambda o: LinearLR(o, 1.0)),
        ({"schedule": "cosine"}, lambda o: CosineAnnealingLR(o, TOTAL)),
        (
            {"schedule": "one_cycle", "one_cycle_down": "linear"},
            lambda o: LinearLR(o, 1.0, 0.0, TOTAL),
        ),
        (
            {"schedule": "step", "step_epochs": (3, 7), "step_factor": 0.2},
            lambda o: MultiStepLR(o, [30, 70], 0.2),
        ),
    ],
)
def test_a_schedule_without_warm_up_is_torchs(keys, make):
    assert factors(a_recipe(**keys)) == pytest.approx(rates(make), abs=1e-12)


@WARNINGS
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step")
@pytest.mark.parametrize("warmup", [{"warmup_fraction": 0.2}, {"warmup_epochs": 1.8}])
@pytest.mark.parametrize(
    ("keys", "make"),
    [
        ({"schedule": "constant"}, after_warmup(lambda o: LinearLR(o, 1.0))),
        ({"schedule": "cosine"}, after_warmup(lambda o: CosineAnnealingLR(o, TOTAL - WARMUP))),
        (
            {"schedule": "step", "step_epochs": (3, 7)},
            # Here torch counts from the warm-up's end.
            after_warmup(lambda o: MultiStepLR(o, [30 - WARMUP, 70 - WARMUP])),
        ),
    ],
)
def test_a_schedule_after_a_warm_up_is_torchs(keys, make, warmup):
    assert factors(a_recipe(**keys, **warmup)) == pytest.approx(rates(make), abs=1e-12)


@WARNINGS
def test_one_cycle_down_linearly_is_torchs_warm_up_and_linear_fall():
    recipe = a_recipe(schedule="one_cycle", one_cycle_down="linear", warmup_fraction=0.2)

    fall = after_warmup(lambda o: LinearLR(o, 1.0, 0.0, TOTAL - WARMUP))
    assert factors(recipe) == pytest.approx(rates(fall), abs=1e-12)


@WARNINGS
@pytest.mark.parametrize("down", ["cosine", "linear"])
def test_the_fall_of_one_cycle_is_torchs(down):
    recipe = a_recipe(schedule="one_cycle", one_cycle_down=down, warmup_fraction=0.2)

    theirs = rates(one_cycle({"cosine": "cos", "linear": "linear"}[down]))
    assert factors(recipe)[WARMUP:] == pytest.approx(theirs[WARMUP:], abs=1e-12)


@WARNINGS
def test_the_linear_rise_of_one_cycle_is_torchs():
    recipe = a_recipe(schedule="one_cycle", one_cycle_down="linear", warmup_fraction=0.2)

    assert factors(recipe) == pytest.approx(rates(one_cycle("linear")), abs=1e-12)


def test_one_cycle_without_warm_up_only_falls_and_its_last_step_still_counts():
    recipe = a_recipe(schedule="one_cycle", one_cycle_down="linear")

    assert factors(recipe, 4) == [1.0, 0.75, 0.5, 0.25]


def test_with_the_cosine_one_cycle_is_cosine():
    keys = {"warmup_fraction": 0.2, "one_cycle_down": "cosine"}

    assert factors(a_recipe(schedule="one_cycle", **keys)) == factors(
        a_recipe(schedule="cosine", **keys)
    )


def test_a_dataset_trained_for_twice_the_epochs_steps_and_warms_up_twice_as_long():
    recipe = a_recipe(schedule="step", step_epochs=(3, 7), warmup_epochs=2.0)

    assert factors(recipe, 2 * TOTAL)[::2] == pytest.approx(factors(recipe), abs=1e-12)


def test_a_step_within_the_warm_up_comes_at_its_end():
    recipe = a_recipe(schedule="step", step_epochs=(1,), warmup_epochs=2.0)

    found = factors(recipe)
    assert found[19] == pytest.approx(0.05 + 0.95 * 19 / 20)
    assert found[20:] == [0.1] * 70


warmups = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"warmup_fraction": st.floats(0, 0.99)}),
    st.fixed_dictionaries({"warmup_epochs": st.floats(0, 8.9)}),
)
falls = st.fixed_dictionaries(
    {
        "schedule": st.sampled_from(["constant", "cosine", "one_cycle", "step"]),
        "one_cycle_down": st.sampled_from(["cosine", "linear"]),
        "step_epochs": st.lists(st.integers(1, 12), unique=True).map(sorted).map(tuple),
        "step_factor": st.floats(0.01, 0.99),
    }
)
recipes = st.builds(lambda fall, warmup: a_recipe(**fall, **warmup), falls, warmups)
totals = st.integers(1, 300)


def warmup_steps(recipe, total):
    return math.ceil(total * (recipe.warmup_fraction or recipe.warmup_epochs / recipe.epochs))


@given(recipes, totals)
def test_a_factor_lies_above_0_and_is_1_at_most(recipe, total):
    assert all(0 < factor <= 1 for factor in factors(recipe, total))


@given(recipes, totals)
def test_warm_up_never_falls_and_what_follows_never_rises(recipe, total):
    found, end = factors(recipe, total), warmup_steps(recipe, total)

    assert found[:end] == sorted(found[:end])
    assert found[end:] == sorted(found[end:], reverse=True)


@given(recipes, totals)
def test_but_for_the_steps_of_step_the_rate_never_jumps(recipe, total):
    assume(recipe.schedule != "step")
    found, rise = factors(recipe, total), warmup_steps(recipe, total)

    # Neither the rise nor the steepest part of a fall, the cosine's middle, moves by more.
    steepest = max(1 / max(rise - 1, 1), math.pi / 2 / max(total - rise, 1))
    assert all(abs(a - b) <= steepest + 1e-12 for a, b in pairwise(found))


@given(recipes, totals, st.randoms())
def test_the_factor_is_a_function_of_the_step_alone(recipe, total, random):
    expected = factors(recipe, total)

    steps = list(range(total))
    random.shuffle(steps)
    assert all(rate_factor(recipe, step, total) == expected[step] for step in steps)


def test_a_rise_over_a_twentieth_of_the_steps_and_a_linear_fall_in_figures():
    keys = {"one_cycle_down": "linear", "warmup_fraction": 0.05}
    found = factors(a_recipe(schedule="one_cycle", **keys), 440)

    assert found[0] == 0.05
    assert [found[step] for step in (11, 22, 231)] == pytest.approx([0.525, 1.0, 0.5])
    assert found[439] == pytest.approx(1 / 418)
