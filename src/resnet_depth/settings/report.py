"""Section `report`: what counts in the claims, and how figures are drawn."""

from pydantic import Field

from resnet_depth.settings.reader import Section

_A_FRACTION = "a fraction of accuracy from 0 to 0.5, such as 0.01 for one point"


class ClaimThresholds(Section):
    """What counts as slower and as higher in the claim about convergence."""

    slower_at_first: float = Field(ge=0, le=0.5, description=_A_FRACTION)
    higher_at_the_end: float = Field(ge=0, le=0.5, description=_A_FRACTION)


class ReportSettings(Section):
    """The claims' thresholds, and the resolution of the figures' PNG copies."""

    claims: ClaimThresholds = Field(
        description="a mapping of slower_at_first and higher_at_the_end"
    )
    png_dpi: int = Field(ge=50, le=600, description="a whole number of dots per inch, 50 to 600")
