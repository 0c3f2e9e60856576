/// The service's OpenAPI 3.1 document, as `/openapi.json` serves it.
///
/// The initiate endpoint, its schemas and its security scheme are those of the API that it stands in for,
/// with additions only; `check.py` beside its tests compares them part by part.
package enum OpenAPIDocument {
    package static let text = #"""
        {
         "openapi": "3.1.0",
         "info": {"title": "Symbolon", "version": "0.1.0"},
         "servers": [],
         "security": [],
         "paths": {
          "/api/v1/oauth/initiate": {
           "post": {
            "tags": ["OAuth"],
            "summary": "Initiate Oauth",
            "description": "Initiate an OAuth authentication flow.\n\n\#
        This endpoint generates an authorization URL that the user should visit\n\#
        to grant permissions to the integration.\n\n**Flow:**\n\#
        1. Call this endpoint with the integration ID\n2. Redirect the user to the returned \#
        `auth_url`\n3. User grants permissions on the provider's website\n\#
        4. Provider redirects back to the callback URL with a code\n\#
        5. Callback handler exchanges code for tokens and creates connection\n\n**Example:**\n```json\n\#
        POST /oauth/initiate\n{\n    \"integration_id\": \"gmail\",\n\#
            \"auth_method_id\": \"oauth2\",\n    \"scopes\": [\n\#
                \"https://www.googleapis.com/auth/gmail.readonly\",\n\#
                \"https://www.googleapis.com/auth/gmail.send\"\n    ]\n}\n```\n\n**Response:**\n\#
        ```json\n{\n    \"auth_url\": \"https://accounts.google.com/o/oauth2/v2/auth?...\",\n\#
            \"state\": \"abc123...\",\n    \"integration_id\": \"gmail\"\n}\n```",
            "operationId": "initiate_oauth_api_v1_oauth_initiate_post",
            "parameters": [
             {
              "name": "X-Workspace-Id",
              "in": "header",
              "required": false,
              "schema": {
               "anyOf": [{"type": "string"}, {"type": "null"}],
               "description": "The workspace ID",
               "title": "X-Workspace-Id"
              },
              "description": "The workspace ID"
             }
            ],
            "requestBody": {
             "required": true,
             "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/OAuthInitiateRequest"}}
             }
            },
            "responses": {
             "200": {
              "description": "Successful Response",
              "content": {
               "application/json": {
                "schema": {},
                "example": {
                 "auth_url": "https://accounts.google.com/o/oauth2/v2/auth?...",
                 "state": "abc123...",
                 "integration_id": "gmail"
                }
               }
              },
              "links": {
               "Callback": {
                "operationId": "oauth_callback_api_v1_oauth_callback__integration_id__get",
                "parameters": {
                 "integration_id": "$response.body#/integration_id",
                 "state": "$response.body#/state"
                },
                "description": "Where the provider sends the user back to, with the state and a code."
               }
              }
             },
             "422": {
              "description": "Validation Error",
              "content": {
               "application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}
              }
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "409": {"$ref": "#/components/responses/Conflict"},
             "413": {"$ref": "#/components/responses/BodyTooLarge"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/oauth/callback/{integration_id}": {
           "get": {
            "tags": ["OAuth"],
            "summary": "Oauth Callback",
            "description": "Where the provider sends the user's browser. The state token in the query \#
        is the only credential.",
            "operationId": "oauth_callback_api_v1_oauth_callback__integration_id__get",
            "parameters": [
             {"$ref": "#/components/parameters/IntegrationID"},
             {
              "name": "state",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The state token, as the authorization URL had it."
             },
             {
              "name": "code",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The authorization code (RFC 6749 4.1.2)."
             },
             {
              "name": "error",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "Why there is no code (RFC 6749 4.1.2.1)."
             },
             {
              "name": "error_description",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The provider's words for the error."
             },
             {
              "name": "error_uri",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The provider's page about the error."
             },
             {
              "name": "iss",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The provider's issuer (RFC 9207)."
             }
            ],
            "responses": {
             "200": {
              "description": "The flow ended here, since it names no redirect URI: a page for the user.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "204": {"description": "A prefetch; nothing was done."},
             "303": {
              "description": "On to the app's redirect URI. What its query says is a hint, to be \#
        confirmed by reading the connection.",
              "headers": {
               "Location": {
                "description": "The redirect URI, with the outcome added to its query.",
                "schema": {"type": "string"}
               }
              }
             },
             "400": {
              "description": "The state is not one of ours, or not for this integration: a page, never \#
        a redirect.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "409": {
              "description": "The flow has already ended.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "410": {
              "description": "The state has expired, and the flow names no redirect URI.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "414": {
              "description": "The URL is too long.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "429": {
              "description": "Too many requests.",
              "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "502": {
              "description": "The provider's token endpoint refused or failed.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "503": {
              "description": "The store can't be reached; the page tries again by itself.",
              "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
              "content": {"text/html": {"schema": {"type": "string"}}}
             }
            },
            "security": []
           },
           "post": {
            "tags": ["OAuth"],
            "summary": "Oauth Callback Form",
            "description": "The same, for providers that answer with `response_mode=form_post`.",
            "operationId": "oauth_callback_api_v1_oauth_callback__integration_id__post",
            "parameters": [{"$ref": "#/components/parameters/IntegrationID"}],
            "requestBody": {
             "required": true,
             "content": {
              "application/x-www-form-urlencoded": {
               "schema": {
                "type": "object",
                "properties": {
                 "state": {
                  "type": "string",
                  "description": "The state token, as the authorization URL had it."
                 },
                 "code": {"type": "string", "description": "The authorization code (RFC 6749 4.1.2)."},
                 "error": {"type": "string", "description": "Why there is no code (RFC 6749 4.1.2.1)."},
                 "error_description": {
                  "type": "string",
                  "description": "The provider's words for the error."
                 },
                 "error_uri": {"type": "string", "description": "The provider's page about the error."},
                 "iss": {"type": "string", "description": "The provider's issuer (RFC 9207)."},
                 "user": {"type": "string", "description": "What some providers add about the user."}
                }
               }
              }
             }
            },
            "responses": {
             "200": {
              "description": "The flow ended here, since it names no redirect URI: a page for the user.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "204": {"description": "A prefetch; nothing was done."},
             "303": {
              "description": "On to the app's redirect URI. What its query says is a hint, to be \#
        confirmed by reading the connection.",
              "headers": {
               "Location": {
                "description": "The redirect URI, with the outcome added to its query.",
                "schema": {"type": "string"}
               }
              }
             },
             "400": {
              "description": "The state is not one of ours, or not for this integration: a page, never \#
        a redirect.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "409": {
              "description": "The flow has already ended.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "410": {
              "description": "The state has expired, and the flow names no redirect URI.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "413": {
              "description": "The form is too large.",
              "content": {
               "text/html": {"schema": {"type": "string"}},
               "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
              }
             },
             "414": {
              "description": "The URL is too long.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "415": {
              "description": "Not a form.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
             },
             "429": {
              "description": "Too many requests.",
              "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "502": {
              "description": "The provider's token endpoint refused or failed.",
              "content": {"text/html": {"schema": {"type": "string"}}}
             },
             "503": {
              "description": "The store can't be reached; the page tries again by itself.",
              "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
              "content": {"text/html": {"schema": {"type": "string"}}}
             }
            },
            "security": []
           }
          },
          "/api/v1/oauth/complete": {
           "post": {
            "tags": ["OAuth"],
            "summary": "Complete Oauth",
            "description": "Completes a flow that began with a binding: the app's server hands in the \#
        ticket that came to its redirect URI, and the secret from its own user's session. The code is \#
        exchanged here and not before. The same ticket again has the same outcome.",
            "operationId": "complete_oauth_api_v1_oauth_complete_post",
            "parameters": [{"$ref": "#/components/parameters/WorkspaceID"}],
            "requestBody": {
             "required": true,
             "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/OAuthCompleteRequest"}}
             }
            },
            "responses": {
             "200": {
              "description": "The connection; without a store the credentials themselves",
              "content": {
               "application/json": {
                "schema": {
                 "anyOf": [
                  {"$ref": "#/components/schemas/CompletedConnection"},
                  {"$ref": "#/components/schemas/CompletedCredentials"}
                 ]
                }
               }
              }
             },
             "400": {"$ref": "#/components/responses/BadTicket"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Unconfirmed"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "409": {"$ref": "#/components/responses/FlowConflict"},
             "413": {"$ref": "#/components/responses/BodyTooLarge"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "502": {"$ref": "#/components/responses/ProviderError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"},
             "504": {"$ref": "#/components/responses/ProviderTimeout"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/oauth/refresh/{connection_id}": {
           "post": {
            "tags": ["OAuth"],
            "summary": "Refresh Connection",
            "description": "Refreshes a connection's access token now, whether or not it is due.",
            "operationId": "refresh_connection_api_v1_oauth_refresh__connection_id__post",
            "parameters": [
             {"$ref": "#/components/parameters/ConnectionID"},
             {"$ref": "#/components/parameters/WorkspaceID"}
            ],
            "responses": {
             "200": {
              "description": "Refreshed",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RefreshResult"}}}
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "409": {"$ref": "#/components/responses/Conflict"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "502": {"$ref": "#/components/responses/ProviderError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"},
             "504": {"$ref": "#/components/responses/ProviderTimeout"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/connections": {
           "get": {
            "tags": ["Connections"],
            "summary": "List Connections",
            "description": "The workspace's connections, page by page.",
            "operationId": "list_connections_api_v1_connections_get",
            "parameters": [
             {
              "name": "integration",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "Only this integration's."
             },
             {
              "name": "status",
              "in": "query",
              "required": false,
              "schema": {"$ref": "#/components/schemas/ConnectionStatus"},
              "description": "Only those in this status."
             },
             {
              "name": "user_id",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "Only this user's."
             },
             {
              "name": "limit",
              "in": "query",
              "required": false,
              "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
              "description": "The most entries to return."
             },
             {
              "name": "cursor",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The `next_cursor` of the page before."
             },
             {"$ref": "#/components/parameters/WorkspaceID"}
            ],
            "responses": {
             "200": {
              "description": "A page of connections",
              "content": {
               "application/json": {"schema": {"$ref": "#/components/schemas/ConnectionList"}}
              },
              "links": {
               "Connection": {
                "operationId": "get_connection_api_v1_connections__id__get",
                "parameters": {"id": "$response.body#/data/0/id"}
               },
               "AccessToken": {
                "operationId": "get_access_token_api_v1_connections__id__token_get",
                "parameters": {"id": "$response.body#/data/0/id"}
               },
               "Refresh": {
                "operationId": "refresh_connection_api_v1_oauth_refresh__connection_id__post",
                "parameters": {"connection_id": "$response.body#/data/0/id"}
               },
               "Delete": {
                "operationId": "delete_connection_api_v1_connections__id__delete",
                "parameters": {"id": "$response.body#/data/0/id"}
               }
              }
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "414": {"$ref": "#/components/responses/URITooLong"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/connections/{id}": {
           "get": {
            "tags": ["Connections"],
            "summary": "Get Connection",
            "description": "One connection; with its credentials when they are asked for, which needs a \#
        permission of its own.",
            "operationId": "get_connection_api_v1_connections__id__get",
            "parameters": [
             {"$ref": "#/components/parameters/ID"},
             {
              "name": "include_credentials",
              "in": "query",
              "required": false,
              "schema": {"type": "boolean", "default": false},
              "description": "Whether to add `credentials`."
             },
             {"$ref": "#/components/parameters/WorkspaceID"}
            ],
            "responses": {
             "200": {
              "description": "The connection",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Connection"}}}
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "409": {"$ref": "#/components/responses/Conflict"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           },
           "delete": {
            "tags": ["Connections"],
            "summary": "Delete Connection",
            "description": "Deletes a connection, and revokes its grant at the provider where the provider \#
        lets it and no other connection lives by the same grant.",
            "operationId": "delete_connection_api_v1_connections__id__delete",
            "parameters": [
             {"$ref": "#/components/parameters/ID"},
             {
              "name": "revoke",
              "in": "query",
              "required": false,
              "schema": {"type": "boolean", "default": true},
              "description": "Whether to revoke the grant at the provider."
             },
             {"$ref": "#/components/parameters/WorkspaceID"}
            ],
            "responses": {
             "200": {
              "description": "Deleted",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeleteResult"}}}
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "409": {"$ref": "#/components/responses/Conflict"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/connections/{id}/token": {
           "get": {
            "tags": ["Connections"],
            "summary": "Get Access Token",
            "description": "An access token that is good now: refreshed first when it is due.",
            "operationId": "get_access_token_api_v1_connections__id__token_get",
            "parameters": [
             {"$ref": "#/components/parameters/ID"},
             {"$ref": "#/components/parameters/WorkspaceID"}
            ],
            "responses": {
             "200": {
              "description": "The access token",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccessToken"}}}
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "409": {"$ref": "#/components/responses/Conflict"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"},
             "502": {"$ref": "#/components/responses/ProviderError"},
             "503": {"$ref": "#/components/responses/StoreUnavailable"},
             "504": {"$ref": "#/components/responses/ProviderTimeout"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/integrations": {
           "get": {
            "tags": ["Integrations"],
            "summary": "List Integrations",
            "description": "The catalog, page by page. A development server asks for no credential here.",
            "operationId": "list_integrations_api_v1_integrations_get",
            "parameters": [
             {
              "name": "limit",
              "in": "query",
              "required": false,
              "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
              "description": "The most entries to return."
             },
             {
              "name": "cursor",
              "in": "query",
              "required": false,
              "schema": {"type": "string"},
              "description": "The `next_cursor` of the page before."
             }
            ],
            "responses": {
             "200": {
              "description": "A page of integrations",
              "content": {
               "application/json": {"schema": {"$ref": "#/components/schemas/IntegrationList"}}
              }
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "414": {"$ref": "#/components/responses/URITooLong"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"}
            },
            "security": [{}, {"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/api/v1/integrations/{id}": {
           "get": {
            "tags": ["Integrations"],
            "summary": "Get Integration",
            "description": "One integration of the catalog.",
            "operationId": "get_integration_api_v1_integrations__id__get",
            "parameters": [{"$ref": "#/components/parameters/ID"}],
            "responses": {
             "200": {
              "description": "The integration",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Integration"}}}
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "404": {"$ref": "#/components/responses/NotFound"},
             "422": {"$ref": "#/components/responses/ValidationFailed"},
             "429": {"$ref": "#/components/responses/TooManyRequests"},
             "500": {"$ref": "#/components/responses/InternalError"}
            },
            "security": [{}, {"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/metrics": {
           "get": {
            "tags": ["Operations"],
            "summary": "Metrics",
            "description": "What the service counts, in Prometheus's text format.",
            "operationId": "metrics_metrics_get",
            "responses": {
             "200": {
              "description": "The metrics",
              "content": {"text/plain": {"schema": {"type": "string"}}}
             },
             "400": {"$ref": "#/components/responses/BadRequest"},
             "401": {"$ref": "#/components/responses/Unauthorized"},
             "403": {"$ref": "#/components/responses/Forbidden"},
             "429": {"$ref": "#/components/responses/TooManyRequests"}
            },
            "security": [{"DualAuthScheme": []}, {"APIKeyHeader": []}]
           }
          },
          "/healthz": {
           "get": {
            "tags": ["Operations"],
            "summary": "Healthz",
            "description": "Whether the process answers.",
            "operationId": "healthz_healthz_get",
            "responses": {"200": {"description": "It does"}},
            "security": []
           }
          },
          "/readyz": {
           "get": {
            "tags": ["Operations"],
            "summary": "Readyz",
            "description": "Whether this replica takes requests, and which of its parts are degraded.",
            "operationId": "readyz_readyz_get",
            "responses": {
             "200": {
              "description": "Ready, if perhaps degraded",
              "content": {"application/json": {"schema": {"type": "object"}}}
             },
             "503": {
              "description": "Draining, or without a key to seal with",
              "content": {"application/json": {"schema": {"type": "object"}}}
             }
            },
            "security": []
           }
          },
          "/openapi.json": {
           "get": {
            "tags": ["Operations"],
            "summary": "Openapi",
            "description": "This document.",
            "operationId": "openapi_openapi_json_get",
            "responses": {
             "200": {
              "description": "An OpenAPI 3.1 document",
              "content": {"application/json": {"schema": {"type": "object"}}}
             }
            },
            "security": []
           }
          }
         },
         "components": {
          "schemas": {
           "OAuthInitiateRequest": {
            "properties": {
             "integration_id": {"type": "string", "title": "Integration Id"},
             "auth_method_id": {"type": "string", "title": "Auth Method Id", "default": "oauth2"},
             "scopes": {
              "anyOf": [{"items": {"type": "string"}, "type": "array"}, {"type": "null"}],
              "title": "Scopes"
             },
             "redirect_uri": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Redirect Uri"},
             "params": {
              "anyOf": [{"additionalProperties": {"type": "string"}, "type": "object"}, {"type": "null"}],
              "title": "Params",
              "description": "Values for the placeholders in the integration's URLs."
             },
             "binding": {
              "anyOf": [{"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}, {"type": "null"}],
              "title": "Binding",
              "description": "SHA-256, in base64url, of a secret that stays on the app's server. With \#
        it the flow ends in a ticket, which only the holder of the secret can complete."
             },
             "connection_id": {
              "anyOf": [{"type": "string"}, {"type": "null"}],
              "title": "Connection Id",
              "description": "The connection to renew instead of making a new one."
             },
             "app_state": {
              "anyOf": [{"type": "string", "maxLength": 128}, {"type": "null"}],
              "title": "App State",
              "description": "Comes back on the redirect, unchanged."
             }
            },
            "type": "object",
            "required": ["integration_id"],
            "title": "OAuthInitiateRequest",
            "description": "Request to initiate OAuth flow."
           },
           "OAuthCompleteRequest": {
            "properties": {
             "ticket": {
              "type": "string",
              "title": "Ticket",
              "description": "As it came to the redirect URI; good for two minutes."
             },
             "binding_secret": {
              "type": "string",
              "title": "Binding Secret",
              "description": "What the binding of the initiate request is the SHA-256 of."
             }
            },
            "type": "object",
            "required": ["ticket", "binding_secret"],
            "title": "OAuthCompleteRequest",
            "description": "Request to complete an OAuth flow."
           },
           "CompletedConnection": {
            "properties": {"connection": {"$ref": "#/components/schemas/Connection"}},
            "type": "object",
            "required": ["connection"],
            "title": "CompletedConnection"
           },
           "CompletedCredentials": {
            "properties": {
             "flow_id": {"type": "string"},
             "integration_id": {"type": "string"},
             "credentials": {"$ref": "#/components/schemas/Credentials"}
            },
            "type": "object",
            "required": ["flow_id", "integration_id", "credentials"],
            "title": "CompletedCredentials",
            "description": "What a deployment without a store answers: it keeps nothing itself."
           },
           "HTTPValidationError": {
            "properties": {
             "detail": {
              "items": {"$ref": "#/components/schemas/ValidationError"},
              "type": "array",
              "title": "Detail"
             }
            },
            "type": "object",
            "title": "HTTPValidationError"
           },
           "ValidationError": {
            "properties": {
             "loc": {
              "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
              "type": "array",
              "title": "Location"
             },
             "msg": {"type": "string", "title": "Message"},
             "type": {"type": "string", "title": "Error Type"}
            },
            "type": "object",
            "required": ["loc", "msg", "type"],
            "title": "ValidationError"
           },
           "Error": {
            "properties": {
             "detail": {"type": "string", "description": "A sentence for a person."},
             "error_code": {
              "type": "string",
              "description": "What a program may act on; it does not change.",
              "examples": ["invalid_credential"]
             }
            },
            "type": "object",
            "required": ["detail", "error_code"],
            "title": "Error"
           },
           "ConnectionStatus": {
            "type": "string",
            "enum": ["active", "inactive", "testing", "error", "expired"],
            "title": "ConnectionStatus"
           },
           "Connection": {
            "properties": {
             "id": {"type": "string", "pattern": "^conn_"},
             "workspace_id": {"type": "string"},
             "user_id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "integration": {"type": "string"},
             "integration_type": {"const": "connectors"},
             "auth_method_id": {"type": "string"},
             "label": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "status": {"$ref": "#/components/schemas/ConnectionStatus"},
             "status_reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "scopes_requested": {"type": "array", "items": {"type": "string"}},
             "scopes_granted": {
              "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]
             },
             "config": {"type": "object"},
             "account": {"$ref": "#/components/schemas/Account"},
             "binding": {"type": "string", "enum": ["confirmed", "direct"]},
             "flow_id": {"type": "string"},
             "revision": {"type": "integer"},
             "created_at": {"type": "string", "format": "date-time"},
             "updated_at": {"type": "string", "format": "date-time"},
             "expires_at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
             "last_refreshed_at": {
              "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]
             },
             "credentials": {"$ref": "#/components/schemas/Credentials"}
            },
            "type": "object",
            "required": [
             "id",
             "workspace_id",
             "user_id",
             "integration",
             "integration_type",
             "auth_method_id",
             "label",
             "status",
             "status_reason",
             "scopes_requested",
             "scopes_granted",
             "config",
             "account",
             "binding",
             "flow_id",
             "revision",
             "created_at",
             "updated_at",
             "expires_at",
             "last_refreshed_at"
            ],
            "title": "Connection",
            "description": "One user's grant at one integration. `credentials` is there only when asked \#
        for."
           },
           "Account": {
            "anyOf": [
             {
              "properties": {
               "id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
               "label": {"anyOf": [{"type": "string"}, {"type": "null"}]}
              },
              "type": "object"
             },
             {"type": "null"}
            ],
            "title": "Account",
            "description": "The user's account at the provider, where the provider says which."
           },
           "Credentials": {
            "properties": {
             "access_token": {"type": "string"},
             "refresh_token": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "token_type": {"type": "string"},
             "expires_at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
             "scope": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "id_token": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "raw": {"description": "The token endpoint's own answer."}
            },
            "type": "object",
            "required": ["access_token", "token_type"],
            "title": "Credentials"
           },
           "ConnectionList": {
            "properties": {
             "data": {"type": "array", "items": {"$ref": "#/components/schemas/Connection"}},
             "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]}
            },
            "type": "object",
            "required": ["data", "next_cursor"],
            "title": "ConnectionList"
           },
           "AccessToken": {
            "properties": {
             "access_token": {"type": "string"},
             "token_type": {"type": "string"},
             "expires_at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
             "scope": {"anyOf": [{"type": "string"}, {"type": "null"}]}
            },
            "type": "object",
            "required": ["access_token", "token_type", "expires_at", "scope"],
            "title": "AccessToken"
           },
           "RefreshResult": {
            "properties": {
             "status": {"type": "string"},
             "connection_id": {"type": "string"},
             "expires_at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
            },
            "type": "object",
            "required": ["status", "connection_id", "expires_at"],
            "title": "RefreshResult"
           },
           "DeleteResult": {
            "properties": {
             "id": {"type": "string"},
             "revoked": {
              "type": "boolean",
              "description": "Whether the provider confirmed that the tokens are void."
             },
             "revocation": {
              "type": "string",
              "enum": ["revoked", "refused", "not_possible", "shared", "unknown"],
              "description": "`refused` by the provider; `not_possible` where it has no such endpoint, the client is \#
        another now, or it was not asked for; `shared` where other connections live by the same grant; `unknown` \#
        where the provider did not respond."
             },
             "others": {
              "type": "array",
              "items": {"type": "string"},
              "description": "The workspace's own connections that live by the same grant."
             }
            },
            "type": "object",
            "required": ["id", "revoked", "revocation", "others"],
            "title": "DeleteResult"
           },
           "Integration": {
            "properties": {
             "id": {"type": "string", "examples": ["gmail"]},
             "label": {"type": "string"},
             "documentation": {
              "type": "string",
              "format": "uri",
              "description": "The provider's own page."
             },
             "sandbox": {"type": "boolean"},
             "configured": {"type": "boolean", "description": "Whether a flow can begin."},
             "missing_settings": {
              "type": "array",
              "items": {"type": "string", "examples": ["integrations.gmail.client_id"]}
             },
             "redirect_uri": {
              "type": "string",
              "format": "uri",
              "description": "To be registered at the provider."
             },
             "auth_methods": {"type": "array", "items": {"type": "string"}},
             "scopes": {
              "enum": ["sent", "fixed", "none"],
              "description": "Whose scopes a flow asks for: the request's, always the defaults, or none."
             },
             "default_scopes": {"type": "array", "items": {"type": "string"}},
             "required_scopes": {
              "type": "array",
              "items": {"type": "string"},
              "description": "Added to every request's."
             },
             "pkce": {"enum": ["required", "supported", "none"]},
             "max_state_length": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
             "params": {
              "type": "array",
              "items": {"$ref": "#/components/schemas/IntegrationParameter"}
             }
            },
            "type": "object",
            "required": ["id"],
            "title": "Integration",
            "description": "A provider in the catalog."
           },
           "IntegrationParameter": {
            "properties": {
             "name": {"type": "string", "examples": ["shop"]},
             "label": {"type": "string"},
             "description": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "kind": {"enum": ["label", "host", "segment"]},
             "pattern": {
              "anyOf": [{"type": "string"}, {"type": "null"}],
              "description": "A regular expression for the whole value."
             },
             "default": {"anyOf": [{"type": "string"}, {"type": "null"}]},
             "required": {"type": "boolean"}
            },
            "type": "object",
            "required": ["name", "label", "kind", "required"],
            "title": "IntegrationParameter",
            "description": "A value for a placeholder in the integration's URLs."
           },
           "IntegrationList": {
            "properties": {
             "data": {"type": "array", "items": {"$ref": "#/components/schemas/Integration"}},
             "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]}
            },
            "type": "object",
            "required": ["data", "next_cursor"],
            "title": "IntegrationList"
           }
          },
          "securitySchemes": {
           "DualAuthScheme": {"type": "http", "scheme": "bearer"},
           "APIKeyHeader": {"type": "apiKey", "in": "header", "name": "X-API-Key"}
          },
          "parameters": {
           "WorkspaceID": {
            "name": "X-Workspace-Id",
            "in": "header",
            "required": false,
            "schema": {
             "anyOf": [{"type": "string"}, {"type": "null"}],
             "description": "The workspace ID",
             "title": "X-Workspace-Id"
            },
            "description": "The workspace ID"
           },
           "IntegrationID": {
            "name": "integration_id",
            "in": "path",
            "required": true,
            "schema": {"type": "string"},
            "description": "The integration's id in the catalog."
           },
           "ConnectionID": {
            "name": "connection_id",
            "in": "path",
            "required": true,
            "schema": {"type": "string"},
            "description": "The connection's id."
           },
           "ID": {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {"type": "string"},
            "description": "The id."
           }
          },
          "headers": {
           "RetryAfter": {
            "description": "Seconds to wait before another attempt.",
            "schema": {"type": "integer"}
           }
          },
          "responses": {
           "BadRequest": {
            "description": "No workspace chosen among several, or two credentials that differ",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "BadTicket": {
            "description": "`invalid_ticket`: forged, out of date or another's; or no workspace chosen \#
        among several, or two credentials that differ",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "Unconfirmed": {
            "description": "`binding_mismatch`: another session began this flow; or the credential does \#
        not permit this, or not in this workspace",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "FlowConflict": {
            "description": "`flow_finished`, `restart` (something that the flow began with has changed) \#
        or `account_mismatch`",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "Unauthorized": {
            "description": "No credential, or none that is valid",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "Forbidden": {
            "description": "The credential does not permit this, or not in this workspace",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "NotFound": {
            "description": "There is no such thing here",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "Conflict": {
            "description": "Not in this state: not configured, changed meanwhile, or to be connected \#
        again",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "BodyTooLarge": {
            "description": "The body is larger than the route takes",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "URITooLong": {
            "description": "The URL is too long",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "ValidationFailed": {
            "description": "Validation Error",
            "content": {
             "application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}
            }
           },
           "TooManyRequests": {
            "description": "Too many requests",
            "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "InternalError": {
            "description": "A fault of this service",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "ProviderError": {
            "description": "The provider refused or failed",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "StoreUnavailable": {
            "description": "The store can't be reached",
            "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           },
           "ProviderTimeout": {
            "description": "The provider did not answer in time",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
           }
          }
         }
        }
        """#
}
