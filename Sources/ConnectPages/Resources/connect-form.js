// One service: what it has to know, the other window, and what came of it.

function choose(integration, connection) {
    flow = { integration, connection, params: {} };
    const asked = (integration.params ?? []).filter(({ name }) => !(name in (connection?.config ?? {})));
    for (const { name } of integration.params ?? []) {
        if (connection?.config?.[name]) flow.params[name] = connection.config[name];
    }
    if (asked.length === 0) {
        begin();
        return;
    }
    at("one-fields").replaceChildren(...asked.flatMap(field));
    draw({
        title: say("connect_name", { name: integration.label }),
        words: say("form_words", { name: integration.label }),
        hasForm: true,
    });
}

function field(parameter) {
    const id = `field-${parameter.name}`;
    const isRequired = parameter.required !== false;
    const hints = [
        parameter.description,
        parameter.example ? say("example", { example: parameter.example }) : null,
    ].filter(Boolean).map((words) => make("span", {}, words));
    const attributes = {
        id,
        name: parameter.name,
        required: isRequired,
        "aria-describedby": `${id}-note ${id}-problem`,
    };
    const control = parameter.choices?.length
        ? make(
            "select",
            attributes,
            parameter.default ? null : make("option", { value: "" }, say("choose")),
            ...parameter.choices.map((choice) =>
                make("option", { value: choice.id, selected: choice.id === parameter.default }, choice.label)
            ),
        )
        : make("input", {
            ...attributes,
            value: parameter.default,
            autocomplete: "off",
            autocapitalize: "none",
            spellcheck: "false",
        });
    const words = parameter.label ?? parameter.name;
    control.addEventListener("change", () => check(parameter, control));
    return [
        make("label", { for: id }, isRequired ? words : `${words} (${say("optional")})`),
        control,
        make("p", { id: `${id}-note`, class: "note" }, hints),
        // Announced at once, since after Enter in a field the focus is there already.
        make("p", { id: `${id}-problem`, class: "problem", role: "alert" }),
    ];
}

/// What was typed, as the service takes it: of an address that was pasted whole, its host.
function value(parameter, control) {
    const text = control.value.trim();
    if (parameter.kind !== "host" && parameter.kind !== "label") return text;
    const host = text.replace(/^https?:\/\//i, "").replace(/[/?#].*$/s, "").toLowerCase();
    // `acme.shop.example` where `acme` is asked for: the example shows that there is no dot.
    return parameter.kind === "label" && !text.includes(" ") ? host.split(".")[0] : host;
}

const forms = {
    label: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i,
    host: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
    segment: /^[\w.~-]+$/,
    url: /^(https:\/\/)?[^\s/?#@]+\.[^\s?#@]+$/i,
};

function fits(parameter, text) {
    if (forms[parameter.kind] && !forms[parameter.kind].test(text)) return false;
    if (!parameter.pattern) return true;
    try {
        return new RegExp(`^(?:${parameter.pattern})$`).test(text);
    } catch {
        // The service knows the pattern's language better than this browser does, and judges in any case.
        return true;
    }
}

function check(parameter, control) {
    const text = value(parameter, control);
    let problem = "";
    if (text === "") {
        if (parameter.required !== false) problem = say("field_missing");
    } else if (!fits(parameter, text)) {
        problem = wrong(parameter);
    }
    mark(control, problem);
    return problem ? null : text;
}

const wrong = ({ example }) => say(example ? "field_wrong_example" : "field_wrong", { example });

function mark(control, problem) {
    at(`${control.id}-problem`).textContent = problem;
    if (problem) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
}

function submit(event) {
    event.preventDefault();
    let first = null;
    for (const parameter of flow.integration.params) {
        const control = at(`field-${parameter.name}`);
        if (!control) continue;
        const text = check(parameter, control);
        if (text === null) first ??= control;
        else if (text === "") delete flow.params[parameter.name];
        else flow.params[parameter.name] = text;
    }
    if (first) first.focus();
    else begin();
}
