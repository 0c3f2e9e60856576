let connection = null;
// The connection that was acted upon last: the operator may be at another one before the answer.
let acting = null;
// The connection that the dialog asks about.
let asked = null;

async function showConnection(id) {
    connection = null;
    const isLate = () => place().name !== "connection" || place().id !== id;
    for (const part of ["actions", "outcome", "facts", "events"]) at(part).replaceChildren();
    at("connection-title").textContent = "Connection";
    at("connection-status").textContent = "";
    at("actions-note").textContent = "";
    const path = `/api/v1/connections/${encodeURIComponent(id)}`;
    const events = call("GET", `${path}/events`);
    // One of the two tells why there is nothing; the other must not go unheard.
    events.catch(() => {});
    try {
        const found = await call("GET", path);
        if (isLate()) return;
        connection = found;
        draw();
    } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "connection_not_found") throw error;
        // What happened to a connection that is gone is there for a while longer.
        at("connection-status").textContent = `There is no connection ${id} in this workspace, or no more.`;
    }
    try {
        const { data } = await events;
        if (!isLate()) drawEvents(data);
    } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 404) throw error;
        drawEvents([]);
    }
}

async function readAgain() {
    if (connection?.id !== acting) return;
    const path = `/api/v1/connections/${acting}`;
    const [found, { data }] = await Promise.all([call("GET", path), call("GET", `${path}/events`)]);
    if (connection?.id !== acting) return;
    connection = found;
    draw();
    drawEvents(data);
}

function draw() {
    const { status, status_reason } = connection;
    at("connection-title").textContent = nameOf(connection);
    at("connection-status").replaceChildren(
        badge(status),
        ` ${statuses[status]?.[1] ?? ""}`,
        ...status_reason ? [" ", make("strong", {}, status_reason)] : [],
    );
    drawActions();
    const list = (values) => values.length === 0 ? null : code(values.join(" "));
    const pairs = (object) => {
        const found = Object.entries(object).flatMap(([name, value]) => [
            " ",
            make("bdi", {}, name),
            ":",
            make("bdi", {}, value),
        ]);
        return found.length === 0 ? null : make("code", {}, ...found.slice(1));
    };
    at("facts").replaceChildren(facts("The connection", [
        ["Connection", code(connection.id)],
        ["Integration", connection.integration],
        ["Account", connection.account ? accountWords(connection.account) : null],
        ["User", connection.user_id],
        ["Workspace", connection.workspace_id],
        ["Label", connection.label],
        ["Tags", pairs(connection.tags)],
        ["Bound to its user", bindings[connection.binding] ?? connection.binding],
        ["Scopes granted", list(connection.scopes_granted)],
        [
            "Scopes asked for, not granted",
            connection.scopes_missing?.length ? list(connection.scopes_missing) : undefined,
        ],
        ["Access token ends", time(connection.expires_at)],
        ["User must renew by", time(connection.reauthorize_by)],
        ["Last refreshed", time(connection.last_refreshed_at)],
        ["Made", time(connection.created_at)],
        ["Changed", [time(connection.updated_at), `, revision ${connection.revision}`]],
        ["Parameters", pairs(connection.config)],
        ["Auth method", code(connection.auth_method_id)],
        ["Flow", code(connection.flow_id)],
    ]));
}

const accountWords = ({ id, label, compared }) => [
    ...label && label !== id ? [label] : [],
    ...id === null ? ["not known"] : label && label !== id ? [minor(" ", code(id))] : [code(id)],
    ...compared === false ? [", not compared with the account before the last renewal"] : [],
];

function drawEvents(events) {
    at("events").replaceChildren(
        events.length === 0 ? make("p", { class: "quiet" }, "Nothing is known.") : table(
            "Events",
            ["What", "When", "Details", "By"],
            events.map(({ type, at, detail, actor }) => [
                eventNames[type] ?? type,
                time(at),
                detail,
                actorNames[actor] ?? code(actor),
            ]),
            false,
        ),
    );
}

const actions = [
    ["Test", "credentials", test],
    ["Refresh", "credentials", refresh],
    ["Renewal link", "initiate", renew],
    ["Disconnect…", "admin", ask],
];

function drawActions() {
    at("actions").replaceChildren(
        ...actions.map(([words, permission, action]) =>
            button(words, () => perform(action), {
                class: "no",
                disabled: !may(permission),
                "aria-describedby": may(permission) ? null : "actions-note",
            })
        ),
    );
    const lacking = actions.filter(([, permission]) => !may(permission))
        .map(([words, permission]) => `${words.replace("…", "")} needs ${permission}`);
    at("actions-note").textContent = lacking.length === 0
        ? ""
        : `This credential may not do everything: ${lacking.join(", ")}.`;
}

async function perform(action) {
    const buttons = at("actions").querySelectorAll("button:not(:disabled)");
    for (const element of buttons) element.disabled = true;
    acting = connection.id;
    conclude("", "One moment…");
    try {
        await action();
    } catch (error) {
        conclude("bad", explain(error));
        if (error.status === 401) leave(explain(error));
        // What failed may have changed its status.
        else await attempt(readAgain);
    } finally {
        for (const element of buttons) element.disabled = false;
    }
}

function conclude(tone, ...children) {
    if (connection?.id !== acting) return;
    at("outcome").className = tone;
    at("outcome").replaceChildren(
        ...children.map((child) => typeof child === "string" ? paragraph(child) : child),
    );
}

async function test() {
    const { ok, detail, error_code } = await call("POST", `/api/v1/connections/${connection.id}/test`);
    const isUntested = error_code === "not_testable";
    conclude(
        ok ? "good" : isUntested ? "" : "bad",
        `${ok ? "It works." : isUntested ? "It cannot be tried." : "It does not work."} ${detail}`,
        ...error_code && !isUntested ? [paragraph(code(error_code))] : [],
    );
    await readAgain();
}

async function refresh() {
    const { status, expires_at } = await call("POST", `/api/v1/oauth/refresh/${connection.id}`);
    conclude(
        status === "active" ? "good" : "bad",
        paragraph(
            status === "active" ? "Refreshed. " : `Its status is ${status} now. `,
            ...expires_at ? ["The access token ends ", time(expires_at), "."] : [],
        ),
    );
    await readAgain();
}

async function renew() {
    const { id, integration, auth_method_id, config, scopes_requested } = connection;
    const known = (await knownIntegrations()).find((entry) => entry.id === integration);
    const params = Object.fromEntries(
        (known?.params ?? []).map(({ name }) => [name, config[name]]).filter(([, value]) => value),
    );
    const request = { integration_id: integration, auth_method_id, connection_id: id };
    if (scopes_requested.length > 0) request.scopes = scopes_requested;
    if (Object.keys(params).length > 0) request.params = params;
    const { auth_url } = await call("POST", "/api/v1/oauth/initiate", request);
    conclude(
        "good",
        "Send this link to the connection’s user. It works once, for a few minutes, and renews this connection only " +
            "if the user signs in to the same account.",
        copyable(auth_url),
    );
}

/// Other connections of the same account: all of the user's, and those among the newest of the integration. The answer to
/// the disconnecting itself names those that the same grant serves.
async function sharers() {
    const { id, integration, account, user_id } = connection;
    if (!account?.id) return null;
    const path = `/api/v1/connections?limit=1000&integration=${encodeURIComponent(integration)}`;
    const lists = await Promise.all([
        call("GET", path),
        user_id ? call("GET", `${path}&user_id=${encodeURIComponent(user_id)}`) : { data: [] },
    ]);
    const found = lists.flatMap(({ data }) => data)
        .filter((other) => other.id !== id && other.account?.id === account.id);
    return {
        others: [...new Map(found.map((other) => [other.id, other])).values()],
        isComplete: lists[0].next_cursor === null,
    };
}

const links = (connections) =>
    make(
        "ul",
        {},
        connections.map((other) =>
            make("li", {}, make("a", { href: `#connection/${other.id}` }, nameOf(other)))
        ),
    );

const ends = {
    token: "A revocation there ends this connection’s tokens alone.",
    grant: "A revocation there ends all that this account granted to the app.",
    client: "A revocation there ends all that this account granted to the app.",
};

async function ask() {
    const shared = await sharers();
    const others = shared?.others;
    const known = (await knownIntegrations()).find(({ id }) => id === connection?.integration);
    if (connection?.id !== acting) return;
    asked = acting;
    const isRevocable = Boolean(known?.disconnecting_ends);
    conclude("");
    at("ask-title").replaceChildren("Disconnect ", make("bdi", {}, nameOf(connection)), "?");
    at("ask-words").replaceChildren(
        paragraph(
            "Its credentials are deleted here, and no app gets a token of it any more. This cannot be undone: its user has " +
                "to connect again.",
        ),
        paragraph(
            isRevocable
                ? `Symbolon asks the provider to revoke the grant. ${ends[known.disconnecting_ends] ?? ""}`
                : "The provider has no way to revoke the grant. Its user can remove the app’s access there.",
        ),
        ...!others
            ? [paragraph(
                "The provider named no account, so that other connections of it cannot be told beforehand.",
            )]
            : others.length === 0
            ? [
                paragraph(
                    shared.isComplete
                        ? "No other connection of this workspace is of the same account."
                        : "No other connection of this user, and none of the newest 1000 of this integration, is of the same account.",
                ),
            ]
            : [
                paragraph(
                    `${
                        count(others.length, "other connection is", "other connections are")
                    } of the same account. ` +
                        "Symbolon leaves a grant at the provider that another connection lives by, and that one goes on:",
                ),
                links(others),
            ],
    );
    at("ask-revokes").checked = isRevocable;
    at("ask-revokes").parentElement.hidden = !isRevocable;
    at("ask").showModal();
    at("ask-no").focus();
}

async function disconnect() {
    const revokes = at("ask-revokes").parentElement.hidden || at("ask-revokes").checked;
    at("ask").close();
    const id = asked;
    // The dialog's words are about another one: nothing is done.
    if (connection?.id !== id) return;
    await perform(async () => {
        const { revocation, others } = await call("DELETE", `/api/v1/connections/${id}?revoke=${revokes}`);
        if (connection?.id !== id) return;
        at("actions").replaceChildren();
        at("actions-note").textContent = "";
        at("connection-status").textContent = "It is no more. What happened to it stays here for 30 days.";
        conclude(
            "good",
            revokes
                ? `Disconnected. ${revocations[revocation] ?? revocation}`
                : "Disconnected. The grant was left.",
            ...others.length === 0 ? [] : [
                paragraph(
                    `${count(others.length, "connection lives", "connections live")} by the same grant:`,
                ),
                links(others.map((id) => ({ id }))),
            ],
        );
        const { data } = await call("GET", `/api/v1/connections/${id}/events`);
        if (connection?.id === id) drawEvents(data);
    });
    at("connection-title").focus();
}
