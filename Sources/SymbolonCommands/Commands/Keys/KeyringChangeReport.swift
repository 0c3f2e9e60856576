import ConnectAPI
import Encodings
import Keyrings
import StateTokens

/// What is said about a change of keys: which ones, and how the ring stands after it.
struct KeyringChangeReport {
    let change: KeyringChange
    /// What happened to the keys: `retired`, `disabled`, `pruned`.
    let participle: String
    let ids: [KeyID]
    /// The key that has begun to seal in their place, if one has.
    var successor: KeyID?

    var json: [UInt8] {
        JSONOutput.object(capacity: 1024) { members in
            members.member("written", change.isWritten)
            members.array(participle) { elements in
                for id in ids { elements.element(id.description) }
            }
            if participle == "disabled" { members.member("successor", successor.flatMap(change.report.name)) }
            change.report.write(to: &members)
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add("keyring", "\(change.path)")
        fields.add(change.isWritten || !change.isChange ? participle : "would be \(participle)", lines: names)
        if let successor {
            fields.add("seals now", "\(change.report.name(successor) ?? "a new key")")
        } else {
            fields.add("seals", optional: change.report.sealingKey?.id.description)
        }
        if change.report.isKept { fields.add("digest", "\(change.after.digest)") }
        return fields.rendered(colours: colours) + "\n\n" + change.report.table.rendered(colours: colours)
    }

    /// Prints it all, with what is to be done next.
    func print(_ output: OutputOptions, nextStep: String) throws(CommandError) {
        guard !output.json else { return try Console.print(octets: json) }
        try Console.print(text())
        if change.isWritten {
            Console.note("Next: give the file to every replica. \(nextStep)")
        } else if change.isChange {
            Console.note("Nothing was written. Leave out --dry-run to make the change.")
        } else {
            Console.note("Nothing was changed.")
        }
    }

    private var names: [String] { ids.map(\.description) }
}
