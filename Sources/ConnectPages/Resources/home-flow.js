const channel = new BroadcastChannel("symbolon");
const storageKey = "symbolon-flow";
let current = null;

async function begin(integration, { params, scopes, isConfirmed, isHere }) {
    const request = { integration_id: integration.id };
    if (scopes.length > 0) request.scopes = scopes;
    if (Object.keys(params).length > 0) request.params = params;
    // Only development mode lets every address of this machine be a redirect URI, this page's included.
    if (isDevelopment) request.redirect_uri = `${service}/`;
    // Opened at once, while the click still counts; without an opener, so that the provider cannot navigate this page.
    const popup = isHere ? null : window.open("about:blank", "", "popup,width=560,height=760");
    if (popup) popup.opener = null;
    try {
        // What an app keeps in its user's session. A ticket is worth nothing without it.
        const secret = isConfirmed ? base64url(crypto.getRandomValues(new Uint8Array(32))) : null;
        if (secret) request.binding = await digest(secret);
        const body = JSON.stringify(request, null, 2);
        const { answer, milliseconds } = await call("POST", "/api/v1/oauth/initiate", body);
        const flow = {
            label: integration.label,
            request: body,
            milliseconds,
            service,
            secret,
            authorizationURL: answer.auth_url,
            state: answer.state,
            ...dissected(answer.state),
        };
        if (!popup && isDevelopment) {
            // The state is of no use without a credential; the credential itself is not kept.
            sessionStorage.setItem(storageKey, JSON.stringify(flow));
            location.assign(answer.auth_url);
            return;
        }
        if (!popup) throw new Error("blocked");
        popup.location.replace(answer.auth_url);
        follow(flow, popup);
    } catch (error) {
        popup?.close();
        throw error.message === "blocked"
            ? new Refusal(0, { detail: "The browser did not open a window. Allow this page to open one." })
            : error;
    }
}

async function digest(text) {
    return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/// The app's part in confirm mode. The response is the connection, which the page looks up like any other.
async function complete(flow) {
    if (!flow.secret || flow.told.status !== "confirm") return;
    const body = JSON.stringify({ ticket: flow.told.ticket, binding_secret: flow.secret });
    flow.secret = null;
    try {
        await call("POST", "/api/v1/oauth/complete", body);
    } catch (error) {
        flow.refusal = explain(error);
    }
}

function follow(flow, popup) {
    if (current) clearTimeout(current.timer);
    current = flow;
    flow.popup = popup;
    flow.isNew = true;
    at("flow").hidden = false;
    at("flow-name").textContent = flow.label;
    look(flow);
}

/// Asks for what happened meanwhile, and again until the flow is over.
async function look(flow) {
    try {
        if (isDevelopment) {
            flow.trace = (await call("POST", "/development/flow", flow.state, "text/plain")).answer;
            const made = flow.trace.steps.findLast((step) => step.name === "connected");
            if (made && !flow.connection) {
                flow.connection = (await call("GET", `/api/v1/connections/${made.connection_id}`)).answer;
            }
        } else {
            const { answer } = await call("GET", "/api/v1/connections?limit=20");
            flow.connection = answer.data.find((connection) => connection.flow_id === flow.flowID);
        }
    } catch (error) {
        flow.problem = explain(error);
    }
    if (flow !== current) return;
    flow.wasLeft = flow.popup?.closed ?? false;
    const steps = stepsOf(flow);
    draw(steps);
    const isOver = flow.problem || flow.connection ||
        flow.trace?.steps.some((step) => step.name === "ended" || step.name === "failed");
    if (!isOver) {
        if (flow.refusal) return;
        flow.timer = setTimeout(look, isDevelopment ? 500 : 2000, flow);
        return;
    }
    // The popup's last page tells what its redirect URI was told; after it there is nothing to wait for.
    if (isDevelopment && !flow.told && !flow.problem && !flow.isLast) {
        flow.isLast = true;
        flow.timer = setTimeout(look, 700, flow);
    }
    if (flow.isOver) return;
    flow.isOver = true;
    at("flow-title").focus();
    await listConnections();
}

function draw(steps) {
    const list = at("steps");
    steps.forEach((step, index) => {
        const show = step.show?.() ?? [];
        const more = step.more?.() ?? [];
        const sign = JSON.stringify([step.title, step.words, step.tone, show.length, more.length]);
        const old = list.children[index];
        if (old?.dataset.sign === sign) return;
        const wasOpen = old?.querySelector("details")?.open ?? false;
        const item = make(
            "li",
            { class: step.tone, "data-sign": sign },
            make("h3", {}, step.title),
            make("p", {}, step.words),
            ...show,
            more.length > 0
                ? make(
                    "details",
                    { open: wasOpen },
                    make("summary", {}, "Look closer", hidden(`: ${step.title}`)),
                    ...more,
                )
                : null,
        );
        if (old) old.replaceWith(item);
        else list.append(item);
    });
    while (list.children.length > steps.length) list.lastChild.remove();
    const last = steps.at(-1);
    const words = `Step ${steps.length}: ${last.title}.`;
    if (at("said").textContent !== words) say(words);
}

// What the page's own redirect URI is told. Anybody can write such an address, so it is no more than a hint: it
// is shown only for the flow that this page began, and what came of it is asked with the credential.
channel.addEventListener("message", ({ data }) => {
    if (!current || data?.flow_id !== current.flowID) return;
    current.told = data;
    current.popup?.close();
    clearTimeout(current.timer);
    complete(current).then(() => look(current));
});

function takeHints() {
    const told = Object.fromEntries(new URLSearchParams(location.search));
    if (!told.flow_id) return false;
    history.replaceState(null, "", location.pathname);
    const kept = sessionStorage.getItem(storageKey);
    sessionStorage.removeItem(storageKey);
    const flow = kept ? JSON.parse(kept) : null;
    if (flow?.flowID === told.flow_id) {
        flow.told = told;
        // What has the focus at its end must be on the page by then.
        complete(flow).then(() => opened).then(() => follow(flow, null));
        return false;
    }
    channel.postMessage(told);
    at("returned").hidden = false;
    home.hidden = true;
    at("returned").focus();
    return true;
}
