/// All pages of a list.
async function callAll(path) {
    const found = [];
    let cursor = null;
    do {
        const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const answer = await call("GET", `${path}${after}`);
        found.push(...answer.data);
        cursor = answer.next_cursor;
    } while (cursor);
    return found;
}
