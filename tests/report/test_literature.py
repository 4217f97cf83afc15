"""What others report: beside which studies it stands."""

import pytest
from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.report.literature import reports_on


@pytest.mark.parametrize(
    ("key", "title", "context"),
    [
        ("cifar10", "CIFAR-10", True),
        ("cifar10_jpeg", "CIFAR-10 (JPEG copy)", True),
        ("mine", "My copy of CIFAR-10", True),
        ("cifar100", "CIFAR-100", False),
        ("digits", "Digits (scikit-learn)", False),
    ],
)
def test_what_others_report_stands_beside_cifar10_alone(tmp_path, key, title, context):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    write_json(study.card, {**read_json(study.card), "key": key, "title": title})

    assert bool(reports_on(study.evidence().card)) == context
