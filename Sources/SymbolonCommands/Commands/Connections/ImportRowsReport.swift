import Connections
import Encodings

/// What became of a row.
enum ImportOutcome {
    /// `nil`: it would be.
    case imported(ConnectionID?)
    /// An earlier run has imported it.
    case present(ConnectionID)
    case rejected(String)
    /// The store is away, so that no row after it was tried.
    case unavailable
}

/// What is said about the rows of a file. No token is in it.
struct ImportRowsReport {
    let isWritten: Bool
    var rows: [(row: ImportRow, outcome: ImportOutcome)] = []
    /// Whether every row was tried.
    var isWhole = true

    init(isWritten: Bool) { self.isWritten = isWritten }

    private var importedCount: Int { rows.count(where: \.outcome.isImported) }
    private var presentCount: Int { rows.count(where: \.outcome.isPresent) }
    private var rejected: [(line: Int, reason: String)] {
        var rejected: [(line: Int, reason: String)] = []
        for (row, outcome) in rows {
            if case .rejected(let reason) = outcome { rejected.append((row.line, reason)) }
        }
        return rejected
    }

    var problem: CommandError? {
        if !isWhole || rows.contains(where: \.outcome.isUnavailable) {
            return CommandError(
                .unavailable, "the store cannot be reached: run this again to continue")
        }
        guard rejected.isEmpty else {
            return CommandError(.refused, "\(rejected.count) rows were rejected")
        }
        return nil
    }

    var json: [UInt8] {
        JSONOutput.object(capacity: 128 * (rows.count + 1)) { answer in
            answer.member("written", isWritten)
            answer.object("counts") { counts in
                counts.member("imported", importedCount)
                counts.member("present", presentCount)
                counts.member("rejected", rejected.count)
            }
            answer.array("rows") { elements in
                for (row, outcome) in rows {
                    elements.object { member in
                        member.member("line", row.line)
                        member.member("external_id", row.externalID)
                        outcome.write(to: &member)
                    }
                }
            }
        }
    }

    func text() -> String {
        var lines = [
            "\(importedCount) \(isWritten ? "imported" : "would be imported"), \(presentCount) there already, "
                + "\(rejected.count) rejected."
        ]
        lines += rejected.map { "line \($0.line): \($0.reason)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ImportOutcome {
    fileprivate var isImported: Bool { if case .imported = self { true } else { false } }
    fileprivate var isPresent: Bool { if case .present = self { true } else { false } }
    fileprivate var isUnavailable: Bool { if case .unavailable = self { true } else { false } }

    fileprivate func write(to member: inout JSONOutput.Members) {
        switch self {
        case .imported(let id):
            member.member("outcome", "imported")
            member.member("connection_id", id?.description)
            member.null("reason")
        case .present(let id):
            member.member("outcome", "present")
            member.member("connection_id", id.description)
            member.null("reason")
        case .rejected(let reason):
            member.member("outcome", "rejected")
            member.null("connection_id")
            member.member("reason", reason)
        case .unavailable:
            member.member("outcome", "not_tried")
            member.null("connection_id")
            member.member("reason", "store_unavailable")
        }
    }
}
