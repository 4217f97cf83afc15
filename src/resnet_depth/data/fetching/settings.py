"""Addresses to fetch from, and section `download`: when a host is left for the next one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AnyHttpUrl, Field, ValidationError

from resnet_depth.base.messages import quoted
from resnet_depth.base.sections import Section, check, read_params


def require_address(address: str) -> str:
    """Return an address as it is.

    Raises:
        ValueError: If it is none of http or https; its text completes «… is».
    """
    try:
        AnyHttpUrl(address)
    except ValidationError:
        raise ValueError(f"is {quoted(address)}; allowed: an http or https address") from None
    return address


Address = Annotated[str, AfterValidator(require_address)]


class DownloadSettings(Section):
    """Which host is too slow, as long as there is another one.

    No part of a result, which the digest of what comes decides alone.
    """

    slowest: int = Field(
        default=50_000,
        ge=0,
        le=10**9,
        description="a whole number of bytes a second, at most 1000000000; 0: no host is too slow",
    )
    patience: int = Field(
        default=30, ge=1, le=3600, description="a whole number of seconds from 1 to 3600"
    )


@dataclass(frozen=True)
class Limits:
    """When a host is left.

    Attributes:
        connect: Seconds for finding its addresses and connecting to one of them.
        stall: Seconds without a byte of content.
        slowest: Bytes a second, fewer of which aren't waited for; the last host is exempt.
        patience: Seconds over which that is measured.
        largest: Bytes that a file has at most.
    """

    connect: float = 8.0
    stall: float = 20.0
    slowest: float = 50_000.0
    patience: float = 30.0
    largest: int = 2**30


def load_limits(params: Path) -> Limits:
    """Return the limits of the settings file, whose section `download` may be missing.

    Raises:
        UserError: If something in it is wrong.
    """
    section = read_params(params).get("download", {})
    told = check(params, "download", section, DownloadSettings)
    return Limits(slowest=told.slowest, patience=told.patience)
