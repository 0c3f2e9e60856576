import Integrations
import Testing

@Suite("Scopes that are missing") struct ScopesMissingTests {
    private static let cases: [([String], [String], [String])] = [
        (["a", "b"], ["a"], ["b"]), (["a"], ["a", "c"], []), (["a"], [], ["a"]), ([], ["a"], []),
        (["Mail.Read"], ["https://graph.microsoft.com/Mail.Read"], []), (["A"], ["a"], ["A"]),
        (["email", "profile"], ["https://www.googleapis.com/auth/userinfo.email"], ["profile"]),
        (["Read"], ["https://graph.microsoft.com/Mail.Read"], ["Read"]),
        (["read"], ["http://x/read", "unread", "x.read"], ["read"]), (["offline_access", "a"], ["a"], []),
    ]

    @Test(arguments: cases)
    func `a scope is granted by its name, behind its API's URL, or by a provider's name for OpenID's`(
        _ requested: [String], _ granted: [String], _ missing: [String]
    ) {
        #expect(ScopeRules.missing(requested: requested, granted: granted, under: nil) == missing)
    }
}
