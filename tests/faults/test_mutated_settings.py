"""However a settings file is mistaken, it is valid or refused in lines that people can read."""

import io
import re
from pathlib import Path

import pytest
from given.mutated_settings import mutated
from ruamel.yaml import YAML

from resnet_depth.base.errors import UserError
from resnet_depth.base.sections import read_params
from resnet_depth.params import load_params

SHIPPED = Path(__file__).parents[2] / "params.yaml"
# A line's words of ours, and what is allowed; beside them stand up to 200 characters of a key and
# of a value.
OUR_WORDS = 700


@pytest.fixture(scope="module")
def text():
    """The shipped settings with two recipes, which takes less time to read."""
    content = read_params(SHIPPED)
    content["recipes"] = {name: content["recipes"][name] for name in ("reference", "fast")}
    file = io.StringIO()
    YAML(typ="safe", pure=True).dump(content, file)
    return file.getvalue()


def fault(path, seed, text):
    """What is wrong with how a mutated file is received, or None."""
    path.write_text(mutated(text, seed), encoding="utf-8", newline="")
    try:
        load_params(path)
    except UserError as refusal:
        for line in str(refusal).splitlines():
            if not line.startswith(f"{path}: ") or len(line) > len(str(path)) + 400 + OUR_WORDS:
                return f"seed {seed}: {line!r}"
            if re.search(r"[\x00-\x1f\x7f-\x9f]|secret", line):
                return f"seed {seed}: {line!r}"
    except Exception as error:
        return f"seed {seed}: {type(error).__name__}: {error!s:.300}"
    return None


def faults(tmp_path, text, seeds):
    found = (fault(tmp_path / "params.yaml", seed, text) for seed in seeds)
    return [one for one in found if one]


def test_a_mutated_settings_file_is_never_a_traceback(tmp_path, text):
    assert faults(tmp_path, text, range(200)) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 16_000, 1000))
def test_thousands_of_mutated_settings_files_are_never_a_traceback(tmp_path, text, start):
    assert faults(tmp_path, text, range(start, start + 1000)) == []
