/// Whether replicas of an older release and of a newer one may run at the same time, on the same store and keyrings.
struct UpgradeJudgement {
    /// The release that runs now.
    let version: ReleaseVersion
    let old: ReleaseFormats
    let new: ReleaseFormats
    /// The oldest version of the tables whose program goes on working with the new ones in PostgreSQL.
    let oldestTables: Int?

    var findings: [Finding] { tables + states + keyrings }

    private var tables: [Finding] {
        guard old.tables != new.tables else { return [.good("tables", "version \(new.tables) in both")] }
        let change = "version \(old.tables) becomes version \(new.tables)"
        guard old.tables < new.tables else {
            return [.bad("tables", "\(change): tables never go back", .refused)]
        }
        guard let oldestTables else {
            return [
                .bad(
                    "tables",
                    "\(change), and this program has SQLite alone, which one process has at a time: "
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
            .good("tables", "\(change); in PostgreSQL, replicas of \(version) go on working with it"),
            .note(
                "SQLite",
                "one process has the file at a time: stop \(version), copy the file, and start this release; "
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
}
