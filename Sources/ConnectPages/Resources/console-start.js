at("sections").replaceChildren(
    ...Object.entries(views).filter(([, { part }]) => !part)
        .map(([name, { label }]) => make("li", {}, make("a", { href: `#${name}` }, label))),
);
at("sign-in-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    at("key-problem").textContent = "";
    try {
        await enter(at("key-text").value.trim());
    } catch (error) {
        at("key-problem").textContent = explain(error);
        at("key-text").focus();
        return;
    }
    at("key-text").value = "";
    await go();
});
at("key-back").addEventListener("click", () => begin(page.dataset.key));
at("leave").addEventListener("click", () => leave());
at("workspace").addEventListener("change", () => {
    workspace = at("workspace").value;
    catalog = null;
    cursors = [null];
    if (place().name === "connection") location.hash = "#connections";
    else go(true);
});
at("filters").addEventListener("submit", search);
at("clear").addEventListener("click", () => {
    at("filters").reset();
    search();
});
at("previous").addEventListener("click", () => turn(false));
at("next").addEventListener("click", () => turn(true));
at("find").addEventListener("input", find);
at("find-state").addEventListener("change", find);
at("ask-no").addEventListener("click", () => at("ask").close());
at("ask-yes").addEventListener("click", disconnect);
addEventListener("hashchange", () => go());

async function begin(key) {
    at("key-problem").textContent = "";
    try {
        await enter(key);
        await go(true);
    } catch (error) {
        at("sign-in").hidden = false;
        at("key-problem").textContent = explain(error);
    }
}

if (isDevelopment) begin(page.dataset.key);
else at("sign-in").hidden = false;
