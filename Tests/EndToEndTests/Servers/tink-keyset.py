#!/usr/bin/env python3
"""Makes a cleartext JSON keyset with Google Tink, as `tinkey create-keyset --out-format json` does.

    tink-keyset.py TEMPLATE FILE [--venv FOLDER]

TEMPLATE is one of Tink's names, such as AES256_CTR_HMAC_SHA256. FILE must not exist; it is for its owner
alone. Prints the line `written` when it is there.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True

import environment


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("template")
    parser.add_argument("file")
    parser.add_argument("--venv", help="where the virtual environment is or will be")
    return parser.parse_args()


def main():
    options = arguments()
    environment.enter("tink", options.venv)

    import tink
    from tink import aead, cleartext_keyset_handle

    aead.register()
    handle = tink.new_keyset_handle(getattr(aead.aead_key_templates, options.template))
    descriptor = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        cleartext_keyset_handle.write(tink.JsonKeysetWriter(file), handle)
    print("written", flush=True)


if __name__ == "__main__":
    main()
