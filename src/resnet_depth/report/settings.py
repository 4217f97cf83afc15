"""Section `report`: what counts in the claims, and how figures are drawn."""

from pydantic import Field

from resnet_depth.base.sections import Section
from resnet_depth.findings.settings import ClaimThresholds


class ReportSettings(Section):
    """The claims' thresholds, and the resolution of the figures' PNG copies."""

    claims: ClaimThresholds
    png_dpi: int = Field(ge=50, le=600, description="a whole number of dots per inch, 50 to 600")
