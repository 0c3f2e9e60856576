const home = document.getElementById("home");
const hidden = (text) => make("span", { class: "unseen" }, text);
const shortened = (text) => (text.length > 40 ? `${text.slice(0, 14)}…${text.slice(-6)}` : text);

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
