#!/usr/bin/env python3
"""Prints where axe-core's script is, which judges a page by the rules of WCAG.

    axe-script.py [--venv FOLDER]
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True

import environment


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", help="where the virtual environment is or will be")
    environment.enter("axe", parser.parse_args().venv)
    packages = pathlib.Path(sys.prefix).glob("lib/python*/site-packages/axe_playwright_python/axe.min.js")
    print(next(packages))


main()
