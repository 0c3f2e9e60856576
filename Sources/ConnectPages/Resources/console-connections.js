const pageSize = 50;
// The cursors of the pages before this one; the first page has none.
let cursors = [null];
let nextCursor = null;
// The listing under way: an older one that ends later is not shown.
let listing = 0;
let catalog = null;

/// All integrations by their labels, asked for once.
function knownIntegrations() {
    if (catalog === null) {
        const asked = callAll("/api/v1/integrations?limit=1000").then(
            (found) => found.sort((a, b) => a.label.localeCompare(b.label)),
            (error) => {
                // Unless somebody else has signed in meanwhile, and asked.
                if (catalog === asked) catalog = null;
                throw error;
            },
        );
        catalog = asked;
    }
    return catalog;
}

const utc = (local) => local ? new Date(local).toISOString().replace(/\.\d+Z$/, "Z") : "";

function filters() {
    const chosen = {
        integration: at("by-integration").value.trim(),
        status: at("by-status").value,
        user_id: at("by-user").value.trim(),
        label: at("by-label").value,
        tag: at("by-tag").value.trim(),
        expires_before: utc(at("by-expiry").value),
        reauthorize_before: utc(at("by-renewal").value),
    };
    return new URLSearchParams(Object.entries(chosen).filter(([, value]) => value !== ""));
}

async function listConnections() {
    if (may("read")) {
        knownIntegrations().then((known) =>
            at("integration-ids").replaceChildren(
                ...known.filter(({ configured }) => configured)
                    .map(({ id, label }) => make("option", { value: id }, label)),
            )
        ).catch(show);
    }
    const query = filters();
    const isFiltered = query.size > 0;
    query.set("limit", pageSize);
    const cursor = cursors.at(-1);
    if (cursor) query.set("cursor", cursor);
    listing += 1;
    const own = listing;
    // A plus sign is a plus sign to the service, and no space.
    const text = query.toString().replaceAll("+", "%20");
    const { data, next_cursor } = await call("GET", `/api/v1/connections?${text}`);
    if (own !== listing) return;
    nextCursor = next_cursor;
    const first = (cursors.length - 1) * pageSize;
    at("found").textContent = data.length === 0
        ? isFiltered ? "No connection matches." : "There is no connection yet."
        : `Connections ${first + 1} to ${first + data.length}, the newest first`;
    say(at("found").textContent);
    at("list").replaceChildren(
        ...data.length === 0 ? [] : [
            table(
                "List of connections",
                ["Account", "Integration", "User", "Status", "Token ends", "Made"],
                data.map(row),
                false,
            ),
        ],
    );
    at("pages").hidden = cursors.length === 1 && !nextCursor;
    at("previous").disabled = cursors.length === 1;
    at("next").disabled = !nextCursor;
}

const nameOf = ({ account, label, id }) => [account?.label, account?.id, label].find(isVisible) ?? id;

function row(connection) {
    const { id, integration, label, user_id, status, status_reason, expires_at, created_at } = connection;
    const name = nameOf(connection);
    return [
        [
            make("a", { href: `#connection/${id}` }, name),
            isVisible(label) && label !== name ? minor(label) : null,
            name === id ? null : minor(id),
        ],
        integration,
        user_id,
        [badge(status), status_reason ? minor(" ", status_reason) : null],
        shortTime(expires_at),
        shortTime(created_at),
    ];
}

async function search(event) {
    event?.preventDefault();
    const id = at("by-id").value.trim();
    if (id) {
        location.hash = `#connection/${encodeURIComponent(id)}`;
        return;
    }
    cursors = [null];
    await attempt(listConnections);
}

async function turn(isForward) {
    if (isForward) cursors.push(nextCursor);
    else cursors.pop();
    await attempt(listConnections);
    at("connections-title").focus();
    at("connections-title").scrollIntoView();
}
