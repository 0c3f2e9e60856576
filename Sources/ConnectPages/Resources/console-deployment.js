// Each replica that has answered, the latest answer of each. Behind a load balancer they take turns.
const replicas = new Map();

async function readDeployment() {
    const deployment = await call("GET", "/api/v1/deployment");
    replicas.set(deployment.replica, deployment);
    return deployment;
}

// MARK: Keys

async function showKeys() {
    const deployment = await readDeployment();
    const seen = [...replicas.values()];
    const purposes = deployment.keyrings.map(({ purpose }) => purpose);
    const digest = ({ keyrings }, purpose) =>
        keyrings.find((ring) => ring.purpose === purpose)?.digest.slice(0, 16) ?? null;
    const isSame = seen.every((replica) =>
        purposes.every((purpose) => digest(replica, purpose) === digest(deployment, purpose))
    );
    at("rings").replaceChildren(
        ...deployment.keyrings.map((ring) => keyring(ring, deployment.now)),
        make("h3", {}, "Replicas that answered this page"),
        paragraph(
            isSame
                ? seen.length === 1
                    ? "One so far. Behind a load balancer, ask again to see another."
                    : "All of them have the same keyrings."
                : "They do not have the same keyrings: one of them has not read its files yet, or reads others.",
        ),
        table(
            "Replicas, and the first 16 digits of their keyrings’ digests",
            ["Replica", ...purposes.map((purpose) => `${purpose} keyring`), "Running since", "Answered"],
            seen.map((replica) => [
                replica.replica,
                ...purposes.map((purpose) => code(digest(replica, purpose) ?? "–")),
                time(replica.started_at),
                shortTime(replica.now),
            ]),
        ),
        make(
            "div",
            { class: "actions" },
            button("Ask again", () => attempt(showKeys), { class: "no", id: "ask-again" }),
        ),
        make(
            "p",
            { class: "quiet" },
            "Keys are made, rotated and pruned with ",
            code("symbolon keys"),
            " where their files are.",
        ),
    );
}

function keyring(ring, now) {
    const title = ring.purpose === "state" ? "For states, tickets and sessions" : "For stored credentials";
    const id = `ring-${ring.purpose}`;
    return make(
        "div",
        { class: "ring" },
        make("h3", { id }, title),
        ring.sealing_key
            ? null
            : make("p", { class: "problem" }, "No key seals. Nothing can begin until there is one."),
        ring.problem
            ? make("p", { class: "problem" }, `The file is not what is in force: ${ring.problem}.`)
            : null,
        paragraph(
            ring.next_activation
                ? ["The next key begins to seal at ", time(ring.next_activation), "."]
                : "No other key is scheduled.",
            ring.reloaded_at ? [" The file was last read again at ", time(ring.reloaded_at), "."] : [],
        ),
        timeline(ring, now),
        make(
            "p",
            { class: "quiet" },
            `A new key waits ${
                duration(ring.propagation)
            } until every replica has it, and clocks may differ by ` +
                `${duration(ring.skew)}. Digest of this replica: `,
            code(ring.digest),
        ),
    );
}

/// A key by its times: when it waits, seals, and only opens.
function spans(key, ring) {
    const { state, created, activates, superseded, may_go_from } = key;
    if (state === "disabled") return [["off", created, null]];
    const seals = activates ?? (state === "sealing" ? created : null);
    if (!seals) return [["waits", created, null]];
    const found = [];
    if (Date.parse(seals) > Date.parse(created)) found.push(["waits", created, seals]);
    if (superseded !== seals) found.push(["seals", seals, superseded]);
    if (superseded) found.push(["opens", superseded, ring.purpose === "state" ? may_go_from : null]);
    return found;
}

function keyWords({ state, created, activates, superseded, may_go_from }, ring) {
    const goes = ring.purpose === "connections"
        ? " It may be pruned once no row names it."
        : may_go_from
        ? [" It may be pruned from ", time(may_go_from), "."]
        : [];
    switch (state) {
        case "sealing":
            return [
                "Seals since ",
                time(activates ?? created),
                ...superseded ? [", until ", time(superseded), "."] : ["."],
            ];
        case "next":
            return ["Begins to seal at ", time(activates), "."];
        case "unscheduled":
            return ["Made at ", time(created), "; it waits until it is scheduled."];
        case "disabled":
            return "Authenticates nothing any more.";
        case "prunable":
            return ["Nothing needs it any more: ", code("symbolon keys prune"), " takes it out."];
        default:
            return [
                "Opens what it has sealed",
                ...superseded ? [", since ", time(superseded)] : [],
                ".",
                goes,
            ];
    }
}

function timeline(ring, now) {
    const day = 86_400_000;
    const present = Date.parse(now);
    const known = ring.keys.flatMap((key) => spans(key, ring)).flatMap(([, from, to]) => [from, to])
        .filter(Boolean).map((text) => Date.parse(text));
    // What lies far back would leave no room for what matters now.
    const begin = Math.max(Math.min(present, ...known), present - 14 * day);
    const end = Math.max(present + day, ...known);
    const place = (moment) => 100 * (Math.min(Math.max(moment, begin), end) - begin) / (end - begin);
    const bar = (key) => {
        const line = make("div", { class: "line", "aria-hidden": "true" });
        const put = (kind, from, to) => {
            const part = make("span", { class: kind });
            part.style.left = `${from}%`;
            if (to !== null) part.style.width = `${Math.max(to - from, 0)}%`;
            line.append(part);
        };
        for (const [kind, from, to] of spans(key, ring)) {
            const last = to ? Date.parse(to) : end;
            if (last > begin) put(kind, place(Date.parse(from)), place(last));
        }
        put("now", place(present), null);
        return line;
    };
    return make(
        "div",
        {},
        make(
            "ul",
            { class: "times", "aria-labelledby": `ring-${ring.purpose}` },
            ring.keys.map((key) =>
                make(
                    "li",
                    {},
                    make(
                        "p",
                        {},
                        code(key.id),
                        make(
                            "span",
                            { class: `badge ${keyStates[key.state]?.[0] ?? ""}` },
                            keyStates[key.state]?.[1] ?? key.state,
                        ),
                        make("span", {}, ...[keyWords(key, ring)].flat(2)),
                    ),
                    bar(key),
                )
            ),
        ),
        make(
            "ul",
            { class: "legend", "aria-hidden": "true" },
            [["waits", "waits"], ["seals", "seals"], ["opens", "opens only"], ["off", "disabled"], [
                "now",
                "now",
            ]]
                .map(([kind, words]) => make("li", { class: kind }, words)),
        ),
    );
}

// MARK: Webhooks

async function showWebhooks() {
    const { webhooks, store } = await readDeployment();
    if (!webhooks) {
        at("outbox").replaceChildren(paragraph(
            store === "none"
                ? "Without a store there are no webhooks."
                : "The store cannot be read now, and the webhooks are in it.",
        ));
        return;
    }
    const { waiting, oldest_seconds, dead, dead_letters } = webhooks;
    at("outbox").replaceChildren(
        paragraph(
            waiting === 0
                ? "Nothing waits to be sent."
                : `${count(waiting, "message waits", "messages wait")} to be sent` +
                    `, the oldest for ${duration(oldest_seconds)}. Those of all replicas are counted.`,
        ),
        paragraph(
            dead === 0
                ? "No message was given up."
                : `${count(dead, "message was", "messages were")} given up after the ` +
                    "last attempt or could not be read, and can be replayed for 30 days: ",
            ...dead === 0 ? [] : [
                code("symbolon webhooks replay ID"),
                "; or dropped: ",
                code("symbolon webhooks drop ID"),
                ".",
            ],
        ),
        ...dead === 0 ? [] : [
            table(
                dead > dead_letters.length
                    ? `Dead letters, the oldest ${dead_letters.length} of ${dead}`
                    : "Dead letters, the oldest first",
                ["Message", "Workspace", "Type", "About", "For", "Written", "Attempts", "Last error"],
                dead_letters.map((letter) => [
                    code(letter.id),
                    letter.workspace_id,
                    letter.type ?? "cannot be read",
                    letter.subject === null ? null : code(letter.subject),
                    letter.origin,
                    time(letter.created_at),
                    letter.attempts,
                    letter.last_error,
                ]),
            ),
        ],
    );
}

// MARK: Configuration

async function showConfiguration() {
    const deployment = await readDeployment();
    at("settings").replaceChildren(
        facts("The deployment", [
            ["Version", deployment.version],
            ["Mode", deployment.mode],
            ["Public URL", code(deployment.public_url)],
            ["Replica that answered", deployment.replica],
            ["Running since", time(deployment.started_at)],
            ["Store", deployment.store],
            ["Parts that do not work", deployment.degraded.length ? deployment.degraded.join(", ") : null],
        ]),
        paragraph(
            "What this replica began with. Secrets are masked. A setting that is not listed is not set; ",
            code("symbolon config check"),
            " says the same where the files are.",
        ),
        table(
            "Settings in force",
            ["Setting", "Value", "From"],
            deployment.settings.map(({ name, value, source }) => [code(name), value, source]),
        ),
    );
}
