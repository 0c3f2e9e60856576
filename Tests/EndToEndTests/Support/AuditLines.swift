import Foundation

/// The lines of an audit log among whatever else was printed.
struct AuditLines {
    let lines: [[String: String]]

    init(_ log: String) {
        lines = log.split(separator: "\n").compactMap { line in
            guard line.hasPrefix(#"{"v":1,"#),
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            else { return nil }
            return object.mapValues { "\($0)" }
        }
    }

    func of(_ event: String) -> [[String: String]] { lines.filter { $0["event"] == event } }
}
