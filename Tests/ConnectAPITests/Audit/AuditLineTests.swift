import ConnectAPI
import ConnectService
import Foundation
import Testing

/// A line of the audit log is one line, whatever a value holds.
@Suite("Lines of the audit log") struct AuditLineTests {
    private static let values = [
        "a\nb\r", "\u{0}\u{1B}[2J", "a\u{7F}b", "\u{80}\u{85}\u{9F}", "é\u{A0}ü", "\"\\\u{85}\"", "\u{2028}",
        "",
    ]

    @Test(arguments: values) func `S23 no control character gets into it, and no value is changed`(
        _ value: String
    ) throws {
        var event = AuditEvent(.callback, .refused, reason: "provider_error")
        event.detail = value
        event.userID = value
        var line = Array("before\n".utf8)
        event.appendLine(to: &line)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("before\n{\"v\":1,") && text.hasSuffix("}\n"))
        let controls = text.unicodeScalars.filter { $0.properties.generalCategory == .control }
        #expect(controls.count == 2)
        let object = try JSONSerialization.jsonObject(with: Data(line.dropFirst(7))) as? [String: Any]
        #expect(object?["detail"] as? String == value && object?["user_id"] as? String == value)
    }
}
