/// Whether replicas of an older release and of a newer one may run at the same time, on the same store and keyrings.
struct UpgradeJudgement {
    /// The release that runs now.
    let version: ReleaseVersion
    let old: ReleaseFormats
    let new: ReleaseFormats
    /// The oldest version of the tables whose program goes on working with the new ones in PostgreSQL.
    let oldestTables: Int?

    var findings: [Finding] { tables + states + keyrings + apiKeys + connections }

    private var tables: [Finding] {
        guard old.tables != new.tables else { return [.good("tables", "version \(new.tables) in both")] }
        let change = "version \(old.tables) becomes version \(new.tables)"
        guard old.tables < new.tables else {
            return [.bad("tables", "\(change): migrations cannot be undone", .refused)]
        }
        guard let oldestTables else {
            return [
                .bad(
                    "tables",
                    "\(change), and this program has SQLite only, where no rolling upgrade is possible: "
                        + "stop \(version), copy the file, and start this release", .refused)
            ]
        }
        guard old.tables >= oldestTables else {
            return [
                .bad(
                    "tables",
                    "\(change), and \(version) cannot work with it: stop all its replicas first", .refused)
            ]
        }
        return [
            .good("tables", "\(change); in PostgreSQL, replicas of \(version) keep working with it"),
            .note(
                "SQLite",
                "no rolling upgrade is possible: stop \(version), copy the file, and start this release; "
                    + "\(version) will not open the new tables"),
        ]
    }

    private var states: [Finding] {
        guard old.stateRecord == new.stateRecord else {
            return [
                .bad(
                    "states",
                    "the format of states has changed: a flow ends only at the release that began it",
                    .refused)
            ]
        }
        guard old.stateFields & ~new.stateFields == 0 else {
            return [
                .bad(
                    "states", "this release does not read every state that \(version) makes", .refused)
            ]
        }
        let added = (new.stateFields & ~old.stateFields).nonzeroBitCount
        guard added > 0 else { return [.good("states", "the same format in both")] }
        return [
            .good("states", "the same format, but for what is new"),
            .note(
                "states",
                "\(added) new \(added == 1 ? "field" : "fields"): a flow that uses what is new ends only at "
                    + "this release, so use it once no replica of \(version) is left"),
        ]
    }

    private var keyrings: [Finding] {
        let lost = old.keyringFields.subtracting(new.keyringFields)
        guard old.keyring == new.keyring, lost.isEmpty else {
            return [
                .bad("keyrings", "\(version) does not read the keyrings of this release", .refused)
            ]
        }
        let added = new.keyringFields.subtracting(old.keyringFields).sorted()
        guard !added.isEmpty else { return [.good("keyrings", "the same format in both")] }
        return [
            .good("keyrings", "each release reads the other's"),
            .note(
                "keyrings",
                "new: \(added.joined(separator: ", ")); `symbolon keys` of \(version) would drop "
                    + "\(added.count == 1 ? "it" : "them"), so change keyrings with this release alone"),
        ]
    }

    private var apiKeys: [Finding] {
        let topic = "API keys"
        guard old.apiKeyFields.isSubset(of: new.apiKeyFields), old.permissions.isSubset(of: new.permissions)
        else {
            return [.bad(topic, "this release does not read every key that \(version) makes", .refused)]
        }
        var findings: [Finding] = []
        let fields = new.apiKeyFields.subtracting(old.apiKeyFields).sorted()
        if !fields.isEmpty {
            findings.append(
                .note(
                    topic,
                    "new: \(fields.joined(separator: ", ")); \(version) takes a key that has one for a key "
                        + "without limits, so make such keys once no replica of \(version) is left"))
        }
        let permissions = new.permissions.subtracting(old.permissions).sorted()
        if !permissions.isEmpty {
            findings.append(
                .note(
                    topic,
                    "new permission: \(permissions.joined(separator: ", ")); \(version) rejects the file that "
                        + "names it, and goes on with the keys before or does not start, so give it once no "
                        + "replica of \(version) is left"))
        }
        return [
            .good(
                topic, findings.isEmpty ? "the same format in both" : "the same format, but for what is new")
        ]
            + findings
    }

    /// What is in the rows of the tables.
    private var connections: [Finding] {
        let topic = "connections"
        guard old.bindings.isSubset(of: new.bindings), old.credentialFields & ~new.credentialFields == 0
        else {
            return [
                .bad(topic, "this release does not read every connection that \(version) makes", .refused)
            ]
        }
        var findings: [Finding] = []
        let bindings = new.bindings.subtracting(old.bindings).sorted()
        if !bindings.isEmpty {
            findings.append(
                .note(
                    topic,
                    "new bindings: \(bindings.joined(separator: ", ")); \(version) cannot read a connection that "
                        + "has one, so make such connections once no replica of \(version) is left"))
        }
        let parts = (new.credentialFields & ~old.credentialFields).nonzeroBitCount
        if parts > 0 {
            findings.append(
                .note(
                    topic,
                    "\(parts) new \(parts == 1 ? "part" : "parts") of credentials, such as a second grant; "
                        + "\(version) cannot open those that have one, so make such connections once no replica "
                        + "of \(version) is left"))
        }
        return [.good(topic, findings.isEmpty ? "the same in both" : "the same, but for what is new")]
            + findings
    }
}
