"""Numbers that a template states by itself: each needs a source that can be checked.

A number comes from an expression, or is part of code, an address or a name (`_NAMES`), or is
quoted from another source: `{{ "93.02%" | quoted("https://…") }}`, and for more than a few words
`{% filter quoted("https://…") %}` … `{% endfilter %}`.
"""

import re

_NUMBER = re.compile(r"(?<![A-Za-z_\d.])\d(?:[\d.,]*\d)?(?:e[-−+]?\d+)?")
_DEPTHS = r"(?:18|34|50|101|152)\b"
_MORE = r"(?:(?:, | and | to | or |–)\d(?![\d.,]*\d|\s?%))*"
_NAMES = (
    rf"ResNet-{_DEPTHS}(?:(?:, | and | or | to |/|–|→){_DEPTHS})*",
    r"CIFAR-100?\b",
    r"\d+×\d+(?:×\d+)*",
    r"\b95\s?% (?:t )?(?:confidence|intervals?)",
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"\((?:19|20)\d\d\)",
    rf"\b(?:[Cc]laim|[Ss]tage|[Ss]eed|[Ee]poch|[Ll]ayer)s? \d+\b{_MORE}",
    r"^\s*\d+\. ",
)
_NOT_PROSE = [
    re.compile(pattern, re.DOTALL | re.MULTILINE)
    for pattern in (
        r"{#.*?#}",
        r"{% filter quoted\(.*?{% endfilter %}",
        r"{%.*?%}",
        r"{{.*?}}",
        r"^```.*?^```",
        r"`[^`]+`",
        r"\]\([^)\s]*\)",
        r"<!--.*?-->",
        r"https?://\S+",
        *_NAMES,
    )
]


def unsourced_numbers(name: str, template: str) -> list[str]:
    """Return a line for each number without a source in a template, given its name and text."""
    prose = template
    for pattern in _NOT_PROSE:
        prose = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), prose)
    return [
        f"{name}:{prose.count(chr(10), 0, number.start()) + 1}: {number[0]} has no source: write "
        'an expression, or "…" | quoted("where") (docs/publishing.md)'
        for number in _NUMBER.finditer(prose)
    ]
