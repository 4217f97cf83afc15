"""Numbers in words."""

import pytest

from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    listed,
    percent,
    signed,
    significant,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (percent(0.9123), "91.2%"),
        (decimal(-0.01), "0.0"),
        (signed(-1.25, 2), "−1.25"),
        (signed(0.0), "0.0"),
        (signed(0.3), "+0.3"),
        (count(11_181_642), "11.2 M"),
        (count(999_950), "1.00 M"),
        (count(12), "12"),
        (significant(9.996), "10.0"),
        (significant(99.96), "100"),
        (significant(12345.6), "12,346"),
        (duration(0.00378), "3.78 ms"),
        (duration(33.84), "33.8 s"),
        (duration(200), "3.33 min"),
        (duration(9000), "2.50 h"),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_numbers_are_worded_for_people(text, expected):
    assert text == expected
