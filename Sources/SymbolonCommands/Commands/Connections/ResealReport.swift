import ConnectAPI
import ConnectService
import Connections
import Encodings
import StateTokens

/// What is said about rows that were sealed again.
struct ResealReport {
    let done: ResealProgress
    let keyring: Keyring
    /// The keys that rows name now.
    let inUse: Set<KeyID>
    let isWritten: Bool

    /// Keys that no row names any more, and that could go as far as the rows are concerned.
    private var unused: [KeyID] {
        keyring.keys.filter { $0.id != done.keyID && !inUse.contains($0.id) }.map(\.id)
    }

    var problem: String? {
        let unreadable = done.unreadable.count + done.unreadableRows.count
        if unreadable > 0 { return "\(unreadable) rows do not open, and were left as they are" }
        guard done.changedCount == 0 else {
            return "\(done.changedCount) rows changed each time: run this again"
        }
        return nil
    }

    var json: [UInt8] {
        JSONOutput.object { members in
            members.member("written", isWritten)
            members.member("key", done.keyID.description)
            members.member("resealed", done.resealedCount)
            members.array("unreadable") { elements in
                for row in done.unreadable {
                    elements.object { member in
                        member.member("connection_id", row.connectionID.description)
                        member.member("key", row.keyID.description)
                        member.member("reason", row.reason.explanation)
                    }
                }
                for row in done.unreadableRows {
                    elements.object { member in
                        member.member("connection_id", row.id?.description)
                        member.null("key")
                        member.member("reason", row.fault.description)
                    }
                }
            }
            members.array("keys_in_use") { elements in
                for id in inUse.sorted() { elements.element(id.description) }
            }
            members.array("keys_unused") { elements in
                for id in unused { elements.element(id.description) }
            }
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add(isWritten ? "sealed again" : "would seal again", "\(String(done.resealedCount))")
        fields.add("under key", "\(done.keyID.description)")
        for row in done.unreadable {
            fields.add(
                "unreadable",
                "\(row.connectionID.description), key \(row.keyID.description): \(row.reason.explanation)")
        }
        for row in done.unreadableRows { fields.add("unreadable", "\(row.name): \(row.fault.description)") }
        fields.add("keys in use", lines: inUse.sorted().map(\.description))
        fields.add("keys unused", lines: unused.map(\.description))
        return fields.rendered(colours: colours)
    }
}

extension ResealProgress {
    func sentence(isDryRun: Bool) -> String {
        var text = "\(resealedCount) rows \(isDryRun ? "open" : "sealed again")"
        if !unreadable.isEmpty { text += ", \(unreadable.count) do not open" }
        if changedCount > 0 { text += ", \(changedCount) changed meanwhile" }
        return text
    }
}

extension CredentialError {
    var explanation: String {
        switch self {
        case .unopened(.malformed), .malformed: "is not sealed as credentials are"
        case .unknownVersion(let version): "has version \(version), which this release does not know"
        case .unopened(.unknownKey): "the keyring has no such key"
        case .unopened(.disabledKey): "the key is disabled"
        case .unopened(.forged): "the tag does not match"
        case .unopened(.unavailable): "libcrypto failed"
        }
    }
}
