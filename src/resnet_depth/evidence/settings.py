"""Sections `study`, the dimensions of the graph, and `summarize`, how runs become results."""

from typing import Annotated

from pydantic import Field, field_validator

from resnet_depth.base.messages import quoted
from resnet_depth.base.sections import Section, distinct
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.runs.names import Run, runs_of

Depth = Annotated[int, Field(strict=True, json_schema_extra={"enum": list(DEPTHS)})]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]
_KNOWN_DEPTHS = ", ".join(map(str, DEPTHS))


class StudySettings(Section):
    """Which datasets, recipes, depths and seeds are studied; each combination is trained once."""

    datasets: tuple[str, ...] = Field(
        min_length=1, strict=False, description="a list of keys that stand under 'datasets'"
    )
    recipes: tuple[str, ...] = Field(
        min_length=1, strict=False, description="a list of keys that stand under 'recipes'"
    )
    depths: tuple[Depth, ...] = Field(
        min_length=1, strict=False, description=f"a list of depths out of {_KNOWN_DEPTHS}"
    )
    seeds: tuple[Seed, ...] = Field(
        min_length=1, strict=False, description="a list of whole numbers from 0 to 4294967295"
    )

    @field_validator("datasets", "recipes", "depths", "seeds")
    @classmethod
    def _distinct(cls, members: tuple[object, ...]) -> tuple[object, ...]:
        return distinct(members)

    @field_validator("depths")
    @classmethod
    def _known(cls, depths: tuple[int, ...]) -> tuple[int, ...]:
        if unknown := [depth for depth in depths if depth not in DEPTHS]:
            raise ValueError(f"has {quoted(unknown[0])}; allowed: {_KNOWN_DEPTHS}")
        return depths

    def runs(self) -> list[Run]:
        """Return all runs of a dataset: by recipe as listed, then by depth and seed, ascending."""
        return runs_of(self.recipes, sorted(self.depths), sorted(self.seeds))


class SummarizeSettings(Section):
    """How sure an interval is."""

    confidence: float = Field(gt=0, lt=1, description="a number above 0 and below 1, such as 0.95")
