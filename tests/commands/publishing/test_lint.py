"""A number in a template has a source, or is named with its line."""

import pytest

from resnet_depth.commands.publishing.lint import unsourced_numbers

GOOD = [
    "reached {{ trial.estimate(18).mean | percent }} (n = {{ trial.seeds | length }})",
    '{% set trial = study("cifar10_jpeg_4_seeds") %}',
    "{# 42 is for who reads the template #}",
    "ResNet-18, 34 and 50 on CIFAR-10 with 3×3 kernels, seeds 0, 1 and 2, on 2026-11-25",
    "claims 1 and 4, epoch 1, stage 4, Guo et al. (2017)",
    "with 95% intervals, or a 95 % interval",
    "`make -j2`, [a link](results/x1.png), https://example.org/2, float32\n\n```\n42\n```",
    "1. The first\n2. The second",
    '{{ "93.02%" | quoted("https://example.org") }}',
    '{% filter quoted("https://example.org") %}\n| 93.02% |\n{% endfilter %}',
]


@pytest.mark.parametrize("text", GOOD)
def test_expressions_names_code_and_quotations_are_fine(text):
    assert unsourced_numbers("a.md.jinja", text) == []


BAD = {
    "We saw 42 of them.": "42",
    "Epoch 5, 73% of them": "73",
    "ResNet-18 reached 73.4% of {{ n }}": "73.4",
    "Adam at 1e-3": "1e-3",
    '{{ "1" | quoted("x") }} of 1,234': "1,234",
    '{% filter quoted("x") %}1{% endfilter %} of 2': "2",
}


@pytest.mark.parametrize(("text", "number"), BAD.items())
def test_a_number_of_its_own_is_named_with_its_line(text, number):
    (line,) = unsourced_numbers("a.md.jinja", f"First.\n{{# a\ncomment #}}\n{text}")

    assert line.startswith(f"a.md.jinja:4: {number} has no source: write an expression")
