const askEvery = 15_000;
// What the replica that answered last has counted.
let activity = null;
let asking = null;
let askingProblem = null;

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

async function readActivity() {
    try {
        activity = await readDeployment();
        askingProblem = null;
    } catch (error) {
        askingProblem = explain(error);
    }
    if (!at("activity").hidden) drawActivity();
}

function endAsking() {
    clearInterval(asking);
    asking = null;
    activity = null;
    askingProblem = null;
}

async function showActivity() {
    asking ??= setInterval(() => at("activity").hidden || readActivity(), askEvery);
    await readActivity();
}

/// What a kind of series came to: in the last hour, and since the replica began.
function sum(match) {
    let [recent, total] = [0, 0];
    for (const counter of activity.activity.counters) {
        if (!match(counter.name, counter.labels)) continue;
        recent += counter.recent;
        total += counter.total;
    }
    return [recent, total];
}

function drawActivity() {
    if (activity === null) {
        at("activity-words").textContent = askingProblem ?? "One moment…";
        at("figures").replaceChildren();
        return;
    }
    at("activity-words").replaceChildren(
        `What ${activity.replica} counted since `,
        time(activity.activity.since),
        ", an hour at most, and since it started, ",
        time(activity.started_at),
        `. This page asks again every ${askEvery / 1000} seconds. `,
        "Other replicas are not in these figures; Prometheus has them all. ",
        askingProblem ? `The last time nothing came: ${askingProblem}` : "",
    );
    const isGood = ({ outcome }) => outcome === undefined || outcome === "success" || outcome === "delivered";
    const names = ["", "In the last hour", "Since the replica started"];
    const reasons = new Map();
    for (const { name, labels } of activity.activity.counters) {
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
