import ConnectAPI
import Encodings
import Keyrings
import StateTokens

/// What can be said about a keyring without its material.
struct KeyringReport {
    let keyring: Keyring
    let path: String
    let now: Timestamp
    /// Whether there is such a ring; a dry run has only tried it.
    var isKept = true
    /// Keys that only a dry run made, and whose ids mean nothing.
    var unmade: Set<KeyID> = []

    var sealingKey: Key? { keyring.sealingKey(at: now) }

    var json: [UInt8] { JSONOutput.object(capacity: 1024) { write(to: &$0) } }

    /// - Parameter more: what else is to be said of each key.
    func write(
        to members: inout JSONOutput.Members, more: (Key, inout JSONOutput.Members) -> Void = { _, _ in }
    ) {
        members.member("path", path)
        members.keyring(keyring, digest: isKept ? keyring.digest : nil)
        members.member("sealing_key", sealingKey.flatMap { name($0.id) })
        members.member("next_activation", keyring.nextActivation(after: now)?.rfc3339)
        members.array("keys") { elements in
            for key in keyring.keys {
                elements.object { member in
                    member.member("id", name(key.id))
                    member.member("state", keyring.state(of: key, at: now).rawValue)
                    member.member("status", key.status.rawValue)
                    member.member("created", key.created.rfc3339)
                    member.member("activates", key.activates?.rfc3339)
                    member.member("superseded", keyring.superseded(key)?.rfc3339)
                    member.member("may_go_from", keyring.prunable(key)?.rfc3339)
                    more(key, &member)
                }
            }
        }
    }

    /// The key's id, unless it means nothing.
    func name(_ id: KeyID) -> String? { unmade.contains(id) ? nil : id.description }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        fields.rendered(colours: colours) + "\n\n" + table.rendered(colours: colours)
    }

    var fields: FieldList {
        var fields = FieldList()
        fields.add("keyring", "\(path)")
        fields.add("purpose", "\(keyring.purpose.rawValue)")
        fields.add("deployment", "\(keyring.deploymentID)")
        if isKept { fields.add("digest", "\(keyring.digest)") }
        fields.add("max lifetime", "\(keyring.maximumLifetime.spelledOut)")
        if keyring.purpose == .state {
            fields.add("session lifetime", "\(keyring.sessionLifetime.spelledOut)")
        }
        fields.add("propagation", "\(keyring.propagation.spelledOut)")
        fields.add("skew", "\(keyring.skew.spelledOut)")
        return fields
    }

    var table: TextTable {
        var table = TextTable("KEY", "STATE", "CREATED", "ACTIVATES", "MAY GO FROM")
        for key in keyring.keys {
            let state = keyring.state(of: key, at: now)
            table.add(
                "\(name(key.id) ?? "(new)")", StyledText(state.rawValue, state.style),
                "\(key.created.rfc3339)",
                "\(key.activates?.rfc3339 ?? "-")", "\(mayGo(key))")
        }
        return table
    }

    private func mayGo(_ key: Key) -> String {
        if let time = keyring.prunable(key) { return time.rfc3339 }
        guard keyring.purpose == .connections, keyring.superseded(key) != nil || key.status == .retired else {
            return "-"
        }
        return "no row names it"
    }
}

extension Keyring.KeyState {
    var style: TextStyle {
        switch self {
        case .sealing: .good
        case .next, .opening, .unscheduled: .plain
        case .retired, .prunable: .faint
        case .disabled: .bad
        }
    }
}
