"""The clone in which a study is run again."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.commands.reproducing.clone import Clone


def test_a_folder_without_git_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match="can't be cloned"):
        Clone(tmp_path / "nothing", tmp_path / "clone")
