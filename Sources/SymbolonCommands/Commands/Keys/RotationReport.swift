import ConnectAPI
import Encodings
import Keyrings
import StateTokens

/// What is said about a rotation: the timeline that it made, or found.
struct RotationReport {
    let rotation: KeyringRotation
    private let change: KeyringChange
    private let isWritten: Bool
    /// When every replica said that it has the key, if they were asked.
    private let confirmed: Timestamp?

    /// - Throws: ``CommandError`` if the ring was changed without a rotation, which does not happen.
    init(_ change: KeyringChange, _ rotation: KeyringRotation?) throws(CommandError) {
        guard let rotation else { throw CommandError(.refused, "no key was made") }
        self.init(rotation, change, isWritten: change.isWritten)
    }

    private init(
        _ rotation: KeyringRotation, _ change: KeyringChange, isWritten: Bool, confirmed: Timestamp? = nil
    ) {
        self.rotation = rotation
        self.change = change
        self.isWritten = isWritten
        self.confirmed = confirmed
    }

    /// The same rotation after its second write, when every replica has the first.
    func scheduled(by second: KeyringChange) -> RotationReport {
        RotationReport(
            rotation.with(second.after), second, isWritten: isWritten || second.isWritten,
            confirmed: second.now)
    }

    private var keyName: String? { change.report.name(rotation.keyID) }

    var json: [UInt8] {
        JSONOutput.object(capacity: 1024) { members in
            members.member("written", isWritten)
            members.member("new", rotation.isNew)
            members.member("key", keyName)
            members.object("timeline") { times in
                times.member("published", rotation.published?.rfc3339)
                times.member("reaches_all_replicas", (confirmed ?? rotation.reachesAllReplicas)?.rfc3339)
                times.member("seals", rotation.seals?.rfc3339)
                times.member("superseded_key", rotation.supersededKeyID?.description)
                times.member("superseded_key_may_go", rotation.supersededKeyMayGo?.rfc3339)
            }
            change.report.write(to: &members)
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        let made = isWritten ? "made" : "would be made"
        fields.add("keyring", "\(change.path)")
        fields.add(
            "key", "\(keyName ?? "a new one"), \(rotation.isNew ? made : "on its way already")")
        fields.add("published", optional: rotation.published.map(time))
        if confirmed != nil {
            fields.add("all replicas", "have it")
        } else {
            fields.add("all replicas", optional: rotation.reachesAllReplicas.map { "have it by \(time($0))" })
        }
        fields.add("seals", "\(rotation.seals.map { "from \(time($0))" } ?? "once it is scheduled")")
        if let superseded = rotation.supersededKeyID {
            fields.add("old key", "\(superseded.description), \(oldKeyMayGo)")
        }
        if change.report.isKept { fields.add("digest", "\(change.after.digest)") }
        return fields.rendered(colours: colours)
    }

    var nextStep: String {
        guard isWritten || !change.isChange else {
            return "Nothing was written. Leave out --dry-run to make the key."
        }
        guard rotation.seals != nil else {
            return
                "The key is published, and waits to be scheduled: run this again without --wait, or with it."
        }
        let retired =
            change.after.purpose == .connections
            ? " When the new key seals, retire the old one and run `symbolon connections reseal`." : ""
        if let seals = rotation.seals, confirmed != nil {
            return "Next: this second write set the time. Give every replica the file again by "
                + "\(time(seals)); `/readyz` shows its digest.\(retired)"
        }
        return "Next: see that every replica has this file by then; `/readyz` shows its digest.\(retired)"
    }

    private var oldKeyMayGo: String {
        if let time = rotation.supersededKeyMayGo { return "may go from \(self.time(time))" }
        return change.after.purpose == .connections
            ? "may be pruned when no row needs it" : "seals until then"
    }

    private func time(_ time: Timestamp) -> String { "\(time.rfc3339) (\(time.relative(to: change.now)))" }
}
