"""Section `datasets`: one entry a dataset, chosen by its key."""

from typing import Literal, Self

from pydantic import Field, model_validator

from resnet_depth.base.messages import quoted
from resnet_depth.base.sections import Digest, EpochsFactor, Section
from resnet_depth.data.fetching.settings import Address


class DatasetSettings(Section):
    """What a dataset is and how its content is known.

    Where its files come from is no part of a result: `hosts` can change, and the environment
    variable `<KEY>_SOURCE` can name another place, without any network being trained again.
    """

    kind: Literal["digits", "cifar10", "image_folder"] = Field(
        description="digits, cifar10 or image_folder"
    )
    title: str = Field(min_length=1, description="the name that every result carries, as text")
    digest: Digest | None = Field(
        description="md5:<32 hex digits> or sha256:<64 hex digits> of the content, or null to take "
        "whatever is there (the download then says which to write)"
    )
    lossy: bool = Field(description="true if the pixels differ from the original's, else false")
    source: str | None = Field(
        min_length=1, description="where the images come from, as text, or null"
    )
    citation: str | None = Field(min_length=1, description="the work to cite, as text, or null")
    epochs_factor: EpochsFactor
    hosts: tuple[Address, ...] = Field(
        default=(), strict=False, description="a list of addresses serving the same archive"
    )
    size: int | None = Field(
        default=None,
        ge=1,
        description="bytes of that archive, more of which no host is allowed to send; 1 GiB "
        "without it",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.digest is None and self.kind != "image_folder":
            raise ValueError(f"digest is null; the kind {self.kind} needs one")
        if bool(self.hosts) != (self.kind == "cifar10"):
            raise ValueError(
                f"hosts is {quoted(list(self.hosts))}; only the kind cifar10 has (≥ 1) hosts"
            )
        return self
