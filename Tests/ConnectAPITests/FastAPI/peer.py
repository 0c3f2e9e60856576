#!/usr/bin/env python3
"""The initiate endpoint as a FastAPI application: what ours is compared with.

Writes validation.json, the answers that FastAPI gives to a table of bodies; `--check` fails when the
committed file differs. Needs CPython 3.10 to 3.12 (3.13 reports a trailing comma one place earlier) and

    pip install fastapi==0.165.0 pydantic==2.14.3 starlette==1.10.0 httpx2

A case holds what ours must answer: `status`, `detail` (loc, msg and type only: FastAPI also echoes the
input, which could echo a secret) and, when accepted, `accepted`. Where stock FastAPI answers otherwise,
`deviation` holds its status and the reason.
"""

import base64
import json
import pathlib
import sys
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field, create_model
from starlette.testclient import TestClient

from cases import PARSING, Case, table

VECTORS = pathlib.Path(__file__).with_name("validation.json")

ECHO = "FastAPI fails while it echoes the input: not a JSON number, or not Unicode"
OCTETS = "ours is the place in octets, not in characters"
SURROGATE = "Python keeps a lone surrogate in a str; a Unicode string can't, and Pydantic has a type for that"


def application(text: Any, terse: bool) -> TestClient:
    """The initiate endpoint, with every str as `text`; `terse` leaves the input out of the answers."""
    request = create_model(
        "OAuthInitiateRequest",
        integration_id=(text, ...),
        auth_method_id=(text, "oauth2"),
        scopes=(list[text] | None, None),
        redirect_uri=(text | None, None),
        params=(dict[text, text] | None, None),
        binding=(text | None, None),
        connection_id=(text | None, None),
        app_state=(text | None, None),
        label=(Annotated[text, Field(max_length=255)] | None, None),
        tags=(
            Annotated[
                dict[
                    Annotated[text, Field(min_length=1, max_length=64)],
                    Annotated[text, Field(max_length=200)],
                ],
                Field(max_length=10),
            ]
            | None,
            None,
        ),
    )
    app = FastAPI()

    @app.post("/api/v1/oauth/initiate")
    async def initiate_oauth(body: request) -> Any:
        # As ASCII, since an accepted value may hold what no response can.
        return {"accepted": json.dumps(body.model_dump(), ensure_ascii=True)}

    if terse:

        @app.exception_handler(RequestValidationError)
        async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
            return JSONResponse({"detail": reduced(error.errors())}, status_code=422)

    return TestClient(app, raise_server_exceptions=False)


def reduced(detail: Any) -> Any:
    return [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in detail]


STOCK = application(str, terse=False)
TERSE = application(str, terse=True)
# With a bound on its length, Pydantic reads a str as Unicode and so refuses a lone surrogate.
UNICODE = application(Annotated[str, Field(max_length=1 << 20)], terse=True)


def ask(client: TestClient, case: Case) -> tuple[int, Any]:
    headers = {} if case.content_type is None else {"content-type": case.content_type}
    response = client.post("/api/v1/oauth/initiate", content=case.body, headers=headers)
    return response.status_code, response.json() if response.status_code != 500 else None


def answer(case: Case) -> dict[str, Any]:
    stock, stock_content = ask(STOCK, case)
    status, content = ask(TERSE, case)
    reason = None
    if case.reason is not None:
        if case.reason == PARSING and stock != 400:
            raise SystemExit(f"{case.name}: FastAPI answers {stock}, so that the table need not")
        detail = {"loc": ["body", case.position], "msg": "JSON decode error", "type": "json_invalid"}
        status, content, reason = 422, {"detail": [detail]}, case.reason
    elif status == 422:
        content = {"detail": [in_octets(item, case.body) for item in content["detail"]]}
    if case.reason is None and any(ord(character) in range(0xD800, 0xE000) for character in read(case.body)):
        status, content = ask(UNICODE, case)
    if status not in (200, 422):
        raise SystemExit(f"{case.name}: FastAPI answers {status}, and the table does not say what ours does")
    if reason is None and stock == 500:
        reason = ECHO
    if reason is None and stock != status:
        reason = SURROGATE
    if reason is None and status == 422:
        detail = reduced(stock_content["detail"])
        if [in_octets(item, case.body) for item in detail] != content["detail"]:
            reason = SURROGATE
        elif detail != content["detail"]:
            reason = OCTETS
    result = {
        "name": case.name,
        "contentType": case.content_type,
        "bodyBase64": base64.b64encode(case.body).decode(),
        "status": status,
        "detail": content["detail"] if status == 422 else [],
    }
    if status == 200:
        result["accepted"] = json.loads(content["accepted"])
    if reason is not None:
        result["deviation"] = {"status": stock, "reason": reason}
    return result


def in_octets(item: dict[str, Any], body: bytes) -> dict[str, Any]:
    """An error in the JSON is at a character for Python; ours counts octets, a mark's included."""
    if item["type"] != "json_invalid":
        return item
    mark = body[:3] if body.startswith(b"\xef\xbb\xbf") else b""
    text = body[len(mark) :].decode("utf-8", "surrogatepass")
    place = len(mark) + len(text[: item["loc"][1]].encode("utf-8", "surrogatepass"))
    return item | {"loc": ["body", place]}


def read(body: bytes) -> str:
    """Every character of a body's JSON, to find out whether a surrogate is among them."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""


def main() -> None:
    if not (3, 10) <= sys.version_info < (3, 13):
        raise SystemExit("positions are those of CPython 3.10 to 3.12")
    answers = [answer(case) for case in table()]
    text = "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in answers) + "\n]\n"
    if "--check" in sys.argv[1:]:
        if VECTORS.read_text() != text:
            raise SystemExit("validation.json is not what this FastAPI answers")
        print(f"{len(answers)} answers are as committed")
    else:
        VECTORS.write_text(text)
        print(f"{len(answers)} answers, {sum('deviation' in item for item in answers)} deviations")


if __name__ == "__main__":
    main()
