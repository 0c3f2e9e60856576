const page = document.getElementById("connect");
const texts = JSON.parse(page.dataset.texts);
const service = location.origin + page.dataset.path;
// The app's origins. `*` stands for all of this machine, and is there in development mode only.
const origins = page.dataset.origins.split(" ").filter(Boolean);
// It stays in this variable: never in storage, in a cookie or in the address bar.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname + location.search);

const isFramed = window.parent !== window;
const lookEvery = 1500;
const lookFor = 15 * 60 * 1000;

let integrations = [];
let connections = [];
// What the session allows; `null` for any other credential.
let session = null;
// A session may be made by a key that reads no connections. Its page cannot tell how a flow ended.
let mayRead = true;
// The flow that the user is in.
let flow = null;
// The window of the flow before.
let finished = null;
let app = null;
// What happened before the app spoke.
const untold = [];

function say(key, values = {}) {
    return texts[key].replace(
        /\{(\w+)\}/g,
        (_, name) => name === "app" ? page.dataset.app : values[name] ?? "",
    );
}

function button(words, label, attributes, action) {
    const element = make("button", { type: "button", "aria-label": label, ...attributes }, words);
    element.addEventListener("click", action);
    return element;
}

function show(view, title) {
    for (const id of ["opening", "over", "all", "one"]) at(id).hidden = id !== view;
    if (title) at(title).focus();
}

class Refusal extends Error {
    constructor(status, answer) {
        const issue = Array.isArray(answer.detail) ? answer.detail[0] : null;
        super(issue?.msg ?? `status ${status}`);
        this.status = status;
        this.code = answer.error_code ?? issue?.type ?? `http_${status}`;
        this.field = issue?.loc[1] === "params" ? issue.loc[2] : null;
        // Where the operator publishes the documentation, the code's section of it.
        this.documentation = answer.documentation;
    }
}

async function call(method, path, body) {
    const response = await fetch(service + path, {
        method,
        headers: {
            Authorization: `Bearer ${token}`,
            ...(body ? { "Content-Type": "application/json" } : {}),
        },
        body: body ? JSON.stringify(body) : undefined,
        credentials: "omit",
        redirect: "error",
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refusal(response.status, answer);
    return answer;
}

/// What to do about an error, in the user's language.
function explain(error, name) {
    if (!(error instanceof Refusal)) return say("error_offline");
    switch (error.code) {
        case "integration_not_configured":
        case "integration_not_found":
            return say("error_setup", { name });
        case "binding_required":
        case "redirect_uri_required":
            return say("error_confirm");
        case "access_denied":
            return say("error_denied", { name });
        case "connection_not_found":
        case "invalid_connection_id":
            return say("error_gone");
    }
    if (error.status === 401) return say("error_session");
    if (error.status === 403) return say("error_forbidden");
    if (error.status === 429) return say("error_busy");
    return say("error_other");
}

const codeOf = (error) => error instanceof Refusal ? error.code : "unreachable";

/// What an error is called, as a link to its description where there is one.
function named(error) {
    const words = say("error_code", { code: codeOf(error) });
    if (!error.documentation) return words;
    return make("a", { href: error.documentation, target: "_blank", rel: "noopener noreferrer" }, words);
}

/// Nothing on this page works any more, or not yet.
function end(error) {
    const isOver = error instanceof Refusal && error.status === 401;
    at("over-title").textContent = say(isOver ? "error_session_title" : "title");
    at("over-words").textContent = explain(error, "");
    at("over-code").replaceChildren(named(error));
    at("over-again").hidden = isOver;
    show("over", "over-title");
    tell({ type: "error", code: codeOf(error), message: at("over-words").textContent });
}
