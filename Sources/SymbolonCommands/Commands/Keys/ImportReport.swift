import ConnectAPI
import Encodings
import Keyrings
import StateTokens

/// What is said about a keyring that was made of a keyset, or would be.
struct ImportReport {
    let report: KeyringReport
    let isWritten: Bool

    var json: [UInt8] {
        JSONOutput.object(capacity: 1024) { members in
            members.member("written", isWritten)
            report.write(to: &members)
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add(isWritten ? "made" : "would make", "\(report.path)")
        fields.add("purpose", "\(report.keyring.purpose.rawValue)")
        if isWritten {
            fields.add("deployment", "\(report.keyring.deploymentID)")
            fields.add("digest", "\(report.keyring.digest)")
        }
        return fields.rendered(colours: colours) + "\n\n" + report.table.rendered(colours: colours)
    }

    var nextStep: String {
        guard isWritten else { return "Nothing was written. Leave out --dry-run to make it." }
        return "Next: give this file to every replica, and remove the keyset where it is no longer needed."
    }
}
