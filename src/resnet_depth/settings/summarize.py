"""Section `summarize`: how runs become results over seeds."""

from pydantic import Field

from resnet_depth.settings.reader import Section


class SummarizeSettings(Section):
    """How sure an interval is."""

    confidence: float = Field(gt=0, lt=1, description="a number above 0 and below 1, such as 0.95")
