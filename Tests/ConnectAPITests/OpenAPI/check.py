#!/usr/bin/env python3
"""Checks that the OpenAPI document is valid, and that no part of the API it stands in for has changed.

Needs `pip install openapi-spec-validator pyyaml`.
"""

import json
import pathlib
import sys

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

DOCUMENT = pathlib.Path(__file__).parents[3] / "Sources/ConnectAPI/Resources/openapi.json"
# Alternatives and fields that may grow; every other list stays as it is.
GROWING = {("paths", "/api/v1/oauth/initiate", "post", "security")}
OPERATIONS = {
    ("post", "/api/v1/oauth/initiate"),
    ("post", "/api/v1/connect/sessions"),
    ("get", "/api/v1/oauth/callback/{integration_id}"),
    ("post", "/api/v1/oauth/callback/{integration_id}"),
    ("get", "/api/v1/oauth/callback/{integration_id}/{context}"),
    ("post", "/api/v1/oauth/callback/{integration_id}/{context}"),
    ("post", "/api/v1/oauth/complete"),
    ("post", "/api/v1/oauth/confirm"),
    ("post", "/api/v1/oauth/refresh/{connection_id}"),
    ("get", "/api/v1/connections"),
    ("post", "/api/v1/connections"),
    ("get", "/api/v1/connections/users/{user_id}"),
    ("get", "/api/v1/connections/integrations/{integration_id}/requirements"),
    ("post", "/api/v1/connections/validate"),
    ("post", "/api/v1/connections/{id}/test"),
    ("get", "/api/v1/connections/{id}"),
    ("patch", "/api/v1/connections/{id}"),
    ("put", "/api/v1/connections/{id}"),
    ("delete", "/api/v1/connections/{id}"),
    ("get", "/api/v1/connections/{id}/token"),
    ("get", "/api/v1/connections/{id}/events"),
    ("post", "/api/v1/revocations"),
    ("get", "/api/v1/revocations/{id}"),
    ("get", "/api/v1/revocations/{id}/grants"),
    ("get", "/api/v1/integrations"),
    ("get", "/api/v1/integrations/{id}"),
    ("get", "/connect/{workspace_id}"),
    ("get", "/connect/integrations/{id}/logo"),
    ("get", "/connect/symbolon.js"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("get", "/api/v1/credential"),
    ("get", "/api/v1/deployment"),
    ("get", "/api/v1/log-levels"),
    ("patch", "/api/v1/log-levels"),
    ("get", "/openapi.json"),
}
# Parts that must not even grow.
EXACT = [
    ("components", "schemas", "HTTPValidationError"),
    ("components", "schemas", "ValidationError"),
    ("components", "schemas", "OAuthInitiateRequest", "required"),
    ("components", "securitySchemes", "DualAuthScheme"),
    ("paths", "/api/v1/oauth/initiate", "post", "parameters"),
    ("paths", "/api/v1/oauth/initiate", "post", "requestBody"),
    ("paths", "/api/v1/oauth/initiate", "post", "responses", "422"),
]


def compare(original: object, ours: object, path: tuple = ()) -> list[str]:
    """Where ours lacks or changes something of the original."""
    place = "/".join(map(str, path))
    if path == ("info", "version"):  # the release's, which VersionTests compares
        return []
    if path == ("info", "title"):
        return [] if ours == "Symbolon" else [f"{place}: {ours!r}"]
    if isinstance(original, dict) and isinstance(ours, dict):
        missing = [f"{place}: {key} is missing" for key in original if key not in ours]
        return missing + [
            fault
            for key in original
            if key in ours
            for fault in compare(original[key], ours[key], (*path, key))
        ]
    if isinstance(original, list) and isinstance(ours, list) and path in GROWING:
        ours = ours[: len(original)]
    return [] if json.dumps(original) == json.dumps(ours) else [f"{place}: {original!r} has become {ours!r}"]


def part(root: object, path: tuple) -> object:
    for key in path:
        root = root[key]
    return root


def main() -> None:
    text = DOCUMENT.read_text()
    ours, original = json.loads(text), yaml.safe_load(ORIGINAL)
    faults = [f"invalid: {error.message}" for error in OpenAPIV31SpecValidator(ours).iter_errors()]
    faults += compare(original, ours)
    faults += [f"{'/'.join(path)} has grown" for path in EXACT if part(original, path) != part(ours, path)]
    operations = {(verb, path) for path, item in ours["paths"].items() for verb in item}
    faults += [f"operations: {sorted(operations ^ OPERATIONS)}"] if operations != OPERATIONS else []
    names = [operation["operationId"] for item in ours["paths"].values() for operation in item.values()]
    faults += ["an operationId comes twice"] if len(set(names)) != len(names) else []
    faults += ["160 KB or more"] if len(text.encode()) >= 160_000 else []
    if faults:
        sys.exit("\n".join(faults))
    print(f"valid; {len(names)} operations, {len(text.encode())} octets; nothing of the original has changed")


ORIGINAL = r"""
openapi: 3.1.0
info:
  title: FastAPI app
  version: 0.1.0
servers: []
security: []
paths:
  /api/v1/oauth/initiate:
    post:
      tags:
        - OAuth
      summary: Initiate Oauth
      description: |-
        Initiate an OAuth authentication flow.

        This endpoint generates an authorization URL that the user should visit
        to grant permissions to the integration.

        **Flow:**
        1. Call this endpoint with the integration ID
        2. Redirect the user to the returned `auth_url`
        3. User grants permissions on the provider's website
        4. Provider redirects back to the callback URL with a code
        5. Callback handler exchanges code for tokens and creates connection

        **Example:**
        ```json
        POST /oauth/initiate
        {
            "integration_id": "gmail",
            "auth_method_id": "oauth2",
            "scopes": [
                "https://www.googleapis.com/auth/gmail.readonly",
                "https://www.googleapis.com/auth/gmail.send"
            ]
        }
        ```

        **Response:**
        ```json
        {
            "auth_url": "https://accounts.google.com/o/oauth2/v2/auth?...",
            "state": "abc123...",
            "integration_id": "gmail"
        }
        ```
      operationId: initiate_oauth_api_v1_oauth_initiate_post
      parameters:
        - name: X-Workspace-Id
          in: header
          required: false
          schema:
            anyOf:
              - type: string
              - type: 'null'
            description: The workspace ID
            title: X-Workspace-Id
          description: The workspace ID
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/OAuthInitiateRequest'
      responses:
        '200':
          description: Successful Response
          content:
            application/json:
              schema: {}
        '422':
          description: Validation Error
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/HTTPValidationError'
      security:
        - DualAuthScheme: []
components:
  schemas:
    OAuthInitiateRequest:
      properties:
        integration_id:
          type: string
          title: Integration Id
        auth_method_id:
          type: string
          title: Auth Method Id
          default: oauth2
        scopes:
          anyOf:
            - items:
                type: string
              type: array
            - type: 'null'
          title: Scopes
        redirect_uri:
          anyOf:
            - type: string
            - type: 'null'
          title: Redirect Uri
      type: object
      required:
        - integration_id
      title: OAuthInitiateRequest
      description: Request to initiate OAuth flow.
    HTTPValidationError:
      properties:
        detail:
          items:
            $ref: '#/components/schemas/ValidationError'
          type: array
          title: Detail
      type: object
      title: HTTPValidationError
    ValidationError:
      properties:
        loc:
          items:
            anyOf:
              - type: string
              - type: integer
          type: array
          title: Location
        msg:
          type: string
          title: Message
        type:
          type: string
          title: Error Type
      type: object
      required:
        - loc
        - msg
        - type
      title: ValidationError
  securitySchemes:
    DualAuthScheme:
      type: http
      scheme: bearer
"""


if __name__ == "__main__":
    main()
