#!/usr/bin/env python3
"""Does what the tutorials say, and the examples of all routes: writes files, runs commands, plays the users' browsers.

Each `@Code` named Terminal, and each block of the kind `console` of a page, is a transcript: lines that begin with `$` are
commands, and the others what they print. `…` stands for anything, and an object in JSON may have more members than are shown.
A command that goes on (`symbolon serve`, `python3 FILE`) gets a terminal of its own and ends when it is started again. Each
other `@Code` is a file of that name; those whose name has a space are for readers only. What users do stands in comments, and
`$ TICKET=…` is what they find as `ticket` in the address bar. The ports are fixed, so this takes a network of its own, and root
for it. Before all that, the pages of routes and of examples are held against the OpenAPI document, method by method.

    check.py [--program .build/debug/symbolon] [--record]

With --record, transcripts that differ are replaced by what was printed; put `…` for what is never the same twice.
"""

import argparse
import html.parser
import http.cookiejar
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "Sources/SymbolonCommands/SymbolonCommands.docc/Tutorials"
SERVICE = "http://127.0.0.1:8080"
EXAMPLES = ROOT / "Sources/ConnectAPI/ConnectAPI.docc/Examples.md"
ROUTES = EXAMPLES.with_name("Routes.md")
BLOCK = re.compile(r"(?ms)^```console\n(?P<text>.*?)^```$|<!--(?P<users>.*?)-->")
PART = re.compile(r"""@Code\(name: "(?P<name>[^"]+)", file: (?P<file>[\w.-]+)|@Comment \{(?P<users>.*?)\}""", re.DOTALL)

# The service's log and its audit log, which the tutorials leave out.
LOG = re.compile(r'\d{4}-\d\d-\d\dT\S+ \w+ symbolon[.a-z]*: |\{"v":1,')
GOES_ON = re.compile(r"symbolon serve|python3 \w+\.py")


class Mismatch(Exception):
    pass


def pattern(expected: str) -> re.Pattern:
    """The text, with `…` for anything: within its line, or as a line of its own for any lines."""
    text = re.escape(expected).replace(re.escape("…\n"), "…\n")
    text = re.sub(r"(?m)^…\n", "(?:.*\n)*?", text)
    return re.compile(text.replace("…", ".*"))


def covers(shown, printed) -> bool:
    """Whether a value is the one that is shown; an object may have more members by now."""
    if isinstance(shown, dict) and isinstance(printed, dict):
        return all(key in printed and covers(value, printed[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(printed, list):
        return len(shown) == len(printed) and all(map(covers, shown, printed))
    if isinstance(shown, str) and isinstance(printed, str):
        return pattern(shown).fullmatch(printed) is not None
    return type(shown) is type(printed) and shown == printed


def holds(expected: str, output: str) -> bool:
    """Whether a command printed what is shown: as text, or as JSON."""
    if pattern(expected).fullmatch(output):
        return True
    try:
        return covers(json.loads(expected), json.loads(output))
    except json.JSONDecodeError:
        return False


class Page(html.parser.HTMLParser):
    """The form of a page, and its text."""

    def __init__(self, text: str):
        super().__init__()
        self.action, self.fields, self.buttons, self.text, self.button = None, {}, {}, "", None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self.action = found.get("action", "")
        elif tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"]] = found["value"]
        elif tag == "button":
            self.button = found

    def handle_endtag(self, tag):
        if tag == "button":
            self.button = None

    def handle_data(self, text):
        self.text += text
        if self.button and self.button.get("name"):
            self.buttons[text.strip()] = (self.button["name"], self.button["value"])


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and notes where the last one led, though nothing may be there."""

    url = None

    def redirect_request(self, request, file, code, message, headers, url):
        self.url = url
        return super().redirect_request(request, file, code, message, headers, url)


class Browser:
    """One user's browser, with cookies."""

    def __init__(self):
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.redirects = Redirects()
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies, self.redirects)
        self.url, self.page = None, None

    def open(self, url: str, body: bytes | None = None) -> None:
        self.redirects.url = None
        try:
            response = self.opener.open(urllib.request.Request(url, body), timeout=20)
        except urllib.error.HTTPError as error:
            response = error
        except OSError as error:
            if self.redirects.url is None:
                raise Mismatch(f"{url}: {error}") from error
            self.url, self.page = self.redirects.url, Page("")
            return
        self.url, self.page = response.url, Page(response.read().decode())

    def press(self, words: str) -> None:
        if words not in self.page.buttons:
            raise Mismatch(f"there is no button {words!r} on {self.url}: {self.page.text}")
        form = {**self.page.fields, **dict([self.page.buttons[words]])}
        self.open(urllib.parse.urljoin(self.url, self.page.action), urllib.parse.urlencode(form).encode())


class Terminal:
    """A shell, whose commands are read with what they print."""

    def __init__(self, folder: pathlib.Path, path: str):
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.shell = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, env={"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0,
        )  # fmt: skip
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in self.shell.stdout:
            if not LOG.match(line):
                self.lines.put(line)
        self.lines.put(None)

    def run(self, command: str, expected: re.Pattern | None) -> str:
        """What a command prints until it ends, or, of one that goes on, until that is what is expected."""
        self.shell.stdin.write(command + "\n" + ("" if expected else 'printf "\\n=== %s\\n" "$?"\n'))
        self.shell.stdin.flush()
        output, end = "", time.monotonic() + 30
        while True:
            try:
                line = self.lines.get(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                raise Mismatch(f"`{command}` takes longer than 30 s; it printed:\n{output}") from None
            if line is None:
                raise Mismatch(f"`{command}` ended:\n{output}")
            if not expected and line.startswith("=== "):
                return output.removesuffix("\n")
            output += line
            if expected and expected.fullmatch(output):
                return output

    def stop(self) -> None:
        for _ in range(50):
            try:
                os.killpg(self.shell.pid, signal.SIGINT)
                self.shell.stdin.close()
            except (ProcessLookupError, BrokenPipeError, ValueError):
                pass
            try:
                self.shell.wait(0.2)
                return
            except subprocess.TimeoutExpired:
                pass
        os.killpg(self.shell.pid, signal.SIGKILL)
        self.shell.wait()


def commands(transcript: str) -> list[tuple[str, str]]:
    """The commands, each with what it prints."""
    found: list[tuple[str, str]] = []
    goes_on = False
    for line in transcript.splitlines(keepends=True):
        if goes_on:
            found[-1] = (found[-1][0] + line, "")
        elif line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
            continue
        goes_on = line.rstrip().endswith(("\\", "|", ","))
    return [(command.rstrip("\n"), output) for command, output in found]


class Walk:
    """One tutorial, or several that are done in one folder."""

    def __init__(self, folder: pathlib.Path, path: str, record: bool):
        self.folder, self.path, self.record = folder, path, record
        self.terminals: dict[str, Terminal] = {"": Terminal(folder, path)}
        self.browsers: dict[str, Browser] = {}
        self.authorization_url = None
        self.count = 0

    def do(self, tutorial: pathlib.Path) -> None:
        text = tutorial.read_text()
        for part in PART.finditer(text):
            try:
                if part["users"] is not None:
                    self.act(part["users"])
                elif part["name"] == "Terminal":
                    file = TUTORIALS / "Resources" / part["file"]
                    recorded = self.run(file.read_text())
                    if self.record:
                        file.write_text(recorded)
                elif " " not in part["name"]:
                    (self.folder / part["name"]).write_text((TUTORIALS / "Resources" / part["file"]).read_text())
            except Mismatch as mismatch:
                sys.exit(f"error: {tutorial.relative_to(ROOT)}:{text.count(chr(10), 0, part.start()) + 1}: {mismatch}")

    def do_page(self, page: pathlib.Path) -> None:
        text, recorded, end = page.read_text(), "", 0
        for part in BLOCK.finditer(text):
            try:
                if part["users"] is not None:
                    self.act(part["users"])
                else:
                    recorded += text[end : part.start("text")] + self.run(part["text"])
                    end = part.end("text")
            except Mismatch as mismatch:
                sys.exit(f"error: {page.relative_to(ROOT)}:{text.count(chr(10), 0, part.start()) + 1}: {mismatch}")
        if self.record:
            page.write_text(recorded + text[end:])

    def run(self, transcript: str) -> str:
        """The transcript as it is printed now, with `…` where it says so."""
        recorded = ""
        for command, expected in commands(transcript):
            self.count += 1
            if going_on := GOES_ON.search(command):
                program = going_on[0]
                if program in self.terminals:
                    self.terminals[program].stop()
                self.terminals[program] = Terminal(self.folder, self.path)
                self.terminals[program].run(command, pattern(expected))
                output = expected
                if program == "symbolon serve":
                    self.wait()
            elif found := re.fullmatch(r"(\w+)=…", command):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.browsers["user"].url).query)
                output = self.terminals[""].run(f"{found[1]}={query[found[1].lower()][0]}", None)
            else:
                output = self.terminals[""].run(command, None)
            for url in re.findall(r'https?://[^\s"]*[?&]state=[^\s"]*', output):
                self.authorization_url = url
            if not holds(expected, output) and not self.record:
                raise Mismatch(f"`{command}` printed:\n{output}\ninstead of:\n{expected}")
            recorded += f"$ {command}\n{expected if holds(expected, output) else output}"
        return recorded

    def wait(self) -> None:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{SERVICE}/readyz", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise Mismatch("the service does not get ready")

    def act(self, sentences: str) -> None:
        for sentence in filter(None, map(str.strip, sentences.splitlines())):
            self.do_as(*sentence.split(" ", 2))

    def do_as(self, name: str, verb: str, what: str) -> None:
        browser = self.browsers.setdefault(name, Browser())
        if verb == "opens" and what == "the auth_url":
            browser.open(self.authorization_url)
        elif verb == "opens" and (other := re.fullmatch(r"what (\w+) has", what)):
            browser.open(self.browsers[other[1]].url)
        elif verb == "opens":
            browser.open(what)
        elif verb == "presses":
            browser.press(what)
        elif verb == "reads":
            if what not in browser.page.text:
                raise Mismatch(f"{name} reads {browser.page.text!r} and not {what!r}")
        elif verb == "has" and (account := re.fullmatch(r"connected (\w+) as (\S+)", what)):
            self.connect(*account.groups())
        else:
            raise Mismatch(f"unknown action: {name} {verb} {what}")

    def connect(self, integration: str, label: str) -> None:
        """A provider out of reach: its grant is imported."""
        grant = {
            "integration": integration, "label": label,
            "credentials": {"access_token": "ya29.a0-example", "refresh_token": "1//0-example", "expires_in": 3599},
        }  # fmt: skip
        grant["credentials"]["expires_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3599))
        del grant["credentials"]["expires_in"]
        headers = {
            "Authorization": "Bearer " + (self.folder / ".symbolon/api-key").read_text().strip(),
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(f"{SERVICE}/api/v1/connections", json.dumps(grant).encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=20).close()
        except urllib.error.HTTPError as error:
            raise Mismatch(f"import: {error.read().decode()}") from error

    def end(self) -> None:
        for terminal in self.terminals.values():
            terminal.stop()


def operations() -> set[tuple[str, str]]:
    """Every method and path of the OpenAPI document."""
    document = json.loads((ROOT / "Sources/ConnectAPI/Resources/openapi.json").read_text())
    methods = {"get", "post", "put", "patch", "delete"}
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item.keys() & methods}


def requested(command: str, known: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The operations that a command's calls of curl are, by method and path, and what is none of them as it stands."""
    found = set()
    for call in re.split(r"\bcurl\b", command)[1:]:
        url = re.search(r"(\$API|http://127\.0\.0\.1:8080)(/[^\s\"?|)]*)", call)
        method = re.search(r"-X (\w+)", call)
        method = method[1] if method else "POST" if re.search(r"\s-d\s", call) else "GET"
        path = ("/api/v1" if url[1] == "$API" else "") + url[2]
        # Where several fit, the one with fewer parameters is meant, as `/connections/users/{user_id}`.
        fitting = [
            (name.count("{"), known_method, name)
            for known_method, name in known
            if known_method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), path)
        ]
        found.add(min(fitting)[1:] if fitting else (method, path))
    return found


def listed(cell: str, known: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The operations that a row of the page of routes is about: `GET`, `POST /a`, or `GET /a`, `/b`, or `GET /a`, `/{id}`."""
    found, methods, base = set(), [], ""
    for method, path in re.findall(r"`(?:([A-Z]+) ?)?(/[^`?]*)?[^`]*`", cell):
        if method:
            methods = [*methods, method] if not base else [method]
        if path:
            longer = base + path
            base = path if method or not any(name == longer for _, name in known) else longer
            found |= {(one, base) for one in methods}
    return found


def check_routes() -> None:
    """That each operation has an example that is run and a row among the routes, and that no heading or row has another."""
    known = operations()
    transcripts = [part["text"] for part in BLOCK.finditer(EXAMPLES.read_text()) if part["text"]]
    shown = {one for text in transcripts for command, _ in commands(text) for one in requested(command, known)}
    headings = re.findall(r"(?m)^### (.*)$", EXAMPLES.read_text())
    headed = {(method, f"/api/v1{path}") for line in headings for method, path in re.findall(r"([A-Z]+) (/\S*?)(?:,|$)", line)}
    rows = {
        one
        for cell in re.findall(r"(?m)^\| (`[A-Z]+.*?) \|", ROUTES.read_text())
        for one in listed(cell, known)
    }
    pages = {("GET", path) for path in ["/console", "/try", "/"]}
    faults = [
        f"{page.relative_to(ROOT)} {verb} {method} {path}"
        for page, verb, some in [
            (EXAMPLES, "has no example of", known - shown),
            (EXAMPLES, "asks for what is not documented:", shown - known),
            (EXAMPLES, "has a heading for", {(method, path) for method, path in headed if (method, path) not in known
                                            and (method, path.removeprefix("/api/v1")) not in known}),
            (ROUTES, "has no row for", known - rows),
            (ROUTES, "has a row for what is not documented:", rows - known - pages),
        ]
        for method, path in sorted(some)
    ]
    if len(known) < 30 or faults:
        sys.exit("\n".join(f"error: {fault}" for fault in faults or ["the OpenAPI document has no operations"]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / ".build/debug/symbolon", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if "TUTORIALS_NETWORK" not in os.environ:
        os.environ["TUTORIALS_NETWORK"] = "own"
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    check_routes()
    count = 0
    for names in [["FirstConnection", "ConfirmModeInYourApp"], ["YourOwnProvider"], []]:
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as programs:
            pathlib.Path(programs, "symbolon").symlink_to(options.program.resolve())
            walk = Walk(pathlib.Path(name), f"{programs}:{os.environ['PATH']}", options.record)
            try:
                for tutorial in names:
                    walk.do(TUTORIALS / f"{tutorial}.tutorial")
                if not names:
                    walk.run((TUTORIALS / "Resources/first-serve.txt").read_text())
                    walk.do_page(EXAMPLES)
            finally:
                walk.end()
            count += walk.count
    if count < 60:
        sys.exit(f"error: only {count} commands were found")
    print(f"the tutorials and examples: {count} commands, each printed what they say")


main()
