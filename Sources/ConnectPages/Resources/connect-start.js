at("find").addEventListener("input", find);
at("category").addEventListener("input", find);
at("one-form").addEventListener("submit", submit);
at("back").addEventListener("click", back);
at("more").addEventListener("click", back);
at("again").addEventListener("click", () => begin());
at("here").addEventListener("click", () => location.assign(flow.url));
at("done").addEventListener("click", () => {
    finished?.close();
    tell({ type: "close" });
});
at("over-again").addEventListener("click", () => load(true));
at("ask-no").addEventListener("click", () => at("ask").close());
if (token) load(false);
else {
    at("over-title").textContent = say("error_session_title");
    at("over-words").textContent = say("error_link");
    at("over-again").hidden = true;
    show("over");
}
