"""What schemathesis is told about this service, so that it comes further than the first check."""

import schemathesis

# Every third request keeps the integration that was generated for it.
_calls = iter(range(1 << 62))


@schemathesis.hook
def map_body(context, body):
    """Flows are begun at the sandbox, which is configured and leaves the machine alone."""
    if isinstance(body, dict) and "integration_id" in body and next(_calls) % 3:
        body["integration_id"] = "sandbox"
        body["auth_method_id"] = "oauth2"
        if not isinstance(body.get("params"), (dict, type(None))) or body.get("params"):
            body["params"] = {}
    return body


@schemathesis.hook
def map_path_parameters(context, parameters):
    """Callbacks come to the sandbox, for a state of it is of use nowhere else."""
    if parameters and "integration_id" in parameters and next(_calls) % 3:
        parameters["integration_id"] = "sandbox"
    return parameters
