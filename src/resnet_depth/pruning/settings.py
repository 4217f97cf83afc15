"""Section `prune`: which networks are pruned, by what and how far."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from resnet_depth.base.sections import Section, distinct

Kind = Literal["exact", "inner", "groups", "weights"]
Choice = Literal["nothing", "l2", "random", "magnitude"]
Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
Shares = Annotated[tuple[Share, ...], AfterValidator(distinct)]
_SHARES = "a list of shares above 0 and below 1, maybe empty"


@dataclass(frozen=True)
class Level:
    """One way of pruning a network, and how far.

    Attributes:
        kind: `exact`: nothing but dead taps, which are gone already; `inner`: channels inside
            blocks; `groups`: these and those that shortcuts join; `weights`: single weights.
        chosen_by: What decides which of them go.
        share: Of them, in [0, 1).
    """

    kind: Kind
    chosen_by: Choice
    share: float

    @property
    def name(self) -> str:
        """The level's name in files and messages, such as `inner-l2-50`."""
        return f"{self.kind}-{self.chosen_by}-{100 * self.share:g}" if self.share else self.kind

    @property
    def is_control(self) -> bool:
        """Whether chance decides: it serves to compare, and its network isn't kept."""
        return self.chosen_by == "random"


EXACT = Level("exact", "nothing", 0.0)


class ChannelShares(Section):
    """Shares of each layer's channels that go, by what decides which."""

    l2: Shares = Field(
        strict=False, description=f"{_SHARES}: of the channels whose weights have the least L2 norm"
    )
    random: Shares = Field(
        strict=False, description=f"{_SHARES}: of channels by chance, as the control of l2"
    )


class PruneSettings(Section):
    """Which networks are pruned, how far, and how each is tuned afterwards."""

    recipe: str = Field(description="one of study.recipes")
    depths: Annotated[tuple[int, ...], AfterValidator(distinct)] = Field(
        strict=False, description="a list of depths out of study.depths; empty: nothing is pruned"
    )
    epochs: int = Field(
        ge=1, description="a whole number of passes over the images, at least 1, after each level"
    )
    lr_factor: float = Field(
        gt=0,
        le=1,
        strict=False,
        description="a number above 0, at most 1, by which the recipe's step sizes are multiplied",
    )
    inner: ChannelShares
    groups: ChannelShares
    weights: Shares = Field(
        strict=False, description=f"{_SHARES}: of single weights, the smallest of the network"
    )

    def levels(self) -> list[Level]:
        """Return all levels: the exact one, then by kind as they are listed."""
        asked: list[tuple[Kind, Choice, tuple[float, ...]]] = [
            ("inner", "l2", self.inner.l2),
            ("inner", "random", self.inner.random),
            ("groups", "l2", self.groups.l2),
            ("groups", "random", self.groups.random),
            ("weights", "magnitude", self.weights),
        ]
        return [
            EXACT,
            *(Level(kind, choice, share) for kind, choice, shares in asked for share in shares),
        ]
