"""Section `report`: how figures are drawn."""

from pydantic import Field

from resnet_depth.settings.reader import Section


class ReportSettings(Section):
    """Resolution of the figures' PNG copies."""

    png_dpi: int = Field(ge=50, le=600, description="a whole number of dots per inch, 50 to 600")
