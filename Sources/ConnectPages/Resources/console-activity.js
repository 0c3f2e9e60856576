const sampleEvery = 15_000;
const keptFor = 3_600_000;
// Samples of the counters of this replica, an hour of them at most.
let samples = [];
let restarts = 0;
let sampling = null;
let samplingProblem = null;

const flowCounters = [
    ["symbolon_initiates_total", "Flows begun"],
    ["symbolon_sessions_total", "Connect sessions made"],
    ["symbolon_callbacks_total", "Callbacks from providers"],
    ["symbolon_confirmations_total", "Answers on the confirmation page"],
    ["symbolon_completions_total", "Flows completed by apps’ servers"],
    ["symbolon_exchanges_total", "Codes exchanged"],
    ["symbolon_connections_made_total", "Connections made or renewed"],
    ["symbolon_imports_total", "Connections imported"],
    ["symbolon_refreshes_total", "Refreshes"],
    ["symbolon_credential_reads_total", "Tokens handed out by the API"],
    ["symbolon_disconnects_total", "Disconnections"],
    ["symbolon_webhooks_total", "Webhooks"],
];

const refusalCounters = [
    ["symbolon_access_refusals_total", "Requests without a credential that permits them"],
    ["symbolon_initiates_total", "Flows not begun"],
    ["symbolon_callbacks_total", "Callbacks that ended without a connection"],
    ["symbolon_callback_refusals_total", "Of these, why the state was rejected"],
    ["symbolon_ticket_refusals_total", "Tickets that completed nothing"],
    ["symbolon_completions_total", "Completions refused or failed"],
    ["symbolon_exchanges_total", "Exchanges refused or failed"],
    ["symbolon_refreshes_total", "Refreshes refused or failed"],
    ["symbolon_credential_reads_total", "Tokens not handed out"],
    ["symbolon_webhooks_total", "Webhooks not delivered at that attempt"],
];

/// Reads Prometheus's text format: the counters of ours, each series by its name and labels.
function counters(text) {
    const found = new Map();
    for (const line of text.split("\n")) {
        const parts = /^(symbolon_\w+_total)(?:\{(.*)\})? (\S+)$/.exec(line);
        if (!parts) continue;
        const labels = {};
        for (const [, name, value] of (parts[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
            labels[name] = value.replace(/\\(.)/g, (_, character) => character === "n" ? "\n" : character);
        }
        found.set(line.slice(0, line.lastIndexOf(" ")), { name: parts[1], labels, value: Number(parts[3]) });
    }
    return found;
}

const mayMeasure = () => page.dataset.path === "" && may("operate");

async function sample() {
    try {
        // Never under the public URL's path, where another service of the same origin might be asked.
        const text = await (await send("GET", `${location.origin}/metrics`)).text();
        const next = counters(text);
        const last = samples.at(-1)?.counters;
        if (last && [...last].some(([key, { value }]) => (next.get(key)?.value ?? 0) < value)) {
            samples = [];
            restarts += 1;
        }
        const now = Date.now();
        samples = [...samples.filter(({ at }) => now - at <= keptFor), { at: now, counters: next }];
        samplingProblem = null;
    } catch (error) {
        samplingProblem = error instanceof Refusal && error.status === 404
            ? "This address does not show the service’s metrics: a proxy before it may keep them inside."
            : explain(error);
    }
    if (!at("activity").hidden) drawActivity();
}

function beginSampling() {
    endSampling();
    if (!mayMeasure()) return;
    sample();
    sampling = setInterval(sample, sampleEvery);
}

function endSampling() {
    clearInterval(sampling);
    sampling = null;
    samples = [];
    restarts = 0;
    samplingProblem = null;
}

async function showActivity() {
    if (samples.length === 0 && mayMeasure()) await sample();
    drawActivity();
}

/// What a kind of series came to: in the samples, and since the replica began.
function sum(match) {
    const first = samples[0]?.counters ?? new Map();
    const last = samples.at(-1)?.counters ?? new Map();
    let recent = 0;
    let total = 0;
    for (const [key, { name, labels, value }] of last) {
        if (!match(name, labels)) continue;
        recent += value - (first.get(key)?.value ?? 0);
        total += value;
    }
    return [recent, total];
}

function drawActivity() {
    if (page.dataset.path !== "") {
        at("activity-words").textContent =
            "The figures are those of /metrics, which is never served under the path of a " +
            "public URL. Read them where your Prometheus does.";
        at("figures").replaceChildren();
        return;
    }
    if (samples.length === 0) {
        at("activity-words").textContent = samplingProblem ?? "One moment…";
        at("figures").replaceChildren();
        return;
    }
    const seconds = Math.round((samples.at(-1).at - samples[0].at) / 1000);
    at("activity-words").replaceChildren(
        ...samples.length < 2
            ? ["These are the counters of the replica that answered, asked for once so far. "]
            : [
                `What one replica counted in ${duration(seconds)}, since `,
                time(new Date(samples[0].at).toISOString().replace(/\.\d+Z$/, "Z")),
                ", and since it started. ",
            ],
        `This page asks every ${sampleEvery / 1000} seconds while it is open, and keeps an hour. `,
        restarts > 0
            ? "A counter went back meanwhile, because another replica answered or this one started again, and the figures " +
                "started again. "
            : "",
        "Other replicas are not in these figures; Prometheus has them all. ",
        samplingProblem ? `The last time nothing came: ${samplingProblem}` : "",
    );
    const isGood = ({ outcome }) => outcome === undefined || outcome === "success" || outcome === "delivered";
    const names = ["", "While this page looked", "Since the replica started"];
    const reasons = new Map();
    for (const { name, labels } of samples.at(-1).counters.values()) {
        const words = refusalCounters.find(([counter]) => counter === name)?.[1];
        if (!words || (isGood(labels) && labels.outcome !== undefined) || labels.outcome === "pending") {
            continue;
        }
        const reason = labels.reason || labels.outcome || "";
        reasons.set(`${words}\n${reason}`, [words, reason, name]);
    }
    const refusals = [...reasons.values()].map(([words, reason, name]) => [
        words,
        reason,
        ...sum((counter, labels) =>
            counter === name && (labels.reason || labels.outcome || "") === reason &&
            !(isGood(labels) && labels.outcome !== undefined) && labels.outcome !== "pending"
        ),
    ]).filter(([, , , total]) => total > 0).sort((a, b) => b[2] - a[2] || b[3] - a[3]);
    at("figures").replaceChildren(
        table(
            "Done",
            ["What", ...names.slice(1)],
            flowCounters.map(([counter, words]) => [
                words,
                ...sum((name, labels) => name === counter && isGood(labels)),
            ]),
        ),
        refusals.length === 0 ? paragraph("Nothing was refused, and nothing failed.") : table(
            "Refused or failed",
            ["What", "Reason", ...names.slice(1)],
            refusals.map(([words, reason, ...numbers]) => [words, code(reason), ...numbers]),
        ),
    );
}
