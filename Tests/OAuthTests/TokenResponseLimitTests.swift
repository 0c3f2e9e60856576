import Encodings
import Integrations
import OAuth
import Testing

@Suite("Limits of a token response") struct TokenResponseLimitTests {
    private static let entry = "account: {id: [id], label: [label]}\nresponse: {fields: [link]}"

    private func parse(_ members: [String: JSONValue]) throws(TokenError) -> TokenResponse {
        let integration: ConfiguredIntegration
        do { integration = try sample(Self.entry) } catch { throw .unusable(reason: "no sample: \(error)") }
        let answer = JSONValue.object(members.merging(["access_token": .string("A")]) { given, _ in given })
        return try TokenResponse.parse(
            status: 200, contentType: "application/json", body: answer.bytes, integration: integration,
            requestedScopes: [])
    }

    private func reason(_ members: [String: JSONValue]) -> String? {
        do throws(TokenError) {
            return try parse(members).excess
        } catch {
            guard case .unusable(let reason) = error else { return "\(error)" }
            return reason
        }
    }

    @Test(arguments: [
        ("access_token", TokenResponseLimits.token), ("refresh_token", TokenResponseLimits.token),
        ("id_token", TokenResponseLimits.token), ("token_type", TokenResponseLimits.tokenType),
        ("scope", TokenResponseLimits.scope), ("id", TokenResponseLimits.accountID),
        ("label", TokenResponseLimits.accountLabel), ("link", TokenResponseLimits.field),
    ])
    func `S28 a value is kept up to its limit, and beyond it the response is unusable`(
        _ name: String, _ limit: Int
    )
        throws
    {
        let value = String(repeating: "x", count: limit)
        #expect(reason([name: .string(value)]) == nil)
        #expect(reason([name: .string(value + "x")])?.hasSuffix("is longer than \(limit) octets") == true)
        // What counts is octets: an umlaut has two.
        #expect(reason([name: .string(value.dropLast() + "ä")]) != nil)
    }

    @Test func `S28 scopes are bounded by number and by length`() throws {
        func scopes(_ count: Int, _ length: Int = 1) -> [String: JSONValue] {
            let scope = JSONValue.string(String(repeating: "s", count: length))
            return ["scope": .array([JSONValue](repeating: scope, count: count))]
        }
        #expect(try parse(scopes(1_000)).scopes.count == 1_000)
        #expect(reason(scopes(1_001)) == "the response has more than 1000 scopes")
        #expect(reason(scopes(200_000)) == "the response has more than 1000 scopes")
        #expect(reason(scopes(128, 512)) == nil)
        #expect(reason(scopes(129, 512)) == "the response's scopes are longer than 65536 octets")
        let text = String(repeating: "s ", count: 400_000)
        #expect(reason(["scope": .string(text)]) == "the response has more than 1000 scopes")
    }

    @Test func `S28 the response itself is bounded, and a kept field that is an object`() {
        let large = JSONValue.string(String(repeating: "x", count: 256 * 1024))
        #expect(reason(["extra": large]) == "the response is longer than 262144 octets as JSON")
        let items = [JSONValue](repeating: .number("1"), count: 5_000)
        #expect(reason(["link": .object(["href": .array(items)])])?.contains("field link") == true)
    }

    @Test(arguments: ["access_token", "refresh_token", "id_token", "token_type"])
    func `a control character in a token is rejected with a reason`(_ name: String) {
        for character in ["\0", "\r\n", "\n", "\t", "\u{1b}", "\u{7f}"] {
            #expect(reason([name: .string("a\(character)b")])?.hasSuffix("holds a control character") == true)
        }
    }

    @Test func `white space parts scopes, and another control character is rejected`() throws {
        #expect(try parse(["scope": .string("a b\nc\t d\r\n")]).scopes == ["a", "b", "c", "d"])
        for scope in [JSONValue.string("a\0b"), .array([.string("a\nb")]), .string("a\u{7f}")] {
            #expect(reason(["scope": scope]) == "the response's scope holds a control character")
        }
    }

    @Test(arguments: ["id", "label", "link"])
    func `other values are kept as they are, but for a NUL, which is rejected`(_ name: String) throws {
        let odd = "a\r\n\t\u{1}\u{7f}\u{85}\u{2028}é e\u{301} 😀 "
        var members: [String: JSONValue] = ["id": .string("1")]
        members[name] = .string(odd)
        let response = try parse(members)
        let account = response.account(of: try sample(Self.entry))
        let kept = name == "id" ? account.id : name == "label" ? account.label : nil
        #expect(kept.map { Array($0.utf8) } == (name == "link" ? nil : Array(odd.utf8)))
        #expect(name != "link" || response.fields["link"] == .string(odd))
        #expect(reason([name: .string("a\0b")])?.hasSuffix("holds a control character") == true)
    }
}
