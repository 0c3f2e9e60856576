#!/usr/bin/env python3
"""Takes a flow through a running service, as an app and a browser would.

    flow.py URL KEY                 with the sandbox, to an access token; prints the connection's id
    flow.py URL KEY --read ID       reads a connection's access token
    flow.py URL KEY --wait          waits until it is ready
    flow.py URL KEY --allow AUTH    allows, at an authorization URL of the sandbox, what was begun elsewhere
    flow.py URL KEY --denied NAME   begins a flow with an integration in production, comes back with access_denied, and
                                    has to be sent to the app with that error
    flow.py URL KEY --log-in PUBLIC_URL
                                    with the integration canaille in production, as its user ada, to an access token; the
                                    service is at URL for what is sent to its public URL; prints the connection's id
"""

import html.parser
import http.cookiejar
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

base, key, *options = sys.argv[1:]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Fields(html.parser.HTMLParser):
    """The hidden fields of a page's form, and the names of the others."""

    def __init__(self):
        super().__init__()
        self.values = {}
        self.others = set()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "input" and found.get("type") == "hidden":
            self.values[found["name"]] = found["value"]
        elif tag in ("input", "button") and "name" in found:
            self.others.add(found["name"])


APP = "https://app.example.com/connected"
FORM = "application/x-www-form-urlencoded"
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), NoRedirect, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def request(url: str, expected: int | None, body: bytes | None = None, kind: str = "", credential: bool = False):
    headers = {"Content-Type": kind} if kind else {}
    if credential:
        headers["Authorization"] = f"Bearer {key}"
    try:
        response = opener.open(urllib.request.Request(url, body, headers), timeout=20)
    except urllib.error.HTTPError as error:
        response = error
    text = response.read().decode()
    if expected is not None and response.status != expected:
        sys.exit(f"error: {url.split('?')[0]}: {response.status}, not {expected}: {text[:400]}")
    return text, response.headers


def wait():
    for _ in range(200):
        try:
            with opener.open(f"{base}/readyz", timeout=5) as response:
                return response.status
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    sys.exit("error: the service did not become ready within 10 s")


def initiate(fields: dict) -> dict:
    body = json.dumps(fields).encode()
    text, _ = request(f"{base}/api/v1/oauth/initiate", 200, body, "application/json", credential=True)
    return json.loads(text)


def token(connection: str):
    text, _ = request(f"{base}/api/v1/connections/{connection}/token", 200, credential=True)
    if not json.loads(text)["access_token"]:
        sys.exit("error: the connection has no access token")


def allow(url: str):
    page, _ = request(url, 200)
    form = Fields()
    form.feed(page)
    answer = urllib.parse.urlencode({**form.values, "answer": "allow"}).encode()
    action = urllib.parse.urljoin(url, "authorize")
    _, headers = request(action, 303, answer, FORM)
    request(headers["Location"], 200)


def log_in(url: str, end: str) -> str:
    """Logs in at canaille and consents: the URL that begins with `end`, to which the browser is sent then."""
    answers = {"login": "ada", "password": "correct horse battery staple", "answer": "accept"}
    body = None
    # User name, password and consent are a page each, with a redirect before each and at the end.
    for _ in range(10):
        page, headers = request(url, None, body, FORM if body else "")
        body = None
        if "Location" in headers:
            url = urllib.parse.urljoin(url, headers["Location"])
            if url.startswith(end):
                return url
            continue
        form = Fields()
        form.feed(page)
        known = {name: answer for name, answer in answers.items() if name in form.others}
        if not known:
            break
        body = urllib.parse.urlencode({**form.values, **known}).encode()
    sys.exit(f"error: canaille did not send the browser back: {page[:400]}")


wait()
if options == ["--wait"]:
    sys.exit()
if options[:1] == ["--read"]:
    token(options[1])
elif options[:1] == ["--allow"]:
    allow(options[1])
elif options[:1] == ["--denied"]:
    begun = initiate({"integration_id": options[1], "redirect_uri": APP})
    back = urllib.parse.urlencode({"state": begun["state"], "error": "access_denied"})
    _, headers = request(f"{base}/api/v1/oauth/callback/{options[1]}?{back}", 303)
    if not headers["Location"].startswith(f"{APP}?status=error&error=access_denied&"):
        sys.exit(f"error: the app's user was sent to {headers['Location']}")
elif options[:1] == ["--log-in"]:
    public = options[1]
    callback = log_in(initiate({"integration_id": "canaille", "redirect_uri": APP})["auth_url"], f"{public}/")
    _, headers = request(base + callback.removeprefix(public), 303)
    told = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["Location"]).query))
    if not headers["Location"].startswith(f"{APP}?") or told.get("status") != "success":
        sys.exit(f"error: the app's user was sent to {headers['Location']}")
    token(told["connection_id"])
    print(told["connection_id"])
else:
    allow(initiate({"integration_id": "sandbox"})["auth_url"])
    text, _ = request(f"{base}/api/v1/connections", 200, credential=True)
    connection = json.loads(text)["data"][0]["id"]
    token(connection)
    print(connection)
