import ConnectAPI
import Connections
import Encodings
import StateTokens

/// What is said about a store that was looked at. No token is in it.
struct InspectionReport {
    /// How many faults are shown to people; JSON has all.
    private static let shownCount = 20

    let store: String
    let inspection: StoreInspection
    let keyring: Keyring

    /// Keys that rows need and the keyring lacks.
    private var missing: [KeyID] {
        inspection.keysInUse.ids.subtracting(keyring.keys.map(\.id)).sorted()
    }

    /// What does not hold, the worst first.
    var problem: String? {
        if let problems = inspection.problems, !problems.isEmpty {
            return "the store is damaged, or is none"
        }
        guard missing.isEmpty else { return "rows are sealed under keys that the connections keyring lacks" }
        guard inspection.faults.isEmpty else {
            return "\(inspection.faults.count) of \(inspection.sampleCount) rows do not open"
        }
        let nameless = inspection.keysInUse.unreadableCount
        guard nameless == 0 else { return "\(nameless) rows do not say which key they need (column key_id)" }
        return nil
    }

    var json: [UInt8] {
        JSONOutput.object(capacity: 512 + 128 * inspection.faults.count) { answer in
            answer.member("store", store)
            answer.member("table_version", inspection.version)
            answer.member("pending_migrations", inspection.pendingCount)
            if let problems = inspection.problems {
                answer.array("problems") { elements in
                    for problem in problems { elements.element(problem) }
                }
            } else {
                answer.null("problems")
            }
            answer.member("connections", inspection.connectionCount)
            answer.member("opened", inspection.openedCount)
            answer.array("faults") { elements in
                for fault in inspection.faults {
                    elements.object { member in
                        member.member("connection_id", fault.connectionID?.description)
                        member.member("key", fault.keyID?.description)
                        member.member("reason", fault.explanation)
                    }
                }
            }
            answer.array("keys_in_use") { elements in
                for id in inspection.keysInUse.ids.sorted() { elements.element(id.description) }
            }
            answer.array("keys_missing") { elements in
                for id in missing { elements.element(id.description) }
            }
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add("store", "\(store)")
        fields.add("tables", "\(tables)")
        if let problems = inspection.problems {
            fields.add("integrity", lines: problems.isEmpty ? ["good"] : problems)
        } else {
            fields.add("integrity", "checked by the server itself, where it has data checksums")
        }
        fields.add("connections", "\(String(inspection.connectionCount))")
        fields.add("opened", "\(inspection.openedCount) of \(inspection.sampleCount)")
        for fault in inspection.faults.prefix(Self.shownCount) {
            let id = fault.connectionID?.description ?? "a connection without an id"
            let key = fault.keyID.map { ", key \($0)" } ?? ""
            fields.add("fault", "\(id)\(key): \(fault.explanation)")
        }
        if inspection.faults.count > Self.shownCount {
            fields.add("", "and \(inspection.faults.count - Self.shownCount) more: --json has all")
        }
        fields.add("keys in use", lines: inspection.keysInUse.ids.sorted().map(\.description))
        if !missing.isEmpty { fields.add("keys missing", lines: missing.map(\.description)) }
        return fields.rendered(colours: colours)
    }

    private var tables: String {
        guard inspection.pendingCount > 0 else { return "version \(inspection.version)" }
        return "version \(inspection.version); this program makes version "
            + "\(inspection.version + inspection.pendingCount) of it when it opens it"
    }
}

/// Apart from what shows them: Swift 6.3.1 crashes where it optimises both into one loop.
extension StoreInspection.Fault {
    @inline(never)
    fileprivate var keyID: KeyID? {
        switch reason {
        case .unreadable: nil
        case .unopened(_, let keyID): keyID
        }
    }

    @inline(never)
    fileprivate var explanation: String {
        switch reason {
        case .unreadable(let fault): fault.description
        case .unopened(let error, _): error.explanation
        }
    }
}
