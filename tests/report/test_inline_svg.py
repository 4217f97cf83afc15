"""SVG files inside a page."""

import pytest

from resnet_depth.report.inline_svg import inline_svg


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
