"""What a pruning leaves in JSON: what each level kept and cost, and apart what a clock said."""

from typing import Literal

from resnet_depth.machine.records import Clocked
from resnet_depth.pruning.settings import Choice, Kind, Level
from resnet_depth.runs.records import Count, Fraction, Magnitude, Record, Seconds


class LevelRecord(Record):
    """What is left of a network at one level, and how good it is on the validation part.

    For `kind`, `chosen_by` and `share` see `Level`; `full` is the network with its dead taps, which
    are zero in it, before anything is left out. `parameters` are trainable numbers and
    `nonzero_parameters` those that aren't zero, `macs` is of one image, zeros multiplied too, and
    `file_bytes` the size of the file that stores it: a zero takes as much room as another number.
    Accuracies are fractions: at once, after recalibration, and tuned after that; the full network
    is neither recalibrated nor tuned, being the exact one in another form.
    """

    kind: Kind | Literal["full"]
    chosen_by: Choice
    share: Fraction
    parameters: Count
    nonzero_parameters: Count
    macs: Count
    file_bytes: Count
    at_once_accuracy: Fraction
    recalibrated_accuracy: Fraction | None
    tuned_accuracy: Fraction | None


class PruneRecord(Record):
    """`prune.json` of a run: the full network first, then the exact one, then the other levels.

    `epochs` are those of tuning. The logits of the full network and of the exact one, which has no
    dead taps, differ by `largest_output_difference` at most on the validation images, where the
    largest logit's size is `largest_output`: by round-off.
    """

    dataset: str
    recipe: str
    network: str
    depth: int
    seed: int
    epochs: Count
    train_images: Count
    validation_images: Count
    largest_output_difference: Magnitude
    largest_output: Magnitude
    levels: list[LevelRecord]

    @property
    def kept(self) -> list[Level]:
        """The levels whose networks lie beside the record, by their names; `exact` is the first."""
        levels = [Level(e.kind, e.chosen_by, e.share) for e in self.levels if e.kind != "full"]
        return [level for level in levels if not level.is_control]


class LevelTimes(Record):
    """How long it took to recalibrate and to tune a network at one level."""

    kind: Kind
    chosen_by: Choice
    share: Fraction
    recalibrate_seconds: Seconds
    tune_seconds: Seconds

    @property
    def level(self) -> Level:
        """The level."""
        return Level(self.kind, self.chosen_by, self.share)


class PruneDurationRecord(Clocked):
    """The clock's readings of a run's pruning, a member a level."""

    levels: list[LevelTimes]
