const meanings = {
    response_type: "an authorization code is wanted",
    client_id: "the app’s client at the provider",
    redirect_uri: "where the provider sends the browser back to: Symbolon’s callback",
    scope: "the permissions that the app asks for",
    state: "all of the flow, sealed; the provider hands it back as it is",
    code_challenge: "the hash of a code verifier that only the state carries (PKCE)",
    code_challenge_method: "how it was hashed",
    access_type: "offline: with a refresh token",
    prompt: "what the provider asks its user again",
    nonce: "ties an ID token to this flow",
};

const providerErrors = {
    access_denied: "the user, or the provider, did not allow access",
    invalid_scope: "it does not grant what the app asked for",
    server_error: "it failed",
    temporarily_unavailable: "it is overloaded or under maintenance",
    login_required: "the user has to sign in first",
    consent_required: "the user has to consent first",
    interaction_required: "the user has to do something first",
};

const fieldNames = {
    issued_at: "issued",
    expires_at: "expires",
    integration_id: "integration",
    fingerprint: "fingerprint",
    auth_method_id: "auth method",
    workspace_id: "workspace",
    user_id: "user",
    scopes: "scopes",
    redirect_uri: "redirect URI",
    connection_id: "renews",
    app_state: "app state",
    label: "label",
    trace_id: "trace",
};

function carried(state) {
    const rows = Object.entries(fieldNames).flatMap(([field, name]) => {
        const value = Array.isArray(state[field]) ? state[field].join(" ") : state[field];
        return value ? [[name, value]] : [];
    });
    const params = Object.entries(state.params ?? {}).map(([name, value]) => [`parameter ${name}`, value]);
    const tags = Object.entries(state.tags ?? {}).map(([name, value]) => [`tag ${name}`, value]);
    if (state.binding) rows.push(["binding", "••••••••", "the hash of a secret in the user’s session"]);
    if (state.pkce) rows.push(["code verifier", "••••••••", "32 random octets; never shown"]);
    return [...rows, ...params, ...tags];
}

function stepsOf(flow) {
    const { trace, parts, keyID } = flow;
    const found = (name) => trace?.steps.findLast((step) => step.name === name);
    const url = new URL(flow.authorizationURL);
    const provider = url.host;
    const steps = [
        {
            title: "The app asked for a flow",
            words: `One request with the app’s API key, answered in ${time(flow.milliseconds)}. ` +
                "Nothing was read from a database, and nothing was written.",
            more: () => [make(
                "pre",
                {},
                code(
                    `POST ${flow.service}/api/v1/oauth/initiate\nAuthorization: Bearer sym_••••••••\n\n${flow.request}`,
                ),
            )],
        },
        {
            title: "Symbolon made an authorization URL",
            words: `It leads the user’s browser to the provider’s authorization endpoint at ${provider}.`,
            more: () => [table(
                `Parameters for ${url.origin}${url.pathname}`,
                [...url.searchParams].map(
                    ([name, value]) => [name, name === "state" ? shortened(value) : value, meanings[name]],
                ),
            )],
        },
        {
            title: "The state carries the flow",
            words:
                `${flow.state.length} characters, sealed with key ${keyID}. No row, no cookie and no cache entry ` +
                "stands for this flow: if the user never comes back, there is nothing to clean up.",
            show: () => bar(parts),
            more: () => trace ? [table("What is sealed in it", carried(trace.state))] : [],
        },
    ];
    const opened = found("opened");
    const ended = found("ended");
    const connected = found("connected") ?? (flow.connection && { connection_id: flow.connection.id });
    if (flow.problem) {
        steps.push({ title: "It stopped here", words: flow.problem, tone: "failed" });
        return steps;
    }
    if (!opened && !connected) {
        steps.push({
            title: "The provider asks its user",
            tone: "waits",
            words: flow.wasLeft
                ? "The window seems to be closed. The flow can still be finished until the state expires; otherwise " +
                    "there is nothing to clean up."
                : "Waiting for the user in the other window.",
        });
        return steps;
    }
    steps.push({
        title: "The provider asked its user",
        words: ended
            ? `The provider responded with the error ${ended.error}: ${
                providerErrors[ended.error] ?? "it ended the request"
            }.`
            : "The user agreed. The browser came back with a code and the same state.",
        tone: ended ? "failed" : null,
    });
    if (opened) {
        steps.push({
            title: "The callback opened the state",
            words: `${opened.replica} opened it with key ${opened.key_id} and checked it in ` +
                `${time(opened.milliseconds)}. Any replica that has the keyring could have done the same.`,
        });
    }
    if (ended) {
        steps.push({
            title: "Nothing was stored",
            tone: "ends",
            words: "An error claims nothing, and no request is sent. The app was told, and the flow is over.",
            more: () => hints(flow),
        });
        return steps;
    }
    if (found("handed_over")) {
        steps.push({
            title: "The app got a ticket",
            words:
                "Flow and code, sealed again: nothing was stored, and no request was sent. Only the app’s own server " +
                "can hand it in, with the secret that it keeps in this user’s session.",
            tone: found("claimed") || flow.refusal ? null : "waits",
            more: () => hints(flow),
        });
    }
    if (flow.refusal) steps.push({ title: "The ticket was rejected", words: flow.refusal, tone: "failed" });
    if (found("claimed")) {
        steps.push({
            title: "One row claimed the flow",
            words:
                "Only now was anything written, and before the code was sent anywhere: whatever crashes or " +
                "comes twice, no code is sent twice.",
        });
    }
    const request = found("token_request");
    const answer = found("token_answer");
    if (request) {
        steps.push({
            title: "The code became tokens",
            tone: answer ? null : "waits",
            words: answer
                ? `The token endpoint responded ${answer.status} after ${time(answer.milliseconds)}.`
                : "Waiting for the token endpoint.",
            more: () => [table(`POST ${request.endpoint}`, [
                ["grant_type", "authorization_code"],
                ["code", "••••••••"],
                ["client", request.authentication, "how Symbolon shows who it is"],
                ...(request.pkce
                    ? [["code_verifier", "••••••••", "out of the state; its hash was in the URL"]]
                    : []),
            ])],
        });
    }
    const failed = found("failed");
    if (failed) steps.push({ title: "No connection was made", words: failed.description, tone: "failed" });
    if (connected) {
        const connection = flow.connection;
        steps.push({
            title: "There is a connection",
            tone: "ends",
            words:
                "Its tokens lie encrypted under a keyring of their own, and are refreshed when they are due.",
            show: () =>
                connection
                    ? [table("The connection", [
                        ["id", connection.id],
                        ["account", connection.account?.label ?? null],
                        ["scopes", connection.scopes_granted.join(" ") || null],
                        ["expires", connection.expires_at, "the access token; the connection goes on"],
                    ])]
                    : [],
        });
        steps.push({
            title: "The app looks for itself",
            words: "What its redirect URI was told is a hint. The app reads the connection with its own " +
                "credential, compares the flow id, and asks for a token when it needs one.",
            more: () => [
                ...hints(flow),
                make("p", {}, "An access token, good for a minute at least:"),
                copyable(
                    `curl -s ${flow.service}/api/v1/connections/${connected.connection_id}/token \\\n` +
                        `  -H "X-API-Key: ${
                            isDevelopment ? `$(cat ${home.dataset.keyFile})` : "$SYMBOLON_API_KEY"
                        }"`,
                ),
            ],
        });
    }
    return steps;
}

const hints = (flow) =>
    flow.told
        ? [table(
            "What the redirect URI was told",
            Object.entries(flow.told).map(
                ([name, value]) => [name, name === "ticket" ? "••••••••" : value],
            ),
        )]
        : [];
