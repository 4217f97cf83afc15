"""How numbers and names are written where people read; files keep full precision."""

from collections.abc import Mapping, Sequence

MINUS = "−"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# Each unit serves from so many of the one before: 90 seconds stay seconds, 200 are minutes.
_DURATIONS = ((7200.0, 3600.0, "h"), (120.0, 60.0, "min"), (1.0, 1.0, "s"), (0.0, 0.001, "ms"))
_COUNTS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def network_title(depth: int) -> str:
    """Return a network's name as it is written in text, such as `ResNet-18`."""
    return f"ResNet-{depth}"


def decimal(value: float, places: int = 1) -> str:
    """Return a number with fixed decimals and a true minus sign; never a negative zero."""
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def percent(fraction: float, places: int = 1) -> str:
    """Return a fraction as a percentage, such as `91.2%`."""
    return f"{decimal(100 * fraction, places)}%"


def spread_percent(mean: float, half_width: float | None) -> str:
    """Return a mean of fractions ± half of its interval, such as `91.2 ± 0.3%`.

    Without an interval the mean stands alone. One that would pass 0 or 100% is told by its ends,
    such as `98.0% (93.1–100)`.
    """
    if half_width is None:
        return percent(mean)
    low, high = mean - half_width, mean + half_width
    if low >= 0 and high <= 1:
        return f"{decimal(100 * mean)} ± {percent(half_width)}"
    ends = "0" if low < 0 else decimal(100 * low), "100" if high > 1 else decimal(100 * high)
    return f"{percent(mean)} ({'–'.join(ends)})"


def points(fraction: float) -> str:
    """Return a difference of fractions in percentage points with its sign, such as `+1.2`.

    The end of an interval stays within what a difference can be, −100 to +100.
    """
    return signed(100 * max(-1.0, min(fraction, 1.0)))


def signed(value: float, places: int = 1) -> str:
    """Return a number with its sign written out; zero has none."""
    text = decimal(value, places)
    return text if text.startswith(MINUS) or float(text) == 0 else f"+{text}"


def duration_unit(seconds: float) -> tuple[float, str]:
    """Return the unit that suits durations up to this, ≥ 0: its length in seconds and its name."""
    return next((length, name) for least, length, name in _DURATIONS if seconds >= least)


def duration(seconds: float) -> str:
    """Return a duration with three significant digits in the unit that suits it."""
    length, name = duration_unit(seconds)
    return f"{significant(seconds / length)} {name}"


def significant(value: float) -> str:
    """Return a number ≥ 0 with three significant digits; whole from 100 on, such as `1,234`."""
    for limit, places in ((9.995, 2), (99.95, 1)):
        if value < limit:
            return decimal(value, places)
    return f"{value:,.0f}"


def shortest(value: float) -> str:
    """Return a number with the decimals it needs and no more, such as `81.5`, `82` or `2,500`."""
    # Not «-0», and no trace of binary fractions.
    return f"{round(value, 9) + 0:,.10g}".replace("-", MINUS)


def scientific(value: float) -> str:
    """Return a number by its power of ten, such as `2×10⁻⁶`."""
    if not value:
        return "0"
    digits, power = f"{value:.0e}".split("e")
    return f"{digits}×10{str(int(power)).translate(_RAISED)}"


def count(number: float) -> str:
    """Return a large count with three significant digits and k, M or G, such as `11.2 M`."""
    for size, name in _COUNTS:
        if number >= 0.9995 * size:
            return f"{significant(number / size)} {name}"
    return f"{number:.0f}"


def plural(number: int, word: str) -> str:
    """Return how many there are of something, such as `1 seed` or `3 seeds`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def by_network(texts: Mapping[int, str]) -> str:
    """Return what is said of each depth as an enumeration, as in `ResNet-18 a and ResNet-34 b`."""
    return listed([f"{network_title(depth)} {text}" for depth, text in texts.items()])


def listed(items: Sequence[str]) -> str:
    """Return items as an enumeration, such as `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def dataset_title(title: str, lossy: bool) -> str:
    """Return a dataset's title, with `(lossy)` where that is so and the title doesn't say it."""
    return f"{title} (lossy)" if lossy and "lossy" not in title.lower() else title


def interval_name(confidence: float) -> str:
    """Return what an interval is called, such as `95% interval`."""
    return f"{100 * confidence:g}% interval"


def p_value_text(p_value: float) -> str:
    """Return a p value as it is usually written, such as `= 0.03` or `< 0.001`."""
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.2g}"
