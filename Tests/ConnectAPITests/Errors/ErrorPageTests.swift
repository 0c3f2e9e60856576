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
            // The types of a 422's mistakes, those that have names of their own among them.
            let types = #/\btype: "([a-z]+(?:_[a-z]+)*)"|"([a-z]+(?:_[a-z]+)+)", at:/#
            let faults = /case \.(?:missing|not[A-Z][A-Za-z]*): "([a-z]+(?:_[a-z]+)*)"/
            for match in text.matches(of: types) {
                codes.formUnion([match.output.1, match.output.2].compactMap { $0.map(String.init) })
            }
            for match in text.matches(of: faults) { codes.insert(String(match.output.1)) }
        }
        // A type of value, which a form shows.
        return codes.subtracting(["datetime"])
    }

    /// The codes that pages for people show.
    private func pageCodes() throws -> Set<String> {
        let files = [
            "Routes/RefusalPages.swift", "Routes/CallbackPages.swift", "../ConnectPages/Pages.swift",
        ]
        return try files.reduce(into: []) { codes, file in
            let text = try String(contentsOf: Self.sources.appending(path: file), encoding: .utf8)
            for match in text.matches(of: /"([a-z]+(?:_[a-z]+)+)"/) { codes.insert(String(match.output.1)) }
        }
    }

    private func headings() throws -> [String] {
        let page = try String(
            contentsOf: Self.sources.appending(path: "ConnectAPI.docc/Errors.md"), encoding: .utf8)
        return page.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) }
    }

    @Test func `every code that the API answers with has a section`() throws {
        let codes = try codes()
        #expect(codes.count >= 60)
        #expect(codes.isSuperset(of: ["missing", "idempotency_key_reused", "string_too_short", "list_type"]))
        #expect(try codes.subtracting(headings()).isEmpty)
    }

    @Test func `every code on a page for people has a section`() throws {
        let codes = try pageCodes()
        #expect(codes.count >= 8)
        #expect(try codes.subtracting(headings()).isEmpty)
    }

    @Test func `there is one section for a code, and none for a code that does not exist`() throws {
        let headings = try headings()
        #expect(Set(headings).count == headings.count)
        // Named elsewhere: in a flow's outcome, in the answer to a state, and by the rules for bodies and queries.
        let others: Set = [
            "access_denied", "account_mismatch", "account_unknown", "extra_forbidden", "greater_than_equal",
            "int_parsing", "invalid_params", "invalid_scope", "less_than_equal", "restart", "state_expired",
            "state_too_long", "tag_parsing",
        ]
        #expect(try Set(headings).subtracting(codes().union(pageCodes())).isSubset(of: others))
    }
}
