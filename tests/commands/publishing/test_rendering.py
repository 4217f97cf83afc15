"""Templates write what studies say; their mistakes are one line with file and line number."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.commands.publishing.rendering import environment, render


@pytest.fixture
def rendered(tmp_path):
    """Return a function that renders the text of a template."""

    def function(text, **names):
        (tmp_path / "a.md.jinja").write_text(text, encoding="utf-8")
        return render(environment(tmp_path, tmp_path / "results"), "a.md.jinja", **names)

    return function


NUMBERS = {
    "{{ 0.7342 | percent }}": "73.4%",
    "{{ 0.7342 | percent(0) }}": "73%",
    "{{ [0.7, 0.6, 0.5] | percent }}": "70.0, 60.0 and 50.0%",
    "{{ [0.543, 0.324] | percent(last='to') }}": "54.3 to 32.4%",
    "{{ 1801 | minutes }}": "30.0 minutes",
    "{{ [0.002, 0.0043] | ms }}": "2.0 and 4.3 ms",
    "{{ 11181642 | millions }}": "11.2 million",
    "{{ 11181642 | count }}": "11.2 M",
    "{{ -0.028 | points }}": "−2.8",
    "{{ 0.028 | points }}": "+2.8",
    "{{ -0.0001 | percent }}": "0.0%",
    "{{ 3520 | significant }}": "3,520",
    "{{ 0.001 | scientific }}": "1e-3",
    "{{ 0.0003 | scientific }}": "3e-4",
    "{{ 0.0262 | p_value }}": "0.026",
    "{{ 0.0002 | p_value }}": "< 0.001",
    '{{ "93.02%" | quoted("https://example.org") }}': "93.02%",
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items())
def test_numbers_are_written_as_people_read_them(rendered, text, expected):
    assert rendered(text) == f"{expected}\n"


MISTAKES = {
    "{{ cost.parameters }}": "'dict object' has no attribute 'parameters'",
    "{{ nothing }}": "'nothing' is undefined",
    "{{ none | percent }}": "unsupported operand",
    "{{ 1 | percents }}": "No filter named 'percents'",
    "{{ 1 | }}": "expected token 'name'",
    '{{ "1" | quoted(" ") }}': "a quotation needs a source",
    "{{ {18: 0}.pop(19) }}": "KeyError: 19",
    '{{ study("other") }}': "no published study; published: nothing",
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.items())
def test_a_mistake_is_one_line_with_file_and_line(rendered, text, said):
    with pytest.raises(UserError) as caught:
        rendered(f"First.\n\n{text}", cost={})

    (line,) = str(caught.value).splitlines()
    assert "a.md.jinja:3: " in line
    assert said in line


def test_lines_are_filled_and_what_is_no_paragraph_stays(rendered):
    table = f"| {'a' * 120} |\n| --- |"
    code = f"```\n{'word ' * 30}\n\nx\n```"

    text = rendered(
        f"# Title\n\n{'word ' * 30}\nend\n\n\n{table}\n\n{code}\n\n- one\n  more\n  - in it\n- two"
    )

    title, paragraph, *rest = text.split("\n\n")
    assert title == "# Title"
    assert paragraph.split() == 30 * ["word"] + ["end"]
    assert max(map(len, paragraph.splitlines())) <= 100
    assert "\n\n".join(rest) == f"{table}\n\n{code}\n\n- one more\n  - in it\n- two\n"


@pytest.mark.parametrize("before", range(80, 101))
def test_no_line_ends_in_code_or_begins_with_what_looks_like_a_list(rendered, before):
    text = rendered(f"{'x' * before} `make study STUDY=one` and\n\n{'x' * before} claim 4. Others")

    assert "`make study STUDY=one`" in text
    assert not any(line.startswith("4.") for line in text.splitlines())
