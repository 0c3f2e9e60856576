let listed = [];

async function showIntegrations() {
    listed = (await knownIntegrations()).map((integration) => [integration, integrationEntry(integration)]);
    at("integration-list").replaceChildren(...listed.map(([, element]) => element));
    if (!listed.some(([{ configured }]) => configured)) at("find-state").value = "";
    find();
}

function find() {
    const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = at("find-state").value;
    let found = 0;
    for (const [{ id, label, aliases = [], categories = [], configured }, element] of listed) {
        const text = [id, label, ...aliases, ...categories].join(" ").toLowerCase();
        const isFound = words.every((word) => text.includes(word)) &&
            (wanted === "" || configured === (wanted === "configured"));
        element.hidden = !isFound;
        if (isFound) found += 1;
    }
    at("integrations-found").textContent = count(found, "integration", "integrations");
}

function integrationEntry(integration) {
    const { id, label, configured, connectable, missing_settings, status, checked, own_client } = integration;
    return make(
        "li",
        {},
        make(
            "details",
            {},
            make(
                "summary",
                {},
                make("span", { class: "names" }, make("span", {}, label), code(id)),
                status === "unproven" ? make("span", { class: "badge" }, "unproven") : null,
                make(
                    "span",
                    { class: configured ? "badge good" : "badge" },
                    configured ? connectable ? "ready" : "configured" : "needs a client",
                ),
            ),
            make(
                "div",
                { class: "body" },
                facts(label, [
                    [
                        "Redirect URI to register",
                        integration.redirect_uri
                            ? copyable(integration.redirect_uri)
                            : "one for each client and host",
                    ],
                    [
                        "Missing settings",
                        missing_settings.length === 0 ? null : make(
                            "ul",
                            {},
                            missing_settings.map((name) => make("li", {}, code(name))),
                        ),
                    ],
                    ["Client", configured ? own_client ? "this workspace’s own" : "the deployment’s" : null],
                    [
                        "Status of the entry",
                        status === "unproven"
                            ? "unproven: written from the provider’s documentation, never tried with it"
                            : status,
                    ],
                    ["Last checked", checked ?? null],
                    [
                        "Scopes by default",
                        integration.default_scopes.length ? code(integration.default_scopes.join(" ")) : null,
                    ],
                    [
                        "Scopes allow",
                        integration.known_scopes.length === 0 ? null : make(
                            "ul",
                            {},
                            integration.known_scopes.map(({ scope, allows }) =>
                                make("li", {}, code(scope), ` ${allows}`)
                            ),
                        ),
                    ],
                    [
                        "Parameters that a flow names",
                        integration.params.length
                            ? code(integration.params.map(({ name }) => name).join(" "))
                            : null,
                    ],
                    ["Refresh tokens", integration.refresh],
                    ["Disconnecting ends", integration.disconnecting_ends ?? "nothing at the provider"],
                    [
                        "Documentation",
                        link(integration.documentation, integration.documentation) ?? null,
                    ],
                    ["Where to register", link(integration.setup, integration.setup) ?? undefined],
                ]),
            ),
        ),
    );
}
