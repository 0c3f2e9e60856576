const isDevelopment = "key" in home.dataset;
// The public URL as this browser sees it: a proxy may serve the service under a path.
const service = location.origin + home.dataset.path;
// In production the user types it in, and it is gone with the tab: it is never put into storage, a cookie or a URL.
let credential = home.dataset.key ?? null;
let workspace = null;

async function call(method, path, body, type = "application/json") {
    const headers = {};
    if (credential) headers.Authorization = `Bearer ${credential}`;
    if (workspace) headers["X-Workspace-Id"] = workspace;
    if (body !== undefined) headers["Content-Type"] = type;
    const began = performance.now();
    const response = await fetch(service + path, {
        method,
        headers,
        body,
        credentials: "omit",
        redirect: "error",
    });
    const milliseconds = performance.now() - began;
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refusal(response.status, answer);
    return { answer, milliseconds };
}

function explain(error) {
    if (error instanceof Refusal && error.status === 401 && isDevelopment) {
        return "The service was restarted. Reload this page.";
    }
    if (error instanceof Refusal) return error.message;
    return "The service cannot be reached. Is it still running?";
}

const time = (milliseconds) =>
    milliseconds < 1
        ? `${Math.max(1, Math.round(milliseconds * 1000))} µs`
        : `${Math.round(milliseconds)} ms`;
