const isDevelopment = "key" in page.dataset;
// The public URL as this browser sees it: a proxy may serve the service under a path.
const service = location.origin + page.dataset.path;
// In a variable alone, and gone with the tab: never in storage, in a cookie or in a URL.
let credential = null;
/// What the credential may, as the service says it.
let caller = null;
let workspace = null;
let auditContext = "";

/// An answer that comes after the operator has signed out, or chosen another workspace.
class Late extends Error {}

async function send(method, url, body) {
    const headers = { Authorization: `Bearer ${credential}` };
    if (workspace) headers["X-Workspace-Id"] = workspace;
    if (auditContext) headers["X-Audit-Context"] = auditContext;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(url, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        redirect: "error",
        cache: "no-store",
    });
    if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({})));
    return response;
}

async function call(method, path, body) {
    const [key, chosen] = [credential, workspace];
    const answer = await (await send(method, service + path, body)).json();
    if (credential !== key || workspace !== chosen) throw new Late();
    return answer;
}

function explain(error) {
    if (error instanceof Late) return "";
    if (error instanceof Refusal) {
        if (error.status === 401 && isDevelopment && credential === page.dataset.key) {
            return "The service was restarted. Reload this page.";
        }
        return error.code ? `${error.message} (${error.code})` : error.message;
    }
    if (error instanceof TypeError) return "The service cannot be reached. Is it still running?";
    throw error;
}

const may = (permission) => caller?.permissions.includes(permission) ?? false;
