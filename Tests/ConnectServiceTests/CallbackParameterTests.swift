import ConnectService
import Connections
import OAuth
import StateTokens
import Testing

@Suite("Callback parameters") struct CallbackParameterTests {
    private static let issuer = "https://issuer.example.com"
    private let deployment: Deployment

    init() throws {
        deployment = try Deployment(
            catalog: """
                integrations:
                \(Catalogs.entry(id: "sample"))
                \(Catalogs.entry(id: "known", "issuer: \(Self.issuer)"))
                \(Catalogs.entry(id: "promised", "issuer: \(Self.issuer)\nsends_iss: true"))
                \(Catalogs.entry(id: "realm", "callback: {fields: [realmId]}"))
                """)
    }

    // MARK: iss

    @Test(arguments: ["code=a", "error=access_denied"], ["known", "promised"])
    func `S07 another issuer is refused, on error answers too`(_ answer: String, _ id: String) throws {
        let state = try deployment.begin(id).state
        let others = [
            "https://evil.example", "\(Self.issuer)/", "HTTPS://issuer.example.com",
            "https://ISSUER.example.com",
            "https://issuer.example.com:443", "https://issuer.example.com%00", " \(Self.issuer)",
            "\(Self.issuer) ", "null",
        ]
        for issuer in others {
            #expect(
                deployment.refusal("\(answer)&state=\(state)&iss=\(Query.encoded(issuer))", on: id)
                    == .wrongIssuer(.mismatch), "\(issuer)")
        }
    }

    @Test(arguments: ["code=a", "error=access_denied", "code=a&iss=", "error=access_denied&iss="])
    func `S07 an issuer that the provider promises has to be there`(_ query: String) throws {
        let state = try deployment.begin("promised").state
        #expect(deployment.refusal("\(query)&state=\(state)", on: "promised") == .wrongIssuer(.missing))
    }

    @Test func `S07 the issuer is judged before the age of the state`() throws {
        let state = try deployment.begin("promised").state
        deployment.clock.advance(by: .seconds(3_600))
        #expect(
            deployment.refusal("code=a&iss=https://evil.example&state=\(state)", on: "promised")
                == .wrongIssuer(.mismatch))
    }

    @Test(arguments: ["known", "promised"])
    func `the issuer itself is accepted`(_ id: String) throws {
        let state = try deployment.begin(id).state
        guard
            case .authorized = deployment.callback(
                "code=a&state=\(state)&iss=\(Query.encoded(Self.issuer))", on: id)
        else {
            Issue.record("refused")
            return
        }
    }

    // MARK: Tokens and fields

    @Test(arguments: [
        "access_token=stolen", "id_token=a.b.c", "access_token=stolen&token_type=bearer", "token=a",
        "ticket=a", "Code=a",
        "code%00=a", "codes=a",
    ])
    func `S17 a token in the front channel is no code`(_ query: String) throws {
        let state = try deployment.begin().state
        #expect(
            deployment.refusal("\(query)&state=\(state)")
                == .parameters(.malformed(reason: "neither a code nor an error is there")))
    }

    @Test func `S17 a token beside the code is ignored`() throws {
        let state = try deployment.begin("realm").state
        guard
            case .authorized(let flow) = deployment.callback(
                "access_token=stolen&id_token=a.b.c&code=good&realmId=7&state=\(state)", on: "realm")
        else {
            Issue.record("refused")
            return
        }
        #expect(flow.grant.code == "good")
        #expect(flow.grant.fields == ["realmId": "7"])
    }

    // MARK: Shape

    @Test func `S20 every parameter may be absent, empty, doubled or huge and gives a clean answer`() throws {
        let state = try deployment.begin().state
        let names = ["code", "state", "iss", "error", "error_description", "error_uri", "scope"]
        let kinds = 5
        var authorized = 0
        for combination in 0..<Int(kinds * kinds * kinds * kinds) {
            var rest = combination
            var pairs: [String] = []
            for name in names.prefix(4) {
                let value = name == "state" ? state : "x"
                switch rest % kinds {
                case 0: break
                case 1: pairs.append("\(name)=")
                case 2: pairs.append("\(name)=\(value)")
                case 3: pairs += ["\(name)=\(value)", "\(name)=\(value)"]
                default: pairs.append("\(name)=" + String(repeating: "x", count: 20_000))
                }
                rest /= kinds
            }
            let query = pairs.joined(separator: "&")
            switch deployment.callback(query) {
            case .authorized:
                authorized += 1
                #expect(
                    query.contains("code=x") && query.contains("state=\(state)") && query.utf8.count < 16_385)
            case .ended(_, let failure):
                #expect(failure == .provider(code: "x", description: nil) && query.contains("error=x"))
            case .refused(.parameters(.tooLarge)): #expect(query.utf8.count > 16_384)
            case .refused: #expect(query.utf8.count <= 16_384)
            case .handedOver, .asked: Issue.record("the flow has no binding")
            }
        }
        // code=x, state, iss in three ways (absent, empty, there: the sample knows no issuer), error absent or empty.
        #expect(authorized == 6)
    }

    @Test(arguments: ["code", "state", "iss", "error"])
    func `S20 a doubled parameter is refused before the state is opened`(_ name: String) throws {
        let query = "\(name)=a&\(name)=b&state2=c"
        #expect(deployment.refusal(query) == .parameters(.malformed(reason: "`\(name)` comes twice")))
    }

    @Test func `S20 more parameters than any provider sends are refused`() {
        #expect(
            deployment.refusal(String(repeating: "a=b&", count: 101))
                == .parameters(.malformed(reason: "there are more than 100 parameters")))
    }

    @Test(arguments: ["foo", "hd=100%", "name=Ren%E9", "%ff=b", "x=%c0%80", "error_uri=a&error_uri=b"])
    func `S20 an odd parameter that is not used ends no flow`(_ odd: String) throws {
        let state = try deployment.begin().state
        guard case .authorized(let flow) = deployment.callback("code=a&\(odd)&state=\(state)") else {
            Issue.record("refused")
            return
        }
        #expect(flow.grant.code == "a")
        guard case .ended(_, let failure) = deployment.callback("error=access_denied&\(odd)&state=\(state)")
        else {
            Issue.record("refused")
            return
        }
        #expect(failure == .provider(code: "access_denied", description: nil))
    }

    @Test(arguments: ["code=%ff", "code=a%E9", "code=%ed%a0%80"])
    func `S20 a code that is not UTF-8 is refused`(_ code: String) throws {
        let state = try deployment.begin().state
        #expect(
            deployment.refusal("\(code)&state=\(state)")
                == .parameters(.malformed(reason: "`code` is not UTF-8")))
    }

    @Test func `S20 a code and an error together are refused`() throws {
        let state = try deployment.begin().state
        #expect(
            deployment.refusal("code=a&error=b&state=\(state)")
                == .parameters(.malformed(reason: "a code and an error come together")))
    }

    @Test func `S20 a code of 4 kB and a callback of 16 kB are taken, and one octet more is not`() throws {
        let state = try deployment.begin().state
        let query = "state=\(state)&code=" + String(repeating: "c", count: 4_096) + "&more="
        let full = query.padding(to: 16_384)
        guard case .authorized(let flow) = deployment.callback(full) else {
            Issue.record("refused")
            return
        }
        #expect(flow.grant.code.utf8.count == 4_096)
        #expect(deployment.refusal(full + "a") == .parameters(.tooLarge))
    }

    @Test func `S20 a field to be kept may come once`() throws {
        let state = try deployment.begin("realm").state
        #expect(
            deployment.refusal("code=a&realmId=1&realmId=2&state=\(state)", on: "realm")
                == .parameters(.malformed(reason: "`realmId` comes twice")))
    }
}
