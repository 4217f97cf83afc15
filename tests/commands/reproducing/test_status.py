"""What DVC would run."""

from resnet_depth.commands.publishing.publish import publish
from resnet_depth.commands.reproducing.status import instances_to_run


def test_dvc_says_whether_a_study_can_be_published(finished, tmp_path):
    study = finished.copy(tmp_path)

    folder = publish(study.folder, "tiny", "trial")

    lock = (study.folder / "dvc.lock").read_bytes()
    assert (folder / "dvc.lock").read_bytes() == lock
    # A second dvc.lock and params.yaml change nothing for DVC.
    assert instances_to_run(study.folder, "report@tiny") == []
    study.edit_params(lambda params: params["evaluate"].update(batch_size=7))
    assert "evaluate@tiny-reference-18-0" in instances_to_run(study.folder, "report@tiny")
