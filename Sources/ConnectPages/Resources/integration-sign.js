// The operator's picture where there is one, else the first letter.
function sign({ label, logo }) {
    if (!logo) return make("span", { class: "sign", "aria-hidden": "true" }, [...label][0].toUpperCase());
    return make("img", { class: "sign picture", src: new URL(logo).pathname, alt: "", loading: "lazy" });
}
