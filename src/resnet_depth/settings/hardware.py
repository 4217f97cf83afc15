"""Types of the settings that say what a stage runs on."""

from typing import Annotated, Literal

from pydantic import Field

Device = Annotated[
    Literal["auto", "cuda", "mps", "cpu"],
    Field(description="auto (cuda, then mps, then cpu), cuda, mps or cpu"),
]
Threads = Annotated[
    int, Field(ge=1, le=1024, description="a whole number of CPU threads from 1 to 1024")
]
