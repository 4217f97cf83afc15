"""docs/reliability.md names tests that there are."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"`(?P<file>[a-z0-9_/]+\.py)?(?:::(?P<test>test_\w+))?`")


def test_every_test_that_the_document_names_exists():
    text = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
    named, file = 0, ""
    for line in text.splitlines():
        for found in NAMED.finditer(line.rpartition(" | ")[2]):
            file = found["file"] or file
            source = (TESTS / file).read_text(encoding="utf-8")
            if found["test"]:
                named += 1
                assert f"def {found['test']}(" in source, (file, found["test"])

    assert named > 50
