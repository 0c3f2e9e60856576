const page = document.getElementById("console");
const minor = (...children) => make("span", { class: "minor" }, ...children);
const paragraph = (...children) => make("p", {}, ...children);

function button(words, action, attributes = {}) {
    const element = make("button", { type: "button", ...attributes }, words);
    element.addEventListener("click", action);
    return element;
}

/// A table whose columns have names. A phone shows each row as a list of names and values.
function table(caption, names, rows, isCaptionSeen = true) {
    return make(
        "div",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption },
        make(
            "table",
            {},
            make("caption", { class: isCaptionSeen ? null : "unseen" }, caption),
            make("thead", {}, make("tr", {}, names.map((name) => make("th", { scope: "col" }, name)))),
            make(
                "tbody",
                {},
                rows.map(([first, ...others]) =>
                    make(
                        "tr",
                        {},
                        make("th", { scope: "row" }, first),
                        others.map((value, index) =>
                            make(
                                "td",
                                {
                                    "data-name": names[index + 1],
                                    class: typeof value === "number" ? "figure" : null,
                                },
                                value === null ? "–" : typeof value === "number" ? String(value) : value,
                            )
                        ),
                    )
                ),
            ),
        ),
    );
}

/// Names and values, one beside the other. What is `undefined` is left out, what is `null` is none.
function facts(caption, rows) {
    return make(
        "div",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption },
        make(
            "table",
            { class: "facts" },
            make("caption", { class: "unseen" }, caption),
            make(
                "tbody",
                {},
                rows.filter(([, value]) => value !== undefined).map(([name, value]) =>
                    make(
                        "tr",
                        {},
                        make("th", { scope: "row" }, name),
                        make("td", {}, value === null || value === "" ? make("em", {}, "none") : value),
                    )
                ),
            ),
        ),
    );
}
