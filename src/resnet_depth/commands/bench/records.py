"""What a benchmark leaves in JSON, and its table shows."""

from resnet_depth.machine.records import Environment
from resnet_depth.runs.records import Record


class Spread(Record):
    """A ratio over the rounds."""

    median: float
    min: float
    max: float


class Comparison(Record):
    """A depth's figures at a batch size, one a round, and what follows from them.

    `images_per_second` and `limit_gflops` are by contender; `plain_loop` and `limit` are the names
    of those that ours is compared with. `over_unaugmented` is None where images stay as they are.
    """

    depth: int
    batch_size: int
    training_flops_per_image: int
    images_per_second: dict[str, list[float]]
    limit_gflops: dict[str, list[float]]
    plain_loop: str
    limit: str
    over_unaugmented: Spread | None
    over_plain_loop: Spread
    over_plain_network: Spread
    fraction_of_limit: Spread


class Projection(Record):
    """How long the reference study would train: minutes of the plain loop and of ours."""

    depths: list[int]
    images: int
    epochs: int
    batch_size: int
    minutes: dict[str, float]


class AugmentationCost(Record):
    """How long one kind of augmentation takes a batch; but for mixtures, with selecting images."""

    kind: str
    batch_size: int
    milliseconds: float


class Benchmark(Record):
    """What was measured on what; `study` is None where not all of its networks were."""

    what: str
    images: str
    stem: str
    dtype: str
    device: str
    device_title: str
    threads: int
    rounds: int
    results: list[Comparison]
    augmentation: list[AugmentationCost]
    study: Projection | None
    environment: Environment
