"""Section `report`: what counts in the claims, and how figures are drawn."""

from pydantic import Field

from resnet_depth.base.sections import Section
from resnet_depth.findings.settings import ClaimThresholds


class ReportSettings(Section):
    """The claims' thresholds, what pruning may cost, and the resolution of the PNG copies."""

    claims: ClaimThresholds
    pruning_loss: float = Field(
        ge=0,
        le=0.5,
        strict=False,
        description="a fraction of validation accuracy from 0 to 0.5, such as 0.005",
    )
    png_dpi: int = Field(ge=50, le=600, description="a whole number of dots per inch, 50 to 600")
