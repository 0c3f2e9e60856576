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
