#!/usr/bin/env python3
"""Prints the manual page, made from the commands' own help.

    symbolon --experimental-dump-help | manual.py VERSION DATE
"""

import json
import re
import sys

version, date = sys.argv[1:]
root = json.load(sys.stdin)["command"]


def escaped(text: str) -> str:
    """Text for roff: no escapes but ours, hyphens that can be copied, and no line that is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    for character, name in {"…": "\\[u2026]", "·": "\\(pc", "—": "\\(em"}.items():
        text = text.replace(character, name)
    return re.sub(r"(?m)^\.", r"\\&.", text)


def discussion(text: str) -> str:
    """Paragraphs as they are; what is indented, such as an example, line by line."""
    output, literal = [], False
    for line in text.splitlines():
        indented = line.startswith("  ")
        if indented != literal and (indented or line.strip()):
            output += [".PP", ".nf", ".RS 2"] if indented else [".RE", ".fi"]
            literal = indented
        if not line.strip():
            # An empty line within an example stays one.
            output += [".sp"] if literal else [".PP"]
        elif re.fullmatch(r"[A-Z][A-Z ]+", line):
            output += [".PP", f".B {escaped(line.capitalize())}:"]
        else:
            output.append(escaped(line[2:] if literal else line))
    return "\n".join(output + ([".RE", ".fi"] if literal else []))


def option(argument: dict) -> str:
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR"
    names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument["names"]]
    shown = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    return shown if argument["kind"] == "flag" else f"{shown} \\fI{escaped(value)}\\fR"


def own(command: dict) -> list:
    """The arguments that are a command's own."""
    return [
        argument
        for argument in command.get("arguments", [])
        if argument.get("shouldDisplay", True)
        and argument.get("preferredName", {}).get("name") not in {"version", "help"}
    ]


def commands(command: dict, path: list):
    for each in command.get("subcommands", []):
        if each["commandName"] == "help" or not each.get("shouldDisplay", True):
            continue
        name = path + [each["commandName"]]
        yield name, each
        yield from commands(each, name)


print(f'.TH SYMBOLON 1 "{date}" "symbolon {version}" "User Commands"')
print(f".SH NAME\nsymbolon \\- {escaped(root['abstract'].rstrip('.'))}")
print(".SH SYNOPSIS\n.B symbolon\n\\fIcommand\\fR [\\fIoptions\\fR]")
print(f".SH DESCRIPTION\n{discussion(root['discussion'])}")
print(".SH COMMANDS")
for name, command in commands(root, ["symbolon"]):
    print(f".SS \"{escaped(' '.join(name))}\"")
    print(escaped(command.get("abstract", "")))
    if command.get("discussion"):
        print(f".PP\n{discussion(command['discussion'])}")
    for argument in own(command):
        text = argument.get("abstract", "")
        if argument.get("defaultValue"):
            text += f" (default: {argument['defaultValue']})"
        print(f".TP\n{option(argument)}\n{escaped(text)}")
print(".SH FILES\n.TP\n.I /etc/symbolon/symbolon.yaml\nThe configuration of the packaged service.")
print(".TP\n.I .symbolon/\nKeys, API key and store of development mode.")
