"""SVG files inside a page."""

import pytest

from resnet_depth.report.figures.drawing import COLOURS
from resnet_depth.report.inline_svg import DARK, inline_svg


def test_colours_of_styles_follow_the_dark_page_and_no_other_text_does():
    svg = (
        '<svg viewBox="0 0 9 9"><path style="fill: #ffffff; stroke: #0072b2"/>'
        '<text style="fill: #123456">#ffffff</text></svg>'
    )

    inlined = inline_svg(svg, "one", "alt")

    assert 'style="fill: var(--ffffff, #ffffff); stroke: var(--0072b2, #0072b2)"' in inlined
    assert '<text style="fill: #123456">#ffffff</text>' in inlined


def test_the_dark_page_has_a_colour_of_its_own_for_every_depth():
    assert set(COLOURS.values()) <= set(DARK), "report/inline_svg.py: a depth lacks one in DARK"
    assert len(set(DARK.values())) == len(DARK)


def test_inlined_svgs_keep_their_ids_apart():
    svg = (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt" '
        'viewBox="0 0 9 9"><defs><path id="m1"/></defs><use xlink:href="#m1"/>'
        '<g clip-path="url(#m1)"/></svg>'
    )

    inlined = inline_svg(svg, "one", 'a "quoted" alternative')

    assert inlined == (
        '<svg viewBox="0 0 9 9" role="img" aria-label="a &quot;quoted&quot; alternative"><defs>'
        '<path id="one-m1"/></defs><use href="#one-m1"/><g clip-path="url(#one-m1)"/></svg>'
    )
    with pytest.raises(ValueError, match="no SVG"):
        inline_svg("<p>", "one", "alt")
