import Foundation
import TestSupport
import Testing

extension ChromiumTab {
    /// What axe-core finds against WCAG 2.2 AA and its own best practices: empty for a good page.
    func axeViolations() async throws -> [String] {
        _ = try await value("\(try await AxeScript.shared.text()); true", as: Bool.self)
        return try await value(
            """
            axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
                violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`))
            """)
    }
}

/// The script itself; the first use ever installs it.
private actor AxeScript {
    static let shared = AxeScript()
    private var known: String?

    func text() async throws -> String {
        if let known { return known }
        let folder = try TemporaryFolder()
        let process = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("axe-script.py")], workingDirectory: folder.url,
            logFile: folder.url.appending(path: "log"))
        try await process.waitForLine(within: .seconds(120)) { $0.hasSuffix("axe.min.js") }
        let path = try #require(
            try await process.log.split(separator: "\n").last { $0.hasSuffix("axe.min.js") })
        let text = try String(contentsOfFile: String(path), encoding: .utf8)
        known = text
        return text
    }
}
