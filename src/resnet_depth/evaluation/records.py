"""What an evaluation leaves in JSON."""

from resnet_depth.runs.records import Record


class EvaluationRecord(Record):
    """`metrics.json` of a run's evaluation; loss in nats, confusion rows are actual classes."""

    network: str
    depth: int
    seed: int
    images: int
    test_accuracy: float
    test_loss: float
    expected_calibration_error: float
    class_accuracy: list[float | None]
    confusion: list[list[int]]
