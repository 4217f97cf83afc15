"""The card of an exported network: README.md, as model hubs show it, written from its record.

Its head is YAML by the rules of the Hugging Face hub,
https://huggingface.co/docs/hub/model-cards#model-card-metadata.
"""

from pathlib import Path
from statistics import NormalDist

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from resnet_depth.data.prepared import DatasetCard
from resnet_depth.export.records import ExportRecord


def model_card(record: ExportRecord, dataset: DatasetCard, confidence: float) -> str:
    """Return the card as Markdown; `confidence`, in (0, 1), is of the accuracy's interval."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    interval = None
    if record.validation_accuracy is not None:
        found = record.validation_accuracy, record.validation_images
        interval = wilson_interval(*found, confidence)
    return environment.get_template("card.md.jinja").render(
        record=record,
        dataset=dataset,
        confidence=confidence,
        interval=interval,
    )


def wilson_interval(accuracy: float, images: int, confidence: float) -> tuple[float, float]:
    """Return the interval of one network's accuracy over images like those it was found on.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927). It tells
    nothing of another training of the same network.

    Args:
        accuracy: The fraction that it got right.
        images: Of how many, at least 1.
        confidence: In (0, 1).
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (accuracy + z * z / (2 * images)) / (1 + z * z / images)
    variance = accuracy * (1 - accuracy) / images + (z / (2 * images)) ** 2
    half_width = z * variance**0.5 / (1 + z * z / images)
    return max(0.0, middle - half_width), min(1.0, middle + half_width)
