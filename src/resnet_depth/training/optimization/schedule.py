"""How large a training's steps are, from the first to the last: a pure function of the step.

A resumed training needs no state of it. It depends on how far the training is, not on how long it
lasts: epochs in the recipe are shares of the recipe's own `epochs`, so that where a dataset is
trained for twice as many, warm-up lasts and steps come twice as late.

Every schedule may begin with a warm-up, linear from `WARMUP_START` to 1: 0.05 lies between the
0.04 of `torch.optim.lr_scheduler.OneCycleLR` and the 0.2 of airbench94.py (see below). What
follows has the rest of the steps to itself, as where torch's `SequentialLR` joins the two.

Those that fall reach 0 one step after the last, which still does its part: 1 of n steps with a
linear fall. So do torch's `CosineAnnealingLR` with T_max = n and airbench94_muon.py; the last step
of OneCycleLR has four millionths of the largest rate, and is wasted.

Sources: Goyal et al., "Accurate, Large Minibatch SGD" (2017), arXiv:1706.02677 (warm-up);
Loshchilov and Hutter, "SGDR" (2016), arXiv:1608.03983 (cosine); Smith and Topin,
"Super-Convergence" (2017), arXiv:1708.07120 (one cycle, here without the cycle of momentum);
Jordan, github.com/KellerJordan/cifar10-airbench (linear up and down).
"""

import math

from resnet_depth.training.settings import RecipeSettings

WARMUP_START = 0.05


def rate_factor(recipe: RecipeSettings, step: int, total: int) -> float:
    """Return what every rate of the recipe is multiplied by in one step.

    `one_cycle` rises during the warm-up; without one it only falls, from 1. With the cosine it is
    `cosine`. An epoch of `step_epochs` within the warm-up counts from the warm-up's end on.

    Args:
        recipe: Its keys schedule, epochs, warmup_*, one_cycle_down and step_* are read.
        step: Steps of the whole training before this one, in [0, total).
        total: Steps of the whole training.

    Returns:
        A number in [0, 1].
    """
    warmup = total * (recipe.warmup_fraction or recipe.warmup_epochs / recipe.epochs)
    if step < warmup:
        return WARMUP_START + (1 - WARMUP_START) * step / warmup
    if recipe.schedule == "constant":
        return 1.0
    if recipe.schedule == "step":
        passed = sum(step * recipe.epochs >= epoch * total for epoch in recipe.step_epochs)
        return recipe.step_factor**passed
    fallen = (step - warmup) / (total - warmup)
    if recipe.schedule == "one_cycle" and recipe.one_cycle_down == "linear":
        return 1 - fallen
    return (1 + math.cos(math.pi * fallen)) / 2
