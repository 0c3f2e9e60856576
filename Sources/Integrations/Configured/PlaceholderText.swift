/// What documentation, templates and consoles show in the place of a client's id or secret.
package enum PlaceholderText {
    /// Why a text is no client id (RFC 6749 appendix A.1); `nil` if it may be one.
    package static func fault(inClientID text: String) -> String? {
        if let fault = fault(inSecret: text) { return fault }
        let isVisible = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return isVisible
            ? nil : "contains a character that client ids cannot have: use ASCII without control characters"
    }

    /// Why a text is no secret; `nil` if it may be one. Other characters beyond ASCII are left to the provider, since
    /// some let people choose a secret themselves.
    package static func fault(inSecret text: String) -> String? {
        let isCut = text.unicodeScalars.contains { "…•●".unicodeScalars.contains($0) }
        let isDots =
            !text.isEmpty && text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "*") }
        return isCut || isDots
            ? "is cut short or masked, as documentation and consoles show it: set the whole value" : nil
    }

    /// Whether a text looks like the name of what belongs there. A real secret may do so, too: it is worth a warning.
    package static func isLikely(_ text: String) -> Bool {
        let marks = [("<", ">"), ("{", "}"), ("[", "]"), ("${", "}"), ("$(", ")"), ("%", "%"), ("__", "__")]
        if marks.contains(where: { text.utf8.count > 2 && text.hasPrefix($0.0) && text.hasSuffix($0.1) }) {
            return true
        }
        let letters = text.lowercased().filter { !"-_ .$".contains($0) }
        if letters.hasPrefix("your"),
            ["client", "secret", "app", "key", "id"].contains(where: letters.contains)
        {
            return true
        }
        return words.contains(letters) || letters.utf8.count > 2 && letters.allSatisfy { $0 == "x" }
    }

    private static let words: Set = [
        "changeme", "changethis", "clientid", "clientsecret", "dummy", "fillme", "fixme", "insertclientid",
        "insertclientsecret", "none", "null", "placeholder", "replaceme", "replacethis", "tbd", "todo",
        "undefined",
    ]
}
