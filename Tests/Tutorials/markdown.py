#!/usr/bin/env python3
"""Writes the tutorials as one page of Markdown, for readers of the repository: DocC's own form keeps the code apart.

    markdown.py           writes Tutorials/README.md of the catalog
    markdown.py --check   exits with 1 if it is not what the tutorials say
"""

import pathlib
import re
import sys
import textwrap

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "Sources/SymbolonCommands/SymbolonCommands.docc"
TUTORIALS = CATALOG / "Tutorials"
PAGE = TUTORIALS / "README.md"
NAMES = ["FirstConnection", "ConfirmModeInYourApp", "YourOwnProvider"]
LANGUAGES = {".py": "python", ".yaml": "yaml", ".txt": "console"}


def arguments(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in re.findall(r'(\w+): ("[^"]*"|[^,)]+)', text)}


def title(name: str) -> str:
    return re.search(r'@Intro\(title: "([^"]+)"\)', (TUTORIALS / f"{name}.tutorial").read_text())[1]


def anchor(text: str) -> str:
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def linked(text: str) -> str:
    def link(match: re.Match) -> str:
        name = match[1]
        if name in NAMES:
            return f"[{title(name)}](#{anchor(title(name))})"
        heading = (CATALOG / f"{name}.md").read_text().splitlines()[0].removeprefix("# ")
        return f"[{heading}](../{name}.md)"

    return re.sub(r"<doc:(\w+)>", link, text)


def paragraphs(lines: list[str]) -> str:
    return textwrap.dedent("\n".join(lines)).strip("\n")


def code(options: dict[str, str]) -> str:
    file = TUTORIALS / "Resources" / options["file"]
    name = options["name"]
    # A transcript and a list of commands need no name.
    caption = "" if name == "Terminal" or " " in name else f"`{name}`:\n\n"
    return f"{caption}```{LANGUAGES.get(file.suffix, '')}\n{file.read_text()}```"


def tutorial(name: str) -> list[str]:
    parts, text, within, step = [], [], [], 0
    for line in (TUTORIALS / f"{name}.tutorial").read_text().splitlines():
        directive = re.match(r"\s*@(\w+)(?:\((.*)\))?( \{)?$", line)
        if not directive and line.strip() != "}":
            # What users do is for the check, and the questions are for the site.
            if "Comment" not in within and "Assessments" not in within:
                text.append(line)
            continue
        if prose := linked(paragraphs(text)):
            if within and within[-1] == "Step":
                prose = textwrap.indent(f"{step}. {prose}", "   ").removeprefix("   ").replace("\n   ", "\n   ")
            parts.append(prose)
        text = []
        if not directive:
            within.pop()
            continue
        kind, options = directive[1], arguments(directive[2] or "")
        if kind == "Intro":
            parts.append(f"## {options['title']}")
        elif kind == "Section":
            parts.append(f"### {options['title']}")
            step = 0
        elif kind == "Step":
            step += 1
        elif kind == "Code":
            parts.append(textwrap.indent(code(options), "   "))
        if directive[3]:
            within.append(kind)
    return parts


def main() -> None:
    parts = [
        "# Tutorials",
        "The same as in the documentation site that `.ci/documentation` makes. This page is written by\n"
        "`Tests/Tutorials/markdown.py`, and `Tests/Tutorials/check.py` runs its commands. You need curl, jq, a browser, and\n"
        "Python 3 for the second and the third.",
    ]
    for name in NAMES:
        parts += tutorial(name)
    text = "\n\n".join(parts) + "\n"
    if sys.argv[1:] == ["--check"]:
        if PAGE.read_text() != text:
            sys.exit(f"error: {PAGE.name} of the tutorials is not what they say: Tests/Tutorials/markdown.py writes it")
    else:
        PAGE.write_text(text)


main()
