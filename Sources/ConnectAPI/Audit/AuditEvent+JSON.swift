internal import Access
package import ConnectService
internal import Connections
internal import Encodings
package import FoundationEssentials
internal import StateTokens

extension AuditEvent {
    /// The schema's version: it grows when a field changes its meaning or goes, not when one is added.
    package static let schemaVersion = 1

    /// Adds the line of the audit log, with its line feed. Fields that do not apply are left out.
    package func appendLine(to text: inout [UInt8], at now: Date = Date()) {
        let start = text.count
        JSONOutput.appendObject(to: &text) { line in
            line.member("v", Self.schemaVersion)
            line.member("time", Self.time(now))
            line.member("event", kind.rawValue)
            line.member("outcome", outcome.rawValue)
            if let reason { line.member("reason", reason) }
            if let detail { line.member("detail", detail) }
            if let credentialID { line.member("credential_id", credentialID) }
            if let context { line.member("audit_context", context) }
            if let workspaceID { line.member("workspace_id", workspaceID) }
            if let userID { line.member("user_id", userID) }
            if let integrationID { line.member("integration_id", integrationID) }
            if let flowID { line.member("flow_id", flowID.description) }
            if let traceID { line.member("trace_id", Hexadecimal.encode(traceID.octets.span)) }
            if let requestID { line.member("request_id", requestID.description) }
            if let connectionID { line.member("connection_id", connectionID.description) }
            if let keyID { line.member("key_id", keyID.description) }
            if let binding { line.member("binding", binding.rawValue) }
            if let isRevoked { line.member("revoked", isRevoked) }
            if let address { line.member("address", address) }
            if let duration { line.member("duration_us", duration.microseconds) }
        }
        text.escapeControls(from: start)
        text.append(.lineFeed)
    }

    /// RFC 3339 in UTC, to the millisecond.
    private static func time(_ now: Date) -> String {
        let milliseconds = Int64((now.timeIntervalSince1970 * 1_000).rounded(.down))
        return Timestamp(secondsSinceEpoch: milliseconds / 1_000).rfc3339(milliseconds: milliseconds % 1_000)
    }
}

extension [UInt8] {
    /// Escapes what JSON allows as it is and a terminal obeys: DEL and the C1 controls, U+0080 to U+009F.
    fileprivate mutating func escapeControls(from start: Int) {
        guard mayHaveControls(from: start) else { return }
        func isControl(_ index: Int) -> Bool {
            if self[index] == 0x7F { return true }
            return self[index] == 0xC2 && index + 1 < count && self[index + 1] < 0xA0
        }
        guard let first = (start..<count).first(where: isControl) else { return }
        var escaped = Array(self[..<first])
        var index = first
        while index < count {
            if isControl(index) {
                if self[index] == 0xC2 { index += 1 }
                escaped.append(contentsOf: #"\u00"#.utf8)
                escaped.append(contentsOf: String(self[index], radix: 16).utf8)
            } else {
                escaped.append(self[index])
            }
            index += 1
        }
        self = escaped
    }

    /// Whether one of the octets is there that these begin with, which nearly all lines are without.
    private func mayHaveControls(from start: Int) -> Bool {
        let octets = span
        return Self.mayHaveControls(octets.extracting(start..<octets.count))
    }

    private static func mayHaveControls(_ octets: Span<UInt8>) -> Bool {
        octets.findInWords(padding: .space) { word in word.finds(0x7F) | word.finds(0xC2) } != 0
    }
}
