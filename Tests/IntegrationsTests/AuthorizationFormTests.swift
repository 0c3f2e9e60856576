import Testing

@testable import Integrations

/// How the authorization request's own form may differ from RFC 6749's.
@Suite("Authorization form") struct AuthorizationFormTests {
    @Test(arguments: [
        ("{response_type: \"id_token token\"}", "response_type"), ("{response_type: token}", "response_type"),
        ("{response_type: x, omit: [response_type]}", "response_type"),
        ("{code_challenge_method: plain}", "code_challenge_method"),
        ("{redirect_uri: \"{name}\"}", "redirect_uri"),
        ("{redirect_uri: fixed, omit: [redirect_uri]}", "redirect_uri"),
        ("{query_in_fragment: true}", "query_in_fragment"), ("{fragment: \"a#b\"}", "fragment"),
        ("{fragment: \"a b\"}", "fragment"), ("{order: [appid, scope]}", "order"),
        ("{order: [scope, scope]}", "order"), ("{omit: [code_challenge]}", "omit"),
    ]) func `a form that cannot be right is refused where it stands`(_ rules: String, _ field: String) {
        let text = entryText(
            """
            authorization: \(rules)
            parameters: {name: {kind: segment}}
            token: {parameters: {name: "{name}"}}
            """)
        let found = mistakes(text)
        #expect(found.contains { $0.field == "authorization.\(field)" }, "\(found)")
    }

    @Test func `a fragment is written once`() {
        let text = entryText("authorization: {fragment: a}").replacing("/authorize", with: "/#/authorize")
        #expect(mistakes(text).map(\.field) == ["authorization.fragment"])
    }

    @Test func `parameters that are ordered come first, and the rest keeps its place`() throws {
        let text = entryText(
            """
            authorization:
              parameter_names: {client_id: appid}
              order: [state, appid]
              parameters: {z: "1", a: "2"}
            """)
        let prefix = try configured(text).endpoints().authorizationPrefix
        var url = prefix.octets + Array("&scope=x&state=s%26t".utf8)
        #expect(prefix.isOrdered)
        prefix.arrange(&url, by: ["state", "appid"])
        #expect(
            String(decoding: url, as: UTF8.self)
                == "https://example.com/authorize?state=s%26t&appid=client&response_type=code&z=1&a=2&scope=x"
        )
    }
}
