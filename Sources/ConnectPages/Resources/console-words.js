const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const distance = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const units = [
    ["year", 31_557_600],
    ["month", 2_629_800],
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
];

function fromNow(text) {
    const seconds = (Date.parse(text) - Date.now()) / 1000;
    const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
    return distance.format(Math.round(seconds / size), unit);
}

/// A time in this browser's zone and how far away it is; the title has it in UTC.
function time(text) {
    if (!text) return null;
    return make(
        "time",
        { datetime: text, title: text },
        `${moment.format(new Date(text))} (${fromNow(text)})`,
    );
}

/// The time alone, where the room is small.
function shortTime(text) {
    if (!text) return null;
    return make("time", { datetime: text, title: text }, fromNow(text));
}

const count = (number, one, many) => number === 1 ? `1 ${one}` : `${number} ${many}`;

function duration(seconds) {
    const found = units.find(([, size]) => seconds >= size && seconds % size === 0) ??
        units.find(([, size]) => seconds >= 2 * size);
    if (!found) return count(Math.round(seconds), "second", "seconds");
    const [unit, size] = found;
    return count(Math.round(seconds / size), unit, `${unit}s`);
}

const statuses = {
    active: ["good", "Its credentials work, as far as Symbolon knows."],
    inactive: ["", "Switched off: it gives no token."],
    testing: ["", "Being tried out."],
    error: ["bad", "The last refresh failed. The next request for a token tries again."],
    expired: ["bad", "Its grant is over. Only its user can renew it."],
};

function badge(status) {
    return make("span", { class: `badge ${statuses[status]?.[0] ?? ""}` }, status);
}

const bindings = {
    confirmed: "confirmed by the app’s server",
    screen: "confirmed by the user on Symbolon’s page",
    direct: "not confirmed: the account of the person who finished the flow",
    imported: "imported, or given to this user by the app",
};

const eventNames = {
    created: "Made",
    renewed: "Renewed by another flow",
    updated: "Changed",
    refreshed: "Refreshed",
    refresh_failed: "A refresh failed",
    expired: "Its grant ended",
    reauthorize_soon: "Its user has to renew it soon",
    deleted: "Disconnected",
    revoked: "Its grant was revoked at the provider",
};

const actorNames = { symbolon: "Symbolon itself", user: "the user, in a flow" };

/// What became of the grant of a connection that is gone.
const revocations = {
    revoked: "The provider confirmed that the grant is revoked.",
    refused: "The provider refused to revoke the grant. Its user can remove the app’s access there.",
    not_possible: "The grant was not revoked at the provider. Its user can remove the app’s access there.",
    shared: "The grant was left as it is at the provider, because other connections live by it.",
    unknown: "Whether the grant is revoked at the provider is not known: it did not answer clearly.",
};

const keyStates = {
    sealing: ["good", "seals"],
    next: ["", "next"],
    unscheduled: ["", "not scheduled"],
    opening: ["", "opens only"],
    retired: ["", "retired"],
    disabled: ["bad", "disabled"],
    prunable: ["", "may be pruned"],
};
