"""What an evaluation leaves in JSON."""

from resnet_depth.runs.records import Record


class EvaluationRecord(Record):
    """`metrics.json` of a run's evaluation; loss in nats, confusion rows are actual classes.

    `mirrored_test_accuracy`, where it was asked for, is of the sum of the logits of each image and
    its mirror image; all else is of the images alone.
    """

    network: str
    depth: int
    seed: int
    images: int
    test_accuracy: float
    mirrored_test_accuracy: float | None = None
    test_loss: float
    expected_calibration_error: float
    class_accuracy: list[float | None]
    confusion: list[list[int]]
