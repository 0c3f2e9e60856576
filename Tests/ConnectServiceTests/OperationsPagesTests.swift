import Access
import Foundation
import Testing

@testable import ConnectService

/// What the documentation promises operators.
@Suite("Pages for operators") struct OperationsPagesTests {
    private func page(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).appending(
            path: "../../../Sources/ConnectService/ConnectService.docc")
        return try String(
            contentsOf: folder.appending(path: "\(name).md").standardizedFileURL, encoding: .utf8)
    }

    @Test func `the audit log's page has every event and every field`() throws {
        let text = try page("AuditLog")
        for kind in AuditEvent.Kind.allCases {
            #expect(text.contains("| `\(kind.rawValue)` |"), "\(kind)")
        }
        for outcome in AuditEvent.Outcome.allCases { #expect(text.contains("`\(outcome.rawValue)`")) }
        for child in Mirror(reflecting: AuditEvent(.initiate, .success)).children {
            let name = try #require(child.label)
            let field =
                [
                    "kind": "event", "context": "audit_context", "isRevoked": "revoked",
                    "duration": "duration_us",
                ][name] ?? name.replacing(/([a-z])ID$/) { "\($0.output.1)_id" }
            #expect(text.contains("`\(field)`"), "\(field)")
        }
    }

    @Test func `the metrics' page has every metric`() throws {
        let text = try page("Metrics")
        for metric in ServiceMetric.allCases {
            #expect(text.contains("| `\(metric.rawValue)` |"), "\(metric)")
            #expect(metric.help.hasSuffix("."))
        }
    }
}
