/// All pages of a list. Each is shown to `seen`, too.
async function callAll(path, seen) {
    const found = [];
    let cursor = null;
    do {
        const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const answer = await call("GET", `${path}${after}`);
        seen?.(answer);
        found.push(...answer.data);
        cursor = answer.next_cursor;
    } while (cursor);
    return found;
}

/// Whether a person would see a name in a list: one of spaces alone makes a link that cannot be seen.
const isVisible = (text) => /[^\p{C}\p{Z}]/u.test(text ?? "");
