/// The one script there is, for the page at `/`: a client of the API like any other, which shows what it does.
///
/// It builds the page from text nodes alone, so that no answer becomes markup, and a policy of trusted types holds it to
/// that. It talks to its own origin only. Windows of its own find each other by a broadcast channel, which does not
/// leave the origin, and a window that goes to a provider has no opener: no message can reach another site's page.
enum HomeScript {
    /// As a content security policy names it.
    static let hash = ContentHash.source(of: text)

    static let text = """
        "use strict";
        (() => {
        \([document, calls, state, steps, flow, integrations, start].joined(separator: "\n"))
        })();

        """

    /// Elements and words.
    private static let document = #"""
        const home = document.getElementById("home");
        const at = (id) => document.getElementById(id);

        function make(name, attributes, ...children) {
            const element = document.createElement(name);
            for (const [key, value] of Object.entries(attributes ?? {})) {
                if (value !== null && value !== undefined && value !== false)
                    element.setAttribute(key, value === true ? "" : value);
            }
            element.append(...children.flat().filter((child) => child !== null && child !== undefined));
            return element;
        }

        const code = (text) => make("code", {}, text);
        const hidden = (text) => make("span", { class: "unseen" }, text);
        const shortened = (text) => (text.length > 40 ? `${text.slice(0, 14)}…${text.slice(-6)}` : text);
        const link = (url, ...children) =>
            /^https?:\/\//.test(url ?? "") ? make("a", { href: url, rel: "noreferrer" }, ...children) : null;

        function table(caption, rows) {
            return make("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption },
                make("table", {}, make("caption", {}, caption), make("tbody", {}, rows.map(([name, value, words]) =>
                    make("tr", {}, make("th", { scope: "row" }, name),
                        make("td", {}, value === null ? make("em", {}, "none") : code(String(value)),
                            words ? make("span", { class: "meaning" }, words) : null))))));
        }

        function copyable(text) {
            const button = make("button", { type: "button", class: "plain" }, "Copy");
            button.addEventListener("click", async () => {
                try {
                    await navigator.clipboard.writeText(text);
                    say("Copied.");
                    button.textContent = "Copied";
                } catch {
                    say("This browser does not let the page copy. Select the text instead.");
                }
            });
            return make("div", { class: "copyable" }, make("pre", {}, code(text)), button);
        }

        function say(words) { at("said").textContent = words; }
        """#

    /// The API.
    private static let calls = #"""
        const isDevelopment = "key" in home.dataset;
        // In production it is typed in, and gone with the tab: no storage, no cookie and no URL ever has it.
        let credential = home.dataset.key ?? null;
        let workspace = null;

        class Refusal extends Error {
            constructor(status, answer) {
                const details = Array.isArray(answer.detail)
                    ? answer.detail.map(({ loc, msg }) => `${loc.slice(1).join(".")}: ${msg}`).join("; ")
                    : answer.detail;
                super(details ?? `The service answered ${status}.`);
                this.status = status;
            }
        }

        async function call(method, path, body, type = "application/json") {
            const headers = {};
            if (credential) headers.Authorization = `Bearer ${credential}`;
            if (workspace) headers["X-Workspace-Id"] = workspace;
            if (body !== undefined) headers["Content-Type"] = type;
            const began = performance.now();
            const response = await fetch(path, { method, headers, body, credentials: "omit", redirect: "error" });
            const milliseconds = performance.now() - began;
            const answer = await response.json().catch(() => ({}));
            if (!response.ok) throw new Refusal(response.status, answer);
            return { answer, milliseconds };
        }

        function explain(error) {
            if (error instanceof Refusal && error.status === 401 && isDevelopment)
                return "The service was started anew. Reload this page.";
            if (error instanceof Refusal) return error.message;
            return "The service cannot be reached. Is it still running?";
        }

        const time = (milliseconds) =>
            milliseconds < 1 ? `${Math.max(1, Math.round(milliseconds * 1000))} µs` : `${Math.round(milliseconds)} ms`;
        """#

    /// What can be seen of a state without its key: the layout and the names in it.
    private static let state = #"""
        const base64url = (octets) =>
            btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

        function dissected(text) {
            const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
            const octets = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
            return {
                keyID: Array.from(octets.slice(1, 5), (octet) => octet.toString(16).padStart(2, "0")).join(""),
                flowID: base64url(octets.slice(-32, -16)),
                parts: [
                    ["version", 1], ["key id", 4], ["random IV", 16],
                    ["the flow, encrypted", octets.length - 53], ["tag", 32],
                ],
            };
        }

        function bar(parts) {
            const blocks = parts.map(([, count], index) => {
                const block = make("span", { class: `part-${index}` });
                block.style.flexGrow = count;
                return block;
            });
            const names = parts.map(([name, count], index) =>
                make("li", { class: `part-${index}` }, `${name} `, make("b", {}, String(count))));
            return [make("div", { class: "bar", "aria-hidden": "true" }, blocks),
                make("ul", { class: "legend", "aria-label": "The state’s octets" }, names)];
        }
        """#
}
