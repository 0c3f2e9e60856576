let integrations = [];

// A provider's own sandbox is another thing: it needs a client, too.
const isBuiltIn = ({ id }) => id === "sandbox";

async function listIntegrations() {
    integrations = [];
    let cursor = null;
    do {
        const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const { answer } = await call("GET", `/api/v1/integrations?limit=1000${query}`);
        integrations.push(...answer.data);
        cursor = answer.next_cursor;
    } while (cursor);
    // What works at once comes first, and the sandbox before it all.
    const rank = (integration) =>
        isBuiltIn(integration) ? 0 : integration.configured ? 1 : integration.status === "unproven" ? 3 : 2;
    integrations.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label));
    at("integrations").replaceChildren(...integrations.map(entry));
    offerCategories();
    find();
}

// `project-management`, as a person would write it.
function categoryName(category) {
    if (category.length < 4) return category.toUpperCase();
    return category[0].toUpperCase() + category.slice(1).replaceAll("-", " ");
}

function offerCategories() {
    const found = new Set(integrations.flatMap(({ categories = [] }) => categories));
    at("category").replaceChildren(
        make("option", { value: "" }, "All"),
        ...[...found].sort().map((category) => make("option", { value: category }, categoryName(category))),
    );
}

function find() {
    const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const category = at("category").value;
    let count = 0;
    integrations.forEach((integration, index) => {
        const { id, label, aliases = [], categories = [] } = integration;
        const text = [id, label, ...aliases, ...categories, ...categories.map(categoryName)].join(" ")
            .toLowerCase();
        const isFound = words.every((word) => text.includes(word)) &&
            (!category || categories.includes(category));
        at("integrations").children[index].hidden = !isFound;
        if (isFound) count += 1;
    });
    at("found").textContent = count === 1 ? "1 integration" : `${count} integrations`;
}

function entry(integration, index) {
    const badge = isBuiltIn(integration) ? "built in" : integration.configured ? "ready" : "needs a client";
    return make(
        "li",
        {},
        make(
            "details",
            { name: "integration", open: index === 0 },
            make(
                "summary",
                {},
                sign(integration),
                make(
                    "span",
                    { class: "names" },
                    make("span", { class: "label" }, integration.label),
                    code(integration.id),
                    make(
                        "span",
                        { class: "quiet" },
                        (integration.categories ?? []).map(categoryName).join(", "),
                    ),
                ),
                make("span", { class: integration.configured ? "badge ready" : "badge" }, badge),
            ),
            integration.configured ? form(integration) : registration(integration),
        ),
    );
}

function form(integration) {
    const parameters = integration.params ?? [];
    const fields = parameters.map((parameter) => {
        const id = `param-${integration.id}-${parameter.name}`;
        const note = parameter.description ? `${id}-note` : null;
        return [
            make("label", { for: id }, parameter.label ?? parameter.name),
            parameter.choices?.length ? choices(id, parameter, note) : make("input", {
                id,
                name: parameter.name,
                pattern: parameter.pattern,
                value: parameter.default,
                placeholder: parameter.example,
                required: !parameter.default,
                autocomplete: "off",
                autocapitalize: "none",
                spellcheck: "false",
                "aria-describedby": note,
            }),
            note ? make("p", { id: note, class: "quiet" }, parameter.description) : null,
        ];
    });
    const scopesID = `scopes-${integration.id}`;
    const confirmID = `confirm-${integration.id}`;
    const problem = make("p", { class: "problem", role: "alert" });
    const buttons = make(
        "div",
        { class: "answers" },
        make("button", { type: "submit", value: "popup" }, "Connect", hidden(` ${integration.label}`)),
        isDevelopment ? make("button", { type: "submit", value: "here", class: "no" }, "In this tab") : null,
    );
    const form = make(
        "form",
        {},
        ...fields.flat(),
        make(
            "details",
            { class: "inner" },
            make("summary", {}, "More"),
            make("label", { for: scopesID }, "Scopes to ask for, separated by spaces"),
            make("input", {
                id: scopesID,
                autocomplete: "off",
                spellcheck: "false",
                autocapitalize: "none",
                placeholder: (integration.default_scopes ?? []).join(" "),
            }),
            make("p", { class: "quiet" }, "Left empty: the integration’s defaults."),
            isDevelopment
                ? make(
                    "label",
                    { class: "choice" },
                    make("input", { type: "checkbox", id: confirmID }),
                    make("span", {}, "Confirm mode: only the session that began the flow can complete it"),
                )
                : null,
        ),
        problem,
        buttons,
    );
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        problem.textContent = "";
        const params = Object.fromEntries(
            parameters
                .map(({ name }) => [name, form.elements.namedItem(name).value.trim()])
                .filter(([, value]) => value !== ""),
        );
        const scopes = at(scopesID).value.split(/\s+/).filter(Boolean);
        try {
            const isConfirmed = at(confirmID)?.checked ?? false;
            const isHere = event.submitter?.value === "here";
            await begin(integration, { params, scopes, isConfirmed, isHere });
        } catch (error) {
            problem.textContent = explain(error);
        }
    });
    return form;
}

function choices(id, parameter, note) {
    const options = parameter.choices.map((choice) =>
        make("option", { value: choice.id, selected: choice.id === parameter.default }, choice.label)
    );
    if (!parameter.default) options.unshift(make("option", { value: "" }, "Choose one"));
    return make(
        "select",
        { id, name: parameter.name, required: !parameter.default, "aria-describedby": note },
        ...options,
    );
}

/// What to do for an integration that has no client yet.
function registration(integration) {
    const missing = integration.missing_settings ??
        ["client_id", "client_secret"].map((name) => `integrations.${integration.id}.${name}`);
    const exports = missing.map((setting) => {
        const [, name, note] = /^(\S+)(.*)$/.exec(setting);
        const variable = `SYMBOLON_${name}`.toUpperCase().replace(/[.-]/g, "_");
        return `export ${variable}=…${note ? `  #${note}` : ""}`;
    });
    const uri = integration.redirect_uri;
    const hosts = integration.params.filter(({ kind }) => kind === "host" || kind === "url")
        .map(({ name }) => ` --param ${name}=…`);
    const where = link(integration.documentation, "its documentation says where") ??
        document.createTextNode("its documentation says where");
    return make(
        "div",
        { class: "registration" },
        make(
            "p",
            {},
            `Register a client of yours at ${integration.label} (`,
            where,
            uri
                ? ") with this redirect URI:"
                : "). Each client and host has a redirect URI of its own. Once the client is configured, this says it:",
        ),
        copyable(uri ?? `symbolon integrations show ${integration.id}${hosts.join("")}`),
        make("p", {}, "Then start the service again with what it needs to know:"),
        copyable(exports.join("\n")),
    );
}

async function listConnections() {
    const { answer } = await call("GET", "/api/v1/connections?limit=20");
    at("connections").hidden = answer.data.length === 0;
    at("connection-list").replaceChildren(
        ...answer.data.map((connection) =>
            make(
                "li",
                {},
                make(
                    "span",
                    { class: "label" },
                    connection.account?.label ?? connection.label ?? connection.integration,
                ),
                code(connection.id),
                make(
                    "span",
                    { class: connection.status === "active" ? "badge ready" : "badge" },
                    `${connection.integration}, ${connection.status}`,
                ),
            )
        ),
    );
}
