const base64url = (octets) =>
    btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function dissected(text) {
    const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
    const octets = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return {
        keyID: Array.from(octets.slice(1, 5), (octet) => octet.toString(16).padStart(2, "0")).join(""),
        flowID: base64url(octets.slice(-32, -16)),
        parts: [
            ["version", 1],
            ["key id", 4],
            ["random IV", 16],
            ["the flow, encrypted", octets.length - 53],
            ["tag", 32],
        ],
    };
}

function bar(parts) {
    const blocks = parts.map(([, count], index) => {
        const block = make("span", { class: `part-${index}` });
        block.style.flexGrow = count;
        return block;
    });
    const names = parts.map(([name, count], index) =>
        make("li", { class: `part-${index}` }, `${name} `, make("b", {}, String(count)))
    );
    return [
        make("div", { class: "bar", "aria-hidden": "true" }, blocks),
        make("ul", { class: "legend", "aria-label": "The state’s octets" }, names),
    ];
}
