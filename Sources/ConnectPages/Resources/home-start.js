async function open() {
    try {
        await listIntegrations();
        at("key").hidden = true;
        at("ready").hidden = false;
        await listConnections();
        return true;
    } catch (error) {
        at("key-problem").textContent = explain(error);
        return false;
    }
}

at("find").addEventListener("input", find);
at("category").addEventListener("input", find);
at("key-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    credential = at("key-text").value.trim();
    workspace = at("key-workspace").value.trim() || null;
    at("key-problem").textContent = "";
    if (await open()) {
        at("key-text").value = "";
        at("find").focus();
    } else {
        credential = null;
        at("key-text").focus();
    }
});

let opened = Promise.resolve();
if (!takeHints()) {
    if (isDevelopment) opened = open();
    at("key").hidden = isDevelopment;
}
