"""Sections `study`, the dimensions of the graph, and `summarize`, how runs become results."""

from typing import Annotated

from pydantic import Field, field_validator

from resnet_depth.base.sections import Section


class StudySettings(Section):
    """Which datasets, depths and seeds are studied; every combination is trained once."""

    datasets: tuple[str, ...] = Field(
        min_length=1, strict=False, description="a list of keys that stand under 'datasets'"
    )
    depths: tuple[Annotated[int, Field(strict=True)], ...] = Field(
        min_length=1, strict=False, description="a list of depths out of 18, 34, 50, 101, 152"
    )
    seeds: tuple[Annotated[int, Field(strict=True, ge=0, lt=2**32)], ...] = Field(
        min_length=1, strict=False, description="a list of whole numbers from 0 to 4294967295"
    )

    @field_validator("datasets", "depths", "seeds")
    @classmethod
    def _distinct(cls, members: tuple[object, ...]) -> tuple[object, ...]:
        if len(set(members)) != len(members):
            raise ValueError(f"{list(members)} names a member twice; name each once")
        return members


class SummarizeSettings(Section):
    """How sure an interval is."""

    confidence: float = Field(gt=0, lt=1, description="a number above 0 and below 1, such as 0.95")
