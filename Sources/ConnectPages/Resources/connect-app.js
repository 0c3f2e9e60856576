// The app's page that opened or frames this one. It speaks first, so that its origin is known, and is answered only if
// the workspace lists that origin, exactly.

function isOurs(origin) {
    return origins.includes(origin) ||
        (origins.includes("*") && /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin));
}

addEventListener("message", ({ data, origin, source }) => {
    if (data?.symbolon !== "hello" || !source || !isOurs(origin)) return;
    if (source !== window.opener && source !== window.parent) return;
    if (app && (app.source !== source || app.origin !== origin)) return;
    app = { source, origin };
    source.postMessage({ symbolon: "ready" }, origin);
    for (const words of untold.splice(0)) tell(words);
});

function tell(words) {
    if (!app) {
        untold.push(words);
        return;
    }
    const { type, ...message } = words;
    app.source.postMessage({ symbolon: type, ...message }, app.origin);
}
