"""Make page.html, which `dvc plots show` fills: source.html with Vega's scripts written into it.

They stand in the page itself, since it must open from any folder and without a network. In this
folder, after a change of source.html, with the scripts that page.html has already:

    python make.py

or for new versions, with those of npm's packages (`npm pack vega@…`):

    python make.py vega-5.33.1.tgz vega-lite-5.23.0.tgz vega-embed-6.29.0.tgz

It prints the SHA-256 of each package's script, which stands in README.md.
"""

import hashlib
import re
import sys
import tarfile
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE, PAGE = FOLDER / "source.html", FOLDER / "page.html"
# In the order of source.html.
SCRIPTS = re.compile(r'<script data-name="(vega|vega-lite|vega-embed)">(.*?)</script>', re.DOTALL)
# What DVC replaces in the page, and what would end a script early.
FORBIDDEN = ("{scripts}", "{plot_divs}", "{refresh_tag}", "</script", "<!--")


def scripts_in(page: str) -> dict[str, str]:
    """Return the text of each script in a page by its name; in source.html they are empty."""
    return dict(SCRIPTS.findall(page))


def source_map(name: str) -> str:
    """Return a script's last line, which is left out: a debugger would look for that file."""
    return f"//# sourceMappingURL={name}.min.js.map\n"


def fill(source: str, scripts: dict[str, str]) -> str:
    """Return the source with its scripts written into it."""

    def script(place: re.Match[str]) -> str:
        text = scripts[place[1]]
        if any(word in text for word in FORBIDDEN):
            sys.exit(f"{place[1]} can't stand in the page: it holds one of {FORBIDDEN}")
        return f'<script data-name="{place[1]}">{text}</script>'

    return SCRIPTS.sub(script, source)


def unpack(package: Path) -> tuple[str, str]:
    """Return a package's name and its script."""
    name = re.sub(r"-[\d.]+\.tgz$", "", package.name)
    with tarfile.open(package) as archive:
        script = archive.extractfile(f"package/build/{name}.min.js").read()
    return name, script.decode("utf-8").removesuffix(source_map(name))


if __name__ == "__main__":
    packages = dict(unpack(Path(name)) for name in sys.argv[1:])
    # As bytes: no end of line in a script may change.
    scripts = packages or scripts_in(PAGE.read_bytes().decode("utf-8"))
    PAGE.write_bytes(fill(SOURCE.read_text(encoding="utf-8"), scripts).encode("utf-8"))
    for name, text in scripts.items():
        print(name, hashlib.sha256((text + source_map(name)).encode("utf-8")).hexdigest())
