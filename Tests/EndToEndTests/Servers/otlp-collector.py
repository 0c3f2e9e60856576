#!/usr/bin/env python3
"""A collector of traces, which reads them with opentelemetry-proto from PyPI.

    otlp-collector.py

`ready http://127.0.0.1:PORT` says that it answers. Each request to `/v1/traces` is read as OTLP's JSON encoding says, by
protobuf's own reader of JSON; what that does not check is checked here: ids in hexadecimal, 64-bit integers as strings,
enumerations as numbers. Each request is a line `request KEY BODY` on standard output (KEY is its header `x-key`, or `-`),
each span after it a line `span JSON`, and each mistake a line `mistake SENTENCE`. Below `/hang` nothing is answered, below
`/reject` everything with 400.
"""

import base64
import http.server
import json
import re
import sys
import threading

sys.dont_write_bytecode = True

import environment


def parse(body):
    from google.protobuf import json_format
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    document = json.loads(body)
    check(document)
    return json_format.ParseDict(document, ExportTraceServiceRequest())


def check(value, name=""):
    """Looks for what the encoding asks beyond protobuf's, and makes ids what protobuf's reader takes: base64."""
    if isinstance(value, list):
        for element in value:
            check(element, name)
        return
    if not isinstance(value, dict):
        return
    for key, member in value.items():
        if key in ("traceId", "spanId", "parentSpanId"):
            if not re.fullmatch("[0-9a-f]{%d}" % (32 if key == "traceId" else 16), member) or not member.strip("0"):
                raise ValueError(f"{key} is no id")
            value[key] = base64.b64encode(bytes.fromhex(member)).decode()
        elif key.endswith("UnixNano") or key == "intValue":
            if not isinstance(member, str):
                raise ValueError(f"{key} is no string")
        elif key in ("kind", "code", "flags"):
            if not isinstance(member, int):
                raise ValueError(f"{key} is no number")
        else:
            check(member, key)


def plain(value):
    return getattr(value, value.WhichOneof("value"))


def lines(request):
    for group in request.resource_spans:
        resource = {a.key: plain(a.value) for a in group.resource.attributes}
        for scope in group.scope_spans:
            for span in scope.spans:
                if not 0 < span.start_time_unix_nano <= span.end_time_unix_nano:
                    raise ValueError("a span ends before it begins")
                yield {
                    "name": span.name,
                    "kind": span.kind,
                    "trace": span.trace_id.hex(),
                    "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "state": span.trace_state,
                    "flags": span.flags,
                    "links": [link.trace_id.hex() for link in span.links],
                    "status": span.status.code,
                    "attributes": {a.key: str(plain(a.value)) for a in span.attributes},
                    "service": resource["service.name"],
                }


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print("request", self.headers.get("x-key", "-"), body, flush=True)
        if self.path.startswith("/hang/"):
            threading.Event().wait()
        try:
            if self.path not in ("/v1/traces", "/reject/v1/traces"):
                raise ValueError("another path")
            if self.headers["Content-Type"] != "application/json":
                raise ValueError("another media type")
            for line in lines(parse(body)):
                print("span", json.dumps(line), flush=True)
        except Exception as error:
            print("mistake", repr(error), flush=True)
        self.send_response(400 if self.path.startswith("/reject/") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def main():
    environment.enter("opentelemetry")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"ready http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


main()
