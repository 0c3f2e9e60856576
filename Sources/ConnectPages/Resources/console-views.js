const views = {
    connections: { label: "Connections", needs: ["read"], show: () => listConnections() },
    connection: {
        label: "The connection",
        needs: ["read"],
        show: (id) => showConnection(id),
        part: "connections",
    },
    integrations: { label: "Integrations", needs: ["read"], show: () => showIntegrations() },
    keys: { label: "Keys", needs: ["operate"], show: () => showKeys() },
    activity: { label: "Activity", needs: ["operate"], show: () => showActivity() },
    webhooks: { label: "Webhooks", needs: ["operate"], show: () => showWebhooks() },
    configuration: { label: "Configuration", needs: ["operate"], show: () => showConfiguration() },
};

/// Runs something that asks the API, and says where it is seen if that fails.
async function attempt(action) {
    at("problem").textContent = "";
    try {
        await action();
    } catch (error) {
        show(error);
    }
}

function show(error) {
    const words = explain(error);
    if (error.status === 401 && caller) leave(words);
    else at("problem").textContent = words;
}

/// What the address's fragment names. It never holds a credential.
function place() {
    const [name, id] = location.hash.slice(1).split("/");
    const isKnown = Object.hasOwn(views, name) && (name !== "connection" || id);
    return isKnown ? { name, id: id && decodeURIComponent(id) } : { name: "connections" };
}

async function go(isFirst) {
    if (!caller) return;
    if (at("ask").open) at("ask").close();
    const { name, id } = place();
    const { needs, show, label, part } = views[name];
    const isAllowed = needs.some(may);
    for (const view of Object.keys(views)) at(view).hidden = view !== name || !isAllowed;
    for (const tab of at("sections").querySelectorAll("a")) {
        if (tab.hash === `#${part ?? name}`) tab.setAttribute("aria-current", "page");
        else tab.removeAttribute("aria-current");
    }
    at("denied").hidden = isAllowed;
    if (!isAllowed) {
        at("denied-title").textContent = label;
        at("denied-words").textContent =
            `This credential may not see this. It takes the permission ${needs.join(" or ")}, and it has ` +
            `${caller.permissions.join(", ")}.`;
    }
    if (!isFirst) at(isAllowed ? `${name}-title` : "denied-title").focus();
    if (isAllowed) await attempt(() => show(id));
    else at("problem").textContent = "";
}

// MARK: Signing in

async function enter(key) {
    auditContext = at("audit-context").value.trim();
    if (!/^[!-~]+$/.test(key) || !/^[ -~]*$/.test(auditContext)) {
        throw new Refusal(0, { detail: "It has characters that cannot be sent." });
    }
    credential = key;
    workspace = null;
    try {
        caller = await call("GET", "/api/v1/credential");
    } catch (error) {
        credential = null;
        throw error;
    }
    const { id, workspaces, permissions, expires_at } = caller;
    // One that is for several has to say which.
    if (workspaces.length > 1) workspace = workspaces[0];
    at("workspace").replaceChildren(...workspaces.map((name) => make("option", {}, name)));
    at("who-workspace").hidden = workspaces.length < 2;
    const isOwn = isDevelopment && key === page.dataset.key;
    at("who-words").replaceChildren(
        ...isOwn ? ["With the page’s own key"] : ["With ", code(id)],
        `, which may ${permissions.join(", ")}`,
        ...workspaces.length === 1
            ? [" in ", code(workspaces[0])]
            : workspaces.length === 0
            ? [" in no workspace"]
            : [],
        ...expires_at ? [", until ", time(expires_at)] : [],
        ...isOwn ? [". For more, use the key in ", code(page.dataset.keyFile)] : [],
        ".",
    );
    at("leave").textContent = isOwn ? "Use another key" : "Sign out";
    catalog = null;
    listed = [];
    cursors = [null];
    replicas.clear();
    at("sign-in").hidden = true;
    at("open").hidden = false;
}

/// Forgets the credential and all that was read with it.
function leave(words = "") {
    credential = null;
    caller = null;
    workspace = null;
    connection = null;
    catalog = null;
    listed = [];
    replicas.clear();
    endAsking();
    if (at("ask").open) at("ask").close();
    for (
        const part of [
            "list",
            "actions",
            "outcome",
            "facts",
            "events",
            "integration-list",
            "rings",
            "figures",
            "outbox",
            "settings",
            "who-words",
            "activity-words",
            "workspace",
            "integration-ids",
        ]
    ) at(part).replaceChildren();
    at("filters").reset();
    at("open").hidden = true;
    at("sign-in").hidden = false;
    at("key-problem").textContent = words;
    at("key-back").hidden = !isDevelopment;
    at("key-text").focus();
}
