import ConnectAPI
import Keyrings
import StateTokens

/// What can be said about a keyring without its material.
struct KeyringReport {
    let keyring: Keyring
    let path: String
    let now: Timestamp

    var sealingKey: Key? { keyring.sealingKey(at: now) }

    var json: [UInt8] {
        JSONOutput.object(capacity: 1024) { members in
            members.member("path", path)
            members.keyring(keyring)
            members.member("sealing_key", sealingKey?.id.description)
            members.member("next_activation", keyring.nextActivation(after: now)?.rfc3339)
            members.array("keys") { elements in
                for key in keyring.keys {
                    elements.object { member in
                        member.member("id", key.id.description)
                        member.member("state", keyring.state(of: key, at: now).rawValue)
                        member.member("status", key.status.rawValue)
                        member.member("created", key.created.rfc3339)
                        member.member("activates", key.activates?.rfc3339)
                        member.member("superseded", keyring.superseded(key)?.rfc3339)
                        member.member("may_go_from", keyring.prunable(key)?.rfc3339)
                    }
                }
            }
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add("keyring", "\(path)")
        fields.add("purpose", "\(keyring.purpose.rawValue)")
        fields.add("deployment", "\(keyring.deploymentID)")
        fields.add("digest", "\(keyring.digest)")
        fields.add("max lifetime", "\(keyring.maximumLifetime.spelledOut)")
        fields.add("propagation", "\(keyring.propagation.spelledOut)")
        fields.add("skew", "\(keyring.skew.spelledOut)")
        var table = TextTable("KEY", "STATE", "CREATED", "ACTIVATES", "MAY GO FROM")
        for key in keyring.keys {
            let state = keyring.state(of: key, at: now)
            table.add(
                "\(key.id.description)", StyledText(state.rawValue, state.style), "\(key.created.rfc3339)",
                "\(key.activates?.rfc3339 ?? "-")", "\(keyring.prunable(key)?.rfc3339 ?? "-")")
        }
        return fields.rendered(colours: colours) + "\n\n" + table.rendered(colours: colours)
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
