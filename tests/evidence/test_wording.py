"""Numbers in words."""

import pytest

from resnet_depth.evidence.wording import (
    count,
    decimal,
    duration,
    listed,
    percent,
    points,
    scientific,
    shortest,
    signed,
    significant,
    spread_percent,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (percent(0.9123), "91.2%"),
        (decimal(-0.01), "0.0"),
        (signed(-1.25, 2), "−1.25"),
        (spread_percent(0.906, 0.0734), "90.6 ± 7.3%"),
        (spread_percent(0.906, None), "90.6%"),
        (spread_percent(0.933, 0.15), "93.3% (78.3–100)"),
        (spread_percent(0.02, 0.05), "2.0% (0–7.0)"),
        (spread_percent(0.5, 3.0), "50.0% (0–100)"),
        (points(0.012), "+1.2"),
        (points(-2.5), "−100.0"),
        (points(1.7), "+100.0"),
        (shortest(82.00000000001), "82"),
        (shortest(100 * 0.815), "81.5"),
        (shortest(2500.0), "2,500"),
        (shortest(-0.0), "0"),
        (scientific(2.3e-6), "2×10⁻⁶"),
        (scientific(0.0), "0"),
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
