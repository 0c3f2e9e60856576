const home = document.getElementById("home");
const at = (id) => document.getElementById(id);

function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
        if (value !== null && value !== undefined && value !== false) {
            element.setAttribute(key, value === true ? "" : value);
        }
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
    return make(
        "div",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption },
        make(
            "table",
            {},
            make("caption", {}, caption),
            make(
                "tbody",
                {},
                rows.map(([name, value, words]) =>
                    make(
                        "tr",
                        {},
                        make("th", { scope: "row" }, name),
                        make(
                            "td",
                            {},
                            value === null ? make("em", {}, "none") : code(String(value)),
                            words ? make("span", { class: "meaning" }, words) : null,
                        ),
                    )
                ),
            ),
        ),
    );
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

function say(words) {
    at("said").textContent = words;
}
