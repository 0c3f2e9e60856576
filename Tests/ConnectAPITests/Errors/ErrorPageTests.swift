import Foundation
import Testing

@Suite("The page on errors") struct ErrorPageTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Sources/ConnectAPI").standardizedFileURL

    /// The codes that the sources give to errors.
    private func codes() throws -> Set<String> {
        var codes: Set<String> = []
        let files = try #require(
            FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let calls =
                /(?:APIError|self\.init|issue|\.exchange)\(\s*(?:\.[a-zA-Z]+,\s*)?"([a-z]+(?:_[a-z]+)+)"/
            for match in text.matches(of: calls) { codes.insert(String(match.output.1)) }
        }
        return codes
    }

    private func headings() throws -> [String] {
        let page = try String(
            contentsOf: Self.sources.appending(path: "ConnectAPI.docc/Errors.md"), encoding: .utf8)
        return page.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) }
    }

    @Test func `every code that the API answers with has a section`() throws {
        let codes = try codes()
        #expect(codes.count >= 40)
        #expect(try codes.subtracting(headings()).isEmpty)
    }

    @Test func `there is one section for a code, and none for a code that does not exist`() throws {
        let headings = try headings()
        #expect(Set(headings).count == headings.count)
        // Named elsewhere: in a flow's outcome, in the answer to a state, and by the rules for bodies.
        let others: Set = [
            "access_denied", "account_mismatch", "account_unknown", "extra_forbidden", "invalid_params",
            "invalid_scope", "restart", "state_expired", "state_too_long",
        ]
        #expect(try Set(headings).subtracting(codes()).isSubset(of: others))
    }
}
