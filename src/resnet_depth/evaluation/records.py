"""What an evaluation leaves in JSON."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from resnet_depth.runs.records import Count, Fraction, Record


class EvaluationRecord(Record):
    """`metrics.json` of a run's evaluation; loss in nats, confusion rows are actual classes.

    `mirrored_test_accuracy`, where it was asked for, is of the sum of the logits of each image and
    its mirror image; all else is of the images alone.
    """

    network: str
    depth: int
    seed: int
    images: Count
    test_accuracy: Fraction
    mirrored_test_accuracy: Fraction | None = None
    test_loss: Annotated[float, Field(ge=0)]
    expected_calibration_error: Fraction
    class_accuracy: list[Fraction | None]
    confusion: list[list[Count]]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        """See that all of it is about the same images."""
        rows, classes = self.confusion, len(self.confusion)
        if {len(self.class_accuracy), *map(len, rows)} != {classes}:
            raise ValueError(f"confusion and class_accuracy aren't of the same {classes} classes")
        if sum(map(sum, rows)) != self.images:
            raise ValueError(f"confusion counts {sum(map(sum, rows))} images, not {self.images}")
        right = [row[place] for place, row in enumerate(rows)]
        pairs = zip(right, map(sum, rows), strict=True)
        if self.class_accuracy != [n / total if total else None for n, total in pairs]:
            raise ValueError("class_accuracy isn't that of confusion")
        if round(self.test_accuracy * self.images) != sum(right):
            raise ValueError("test_accuracy isn't that of confusion")
        return self
