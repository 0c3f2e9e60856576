// All services, and those that are connected.

const nameOf = (id) => integrations.find((integration) => integration.id === id)?.label ?? id;
const categoryOf = (category) => texts[`category.${category}`] ?? category;
const plain = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();

/// Somebody may have asked for it again, by a button that is gone then: the focus needs another place.
async function load(isAgain) {
    show("opening");
    try {
        [integrations, connections] = await Promise.all([
            callAll("/api/v1/integrations?limit=1000&connectable=true", (answer) => session = answer.session),
            listConnections(),
        ]);
        connections = ours(connections);
        if (isRepair() && connections.length === 0) {
            throw new Refusal(404, { error_code: "connection_not_found" });
        }
    } catch (error) {
        end(error);
        return;
    }
    at("add").hidden = isRepair();
    integrations.sort((a, b) => a.label.localeCompare(b.label));
    const categories = [...new Set(integrations.flatMap((integration) => integration.categories ?? []))];
    at("category").replaceChildren(
        make("option", { value: "" }, say("all_categories")),
        ...categories
            .map((category) => [category, categoryOf(category)])
            .sort(([, a], [, b]) => a.localeCompare(b))
            .map(([category, words]) => make("option", { value: category }, words)),
    );
    at("integrations").replaceChildren(...integrations.map(card));
    at("search").hidden = integrations.length < 6;
    find();
    showConnections();
    show("all", isAgain ? "title" : null);
}

/// Whether there is one connection to renew, and nothing else to do.
const isRepair = () => mayRead && Boolean(session?.connection_id);

const ours = (found) => isRepair() ? found.filter(({ id }) => id === session.connection_id) : found;

async function listConnections() {
    try {
        return await callAll("/api/v1/connections?limit=1000");
    } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 403) throw error;
        mayRead = false;
        return [];
    }
}

function card(integration) {
    const { id, label, aliases = [], categories = [] } = integration;
    const words = categories.map(categoryOf);
    integration.text = plain([id, label, ...aliases, ...categories, ...words].join(" "));
    integration.element = make(
        "li",
        {},
        button(
            sign(integration),
            null,
            { "data-id": id },
            () => choose(integration, null),
        ),
    );
    integration.element.firstChild.append(make("span", {}, label));
    return integration.element;
}

function find() {
    const words = plain(at("find").value).split(/\s+/).filter(Boolean);
    const category = at("category").value;
    let count = 0;
    for (const { text, categories = [], element } of integrations) {
        const isFound = words.every((word) => text.includes(word)) &&
            (!category || categories.includes(category));
        element.hidden = !isFound;
        if (isFound) count += 1;
    }
    const key = integrations.length === 0
        ? "none"
        : count === 0
        ? "found_none"
        : count === 1
        ? "found_one"
        : "found";
    at("found").textContent = say(key, { count });
}

function showConnections() {
    at("connections").hidden = connections.length === 0;
    at("connection-list").replaceChildren(...connections.map((connection) => {
        const name = nameOf(connection.integration);
        const account = [connection.account?.label, connection.label].find(isVisible);
        const full = account ? `${name}, ${account}` : name;
        const isWhole = connection.status === "active";
        const integration = integrations.find(({ id }) => id === connection.integration);
        return make(
            "li",
            { "data-id": connection.id },
            make(
                "span",
                { class: "names" },
                make("b", {}, name),
                account ? make("span", {}, account) : null,
            ),
            make(
                "span",
                { class: isWhole ? "badge" : "badge broken" },
                say(isWhole ? "connected" : "broken"),
            ),
            make(
                "span",
                { class: "actions" },
                integration
                    ? button(
                        say("renew"),
                        say("renew_name", { name: full }),
                        { class: isWhole ? "no" : null, value: "renew" },
                        () => choose(integration, connection),
                    )
                    : null,
                session?.disconnect === false ? null : button(
                    say("disconnect"),
                    say("disconnect_name", { name: full }),
                    { class: "no", value: "disconnect" },
                    () => ask(connection, full),
                ),
            ),
        );
    }));
}

function ask(connection, name) {
    at("ask-title").textContent = say("disconnect_title", { name });
    at("ask-yes").onclick = async () => {
        at("ask").close();
        at("connection-problem").textContent = "";
        try {
            await call("DELETE", `/api/v1/connections/${connection.id}`);
            connections = connections.filter(({ id }) => id !== connection.id);
            showConnections();
            at("said").textContent = say("disconnected", { name });
            at(connections.length > 0 ? "connections-title" : "integrations-title").focus();
        } catch (error) {
            if (error instanceof Refusal && error.status === 401) return end(error);
            at("connection-problem").textContent = explain(error, name);
        }
    };
    at("ask").showModal();
    at("ask-no").focus();
}
