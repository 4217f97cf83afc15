"""Part `claims` of section `report`: what counts in the claims."""

from pydantic import Field

from resnet_depth.base.sections import Section

_A_FRACTION = "a fraction of accuracy from 0 to 0.5, such as 0.01 for one point"
_AT_FIRST, _AT_THE_END = f"{_A_FRACTION}, after epoch 1", f"{_A_FRACTION}, after the last epoch"


class ClaimThresholds(Section):
    """What counts as slower and as higher in the claim about convergence."""

    slower_at_first: float = Field(ge=0, le=0.5, description=_AT_FIRST)
    higher_at_the_end: float = Field(ge=0, le=0.5, description=_AT_THE_END)
