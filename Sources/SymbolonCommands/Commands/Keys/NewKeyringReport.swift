import ConnectAPI
import Encodings
import Keyrings
import StateTokens

/// What is said about a keyring that was made, or would be.
///
/// A dry run names no key: another would be made in earnest.
struct NewKeyringReport {
    let keyring: Keyring
    let path: String
    let isWritten: Bool

    var json: [UInt8] {
        JSONOutput.object { members in
            members.member("written", isWritten)
            members.member("path", path)
            members.keyring(keyring, isKept: isWritten)
            guard isWritten, let key = keyring.keys.first else { return members.null("key") }
            members.object("key") { member in
                member.member("id", key.id.description)
                member.member("created", key.created.rfc3339)
                member.member("activates", key.activates?.rfc3339)
                member.member("state", keyring.state(of: key, at: key.created).rawValue)
            }
        }
    }

    var text: String {
        var fields = FieldList()
        fields.add(isWritten ? "made" : "would make", "\(path)")
        fields.add("purpose", "\(keyring.purpose.rawValue): \(keyring.purpose.explanation)")
        if isWritten, let key = keyring.keys.first {
            fields.add("key", "\(key.id.description), seals since \((key.activates ?? key.created).rfc3339)")
            fields.add("deployment", "\(keyring.deploymentID)")
            fields.add("digest", "\(keyring.digest)")
        } else {
            fields.add("key", "one, which would seal at once")
        }
        if keyring.purpose == .state {
            fields.add("max lifetime", "\(keyring.maximumLifetime.spelledOut)")
            fields.add("session lifetime", "\(keyring.sessionLifetime.spelledOut)")
        }
        fields.add("propagation", "\(keyring.propagation.spelledOut)")
        fields.add("skew", "\(keyring.skew.spelledOut)")
        return fields.rendered()
    }

    var nextStep: String {
        guard isWritten else { return "Nothing was written. Leave out --dry-run to make it." }
        var steps =
            "Next: give this file to every replica, and name it in symbolon.yaml: "
            + "`keyrings: {\(keyring.purpose.rawValue): \(path)}`. Keep a copy where only you can read it."
        let other: Keyring.Purpose = keyring.purpose == .state ? .connections : .state
        let otherPath = path.folderName.appendingFileName(KeyringFile.name(for: other))
        if FileKind(at: otherPath) == .nothing {
            steps += "\nThen make the other one: `symbolon keys generate --keyring \(otherPath)`."
        }
        return steps
    }
}

extension Keyring.Purpose {
    fileprivate var explanation: String {
        switch self {
        case .state: "states and tickets"
        case .connections: "stored credentials"
        }
    }
}
