"""Lets a test play the browsers: `begin SESSION INTEGRATION URI` and `finish SESSION URL`, a line each."""
import sys
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit

from confirm import begin, finish

sessions = {}
print("ready", flush=True)
for line in sys.stdin:
    command, name, *rest = line.split()
    session = sessions.setdefault(name, {})
    try:
        if command == "begin":
            print("open", name, begin(session, *rest), flush=True)
        else:
            print("connected", name, finish(session, dict(parse_qsl(urlsplit(rest[0]).query)))["id"], flush=True)
    except HTTPError as error:
        print("refused", name, error.code, flush=True)
    except (KeyError, PermissionError):
        print("refused", name, "here", flush=True)
