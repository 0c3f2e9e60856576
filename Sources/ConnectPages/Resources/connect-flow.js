/// Opens the other window at once, while the click still counts, and leads it to the provider once its URL is known.
async function begin() {
    const mine = flow;
    clearTimeout(mine.timer);
    mine.popup?.close();
    const popup = window.open("about:blank", "", "popup,width=560,height=760");
    // Without an opener the provider cannot navigate this page.
    if (popup) popup.opener = null;
    mine.popup = popup;
    const { integration, connection, params } = mine;
    const name = integration.label;
    draw({ title: say("waiting_title", { name }), words: "", isWaiting: true });
    try {
        const request = { integration_id: integration.id };
        if (Object.keys(params).length > 0) request.params = params;
        if (connection) request.connection_id = connection.id;
        const answer = await call("POST", "/api/v1/oauth/initiate", request);
        mine.url = answer.auth_url;
        mine.id = flowID(answer.state);
        mine.begun = Date.now();
        if (mine !== flow) {
            popup?.close();
            return;
        }
        if (popup) popup.location.replace(mine.url);
        drawWaiting(mine);
        if (popup) look(mine);
    } catch (error) {
        popup?.close();
        if (mine === flow) fail(error);
    }
}

/// The flow's name stands open in its state: 16 octets before the last 16.
function flowID(state) {
    const octets = atob(state.replaceAll("-", "+").replaceAll("_", "/"));
    return btoa(octets.slice(-32, -16)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function drawWaiting(mine) {
    const name = mine.integration.label;
    if (!mine.popup) {
        draw({
            title: say("waiting_title", { name }),
            words: say(isFramed ? "blocked_frame" : "blocked_words"),
            answers: isFramed ? ["again"] : ["again", "here"],
        });
    } else if (mine.isClosed) {
        draw({
            title: say(mayRead ? "closed_title" : "waiting_title", { name }),
            words: mayRead ? say("closed_words") : say("closed_unread", { name }),
            answers: ["again"],
        });
    } else {
        draw({
            title: say("waiting_title", { name }),
            words: say("waiting_words", { name }),
            isWaiting: true,
        });
    }
}

/// What the other window's page says went wrong, if it is a page of ours again; any other page cannot be read.
function failure(popup) {
    try {
        return popup.document.body.dataset.error;
    } catch {
        return null;
    }
}

/// Asks whether there is a connection of this flow, until there is one or it can no longer come.
async function look(mine) {
    if (mine !== flow) return;
    // Some providers cut the tie to their window, which then looks closed: so this goes on after it, too.
    const wasClosed = mine.popup.closed;
    try {
        const found = mayRead ? await listConnections() : [];
        if (mine !== flow) return;
        const made = found.find((connection) => connection.flow_id === mine.id);
        if (made) {
            connections = ours(found);
            succeed(mine, made);
            return;
        }
    } catch (error) {
        if (mine !== flow) return;
        if (error instanceof Refusal && error.status === 401) {
            end(error);
            return;
        }
    }
    const code = failure(mine.popup);
    if (code) {
        mine.popup.close();
        fail(new Refusal(0, { error_code: code }));
        return;
    }
    if (Date.now() - mine.begun > lookFor) {
        const name = mine.integration.label;
        draw({
            title: say(mayRead ? "closed_title" : "waiting_title", { name }),
            words: mayRead ? say("late_words") : say("late_unread", { name }),
            answers: ["again"],
        });
        return;
    }
    if (wasClosed && !mine.isClosed) {
        mine.isClosed = true;
        drawWaiting(mine);
    }
    mine.timer = setTimeout(look, lookEvery, mine);
}

function succeed(mine, connection) {
    flow = null;
    // The app's own page may be in the other window, and is given the time to load.
    finished = mine.popup;
    setTimeout(() => mine.popup?.close(), 2000);
    const name = mine.integration.label;
    const account = connection.account?.label;
    showConnections();
    draw({
        title: say("done_title", { name }),
        words: [
            account ? say("done_account", { account }) : null,
            say("done_words"),
            app ? null : say("close_words"),
        ].filter(Boolean).join(" "),
        tone: "good",
        answers: [...(app ? ["done"] : []), ...(isRepair() ? [] : ["more"])],
    });
    tell({ type: "connected", connectionID: connection.id, integrationID: connection.integration });
}

function fail(error) {
    const name = flow.integration.label;
    if (error instanceof Refusal && error.status === 401) {
        end(error);
        return;
    }
    const control = error.field ? at(`field-${error.field}`) : null;
    if (control) {
        draw({
            title: say("connect_name", { name }),
            words: say("form_words", { name }),
            hasForm: true,
        });
        mark(control, wrong(flow.integration.params.find((parameter) => parameter.name === error.field)));
        control.focus();
        return;
    }
    const words = explain(error, name);
    draw({
        title: say("error_title", { name }),
        words,
        error,
        tone: "bad",
        answers: ["again"],
    });
    tell({ type: "error", code: codeOf(error), message: words, integrationID: flow.integration.id });
}

function draw({ title, words, error, tone, hasForm = false, isWaiting = false, answers = [] }) {
    const isNew = at("one-title").textContent !== title || at("one").hidden;
    const wasFocused = document.activeElement;
    at("one").className = tone ?? "";
    at("one-title").textContent = title;
    at("one-words").textContent = words;
    at("one-code").replaceChildren(...(error ? [named(error)] : []));
    at("one-form").hidden = !hasForm;
    at("one-waits").hidden = !isWaiting;
    at("one-answers").hidden = answers.length === 0;
    for (const id of ["again", "here", "done", "more"]) at(id).hidden = !answers.includes(id);
    show("one");
    // A button that is gone takes the focus with it.
    if (isNew || !wasFocused.checkVisibility()) at("one-title").focus();
    at("said").textContent = words;
}

function back() {
    if (flow) clearTimeout(flow.timer);
    const id = flow?.integration.id;
    flow = null;
    show("all");
    const card = id ? document.querySelector(`#integrations button[data-id="${CSS.escape(id)}"]`) : null;
    (card?.checkVisibility() ? card : at("integrations-title")).focus();
}
