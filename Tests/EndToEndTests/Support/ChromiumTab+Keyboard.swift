import Foundation
import TestSupport

/// A person who has a keyboard, and perhaps a screen reader.
extension ChromiumTab {
    /// Presses a key of the keyboard.
    func key(_ name: String, shift: Bool = false) async throws {
        let codes = ["Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "Backspace": 8]
        for type in ["keyDown", "keyUp"] {
            var parameters: [String: ChromiumValue] = [
                "type": .text(type), "key": .text(name), "code": .text(name == " " ? "Space" : name),
                "windowsVirtualKeyCode": .number(codes[name] ?? 0), "modifiers": .number(shift ? 8 : 0),
            ]
            // It is the character that presses a button.
            if name == "Enter" { parameters["text"] = .text("\r") }
            if name.count == 1 { parameters["text"] = .text(name) }
            try await browser.send("Input.dispatchKeyEvent", parameters, session: session)
        }
    }

    /// Types a text where the focus is.
    func keys(_ text: String) async throws {
        for character in text { try await key(String(character)) }
    }

    /// Presses Tab until the focus is on what `selector` finds.
    ///
    /// - Throws: ``ChromiumError/neverFocused(_:stops:)`` if it is not reached with `limit` keys.
    func tab(to selector: String, shift: Bool = false, within limit: Int = 12) async throws {
        var stops: [String] = []
        for _ in 0..<limit {
            try await key("Tab", shift: shift)
            if try await isFocused(selector) { return }
            stops.append(
                try await value("`${document.activeElement.localName}#${document.activeElement.id}`"))
        }
        throw ChromiumError.neverFocused(selector, stops: stops)
    }

    func isFocused(_ selector: String) async throws -> Bool {
        try await value("document.activeElement.matches(\(Self.quoted(selector)))")
    }

    /// Keeps from now on what live regions say.
    func listen() async throws {
        try await run(
            """
            window.spoken = [];
            new MutationObserver((changes) => {
                for (const { target } of changes) {
                    const region = (target.closest ? target : target.parentElement)
                        ?.closest("[role=status], [role=alert], [aria-live]");
                    if (region?.checkVisibility() && region.textContent) spoken.push(region.textContent);
                }
            }).observe(document, { subtree: true, childList: true, characterData: true });
            """)
    }

    /// What live regions said since it was asked last.
    func spoken() async throws -> [String] { try await value("spoken.splice(0)") }

    /// What a screen reader says of a control when it gets the focus.
    struct Spoken: Sendable {
        let role: String
        let name: String
        let description: String
        let isInvalid: Bool
    }

    /// What a screen reader is told of what has the focus.
    func focused() async throws -> Spoken {
        let object = try await browser.send(
            "Runtime.evaluate", ["expression": .text("document.activeElement")], session: session,
            as: Handle.self)
        let tree = try await browser.send(
            "Accessibility.getPartialAXTree",
            ["objectId": .text(object.result.objectId), "fetchRelatives": .flag(false)], session: session,
            as: Tree.self)
        guard let node = tree.nodes.first else { throw ChromiumError.script("nothing has the focus") }
        return Spoken(
            role: node.role?.value?.text ?? "", name: node.name?.value?.text ?? "",
            description: node.description?.value?.text ?? "",
            isInvalid: node.properties?.first { $0.name == "invalid" }?.value.value?.text == "true")
    }

    private struct Handle: Decodable {
        struct Object: Decodable { let objectId: String }
        let result: Object
    }

    private struct Tree: Decodable { let nodes: [Node] }

    private struct Node: Decodable {
        struct Property: Decodable {
            let name: String
            let value: Value
        }
        let role: Value?
        let name: Value?
        let description: Value?
        let properties: [Property]?
    }

    /// Texts are read, and whatever else there may be is not.
    private struct Value: Decodable {
        struct Content: Decodable {
            let text: String?

            init(from decoder: any Decoder) throws {
                text = try? decoder.singleValueContainer().decode(String.self)
            }
        }
        let value: Content?
    }
}
