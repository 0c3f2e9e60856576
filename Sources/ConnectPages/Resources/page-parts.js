const code = (text) => make("code", {}, text);
const link = (url, ...children) =>
    /^https?:\/\//.test(url ?? "") ? make("a", { href: url, rel: "noreferrer" }, ...children) : null;

function copyable(text) {
    const copy = make("button", { type: "button" }, "Copy");
    copy.addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText(text);
            say("Copied.");
            copy.textContent = "Copied";
        } catch {
            say("This browser does not let the page copy. Select the text instead.");
        }
    });
    return make("div", { class: "copyable" }, make("pre", {}, code(text)), copy);
}

/// Tells people who use a screen reader what has happened.
function say(words) {
    at("said").textContent = words;
}

class Refusal extends Error {
    constructor(status, answer) {
        const issues = Array.isArray(answer.detail) ? answer.detail : null;
        const details = issues?.map(({ loc, msg }) => `${loc.slice(1).join(".")}: ${msg}`).join("; ");
        super(details ?? answer.detail ?? `The service answered ${status}.`);
        this.status = status;
        this.code = answer.error_code ?? issues?.[0]?.type ?? "";
    }
}
