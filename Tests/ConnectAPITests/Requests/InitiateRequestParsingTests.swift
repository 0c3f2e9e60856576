import Testing

@testable import ConnectAPI

@Suite("InitiateRequest.parse") struct InitiateRequestParsingTests {
    private static let whole = """
        {"integration_id":"gmail","auth_method_id":"oauth2","scopes":["https://a.example/é",\
        "\\ud83d\\ude00"],"redirect_uri":"https://app.example/done","params":{"tenant":"a\\u00e9"},\
        "binding":null,"x":[1.5e3,{"y":null}]}
        """

    @Test func `the body itself is accepted`() throws {
        let request = try InitiateRequest.parse(Array(Self.whole.utf8).span, contentType: "application/json")
        #expect(request.scopes == ["https://a.example/é", "😀"])
        #expect(request.parameters == ["tenant": "aé"])
    }

    @Test func `new is a boolean or null`() throws {
        for (text, value) in [("true", true), ("false", false), ("null", nil)] as [(String, Bool?)] {
            let body = Array(#"{"integration_id":"gmail","new":\#(text)}"#.utf8)
            #expect(
                try InitiateRequest.parse(body.span, contentType: "application/json").isNew == value)
        }
        for text in ["1", "\"true\"", "[]", "{}"] {
            let body = Array(#"{"integration_id":"gmail","new":\#(text)}"#.utf8)
            guard case .failure(let error) = InitiateRequest.answer(to: body) else {
                Issue.record("\(text) was accepted")
                continue
            }
            #expect(error.issues.map(\.loc) == [[.name("body"), .name("new")]])
        }
    }

    @Test func `a user in the body, and any other unknown field, is ignored`() throws {
        for member in [#""user_id":"ada""#, #""user_id":null"#, #""user":"ada""#, #""user_ids":["ada"]"#] {
            let body = Array(#"{"integration_id":"gmail",\#(member)}"#.utf8)
            #expect(
                try InitiateRequest.parse(body.span, contentType: "application/json").integrationID == "gmail"
            )
        }
    }

    @Test func `a body that is not sent as JSON is told what to send, where FastAPI's words do not stand`() {
        let body = Array(#"{"ticket":"a","binding_secret":"b"}"#.utf8)
        #expect(throws: RequestValidationError([ValidationIssue(.notSentAsJSON)])) {
            try CompleteRequest.parse(body.span, contentType: "text/plain")
        }
        #expect(throws: RequestValidationError([ValidationIssue(.notRequest)])) {
            try InitiateRequest.parse(body.span, contentType: "text/plain")
        }
    }

    @Test func `every truncation of a body is a 422 of one JSON error`() {
        let body = Array(Self.whole.utf8)
        for count in 1..<body.count {
            guard case .failure(let error) = InitiateRequest.answer(to: Array(body[..<count])) else {
                Issue.record("accepted after \(count) octets")
                continue
            }
            #expect(error.issues.map(\.type) == ["json_invalid"])
        }
        #expect(
            InitiateRequest.answer(to: []) == .failure(RequestValidationError([ValidationIssue(.missing)])))
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `mutated octets are accepted or refused, never a trap`(_ seed: UInt64) {
        var source = SplitMix64(state: seed)
        let body = Array(Self.whole.utf8)
        for _ in 0..<2000 {
            var mutated = body
            for _ in 0..<Int.random(in: 1...4, using: &source) {
                let place = Int.random(in: 0..<mutated.count, using: &source)
                switch Int.random(in: 0..<4, using: &source) {
                case 0: mutated[place] = .random(in: 0...255, using: &source)
                case 1: mutated[place] ^= 1 << UInt8.random(in: 0..<8, using: &source)
                case 2: mutated.insert(.random(in: 0...255, using: &source), at: place)
                default: mutated.removeSubrange(place..<min(mutated.count, place + 3))
                }
            }
            if case .failure(let error) = InitiateRequest.answer(to: mutated) {
                #expect(!error.issues.isEmpty)
            }
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFE, 0x7B, 0, 0x7D, 0], [0xFE, 0xFF, 0, 0x7B, 0, 0x7D], [0x7B, 0, 0x7D, 0],
            [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x7B], Array("NaN".utf8), Array("{\"x\":-Infinity}".utf8),
            [0x1F, 0x8B, 8],
        ] as [[UInt8]])
    func `other encodings than UTF-8, and what is no JSON number, are a 422`(_ body: [UInt8]) {
        guard case .failure(let error) = InitiateRequest.answer(to: body) else {
            Issue.record("accepted")
            return
        }
        #expect(error.issues.map(\.type) == ["json_invalid"])
    }

    @Test func `the place of an error is counted in octets`() {
        for (body, place) in [("{\"é\":1 ?}", 8), ("{\"é😀\":x", 10), ("\u{FEFF}{,}", 4)] {
            #expect(InitiateRequest.answer(to: Array(body.utf8)) == .failure(.invalidJSON(at: place)))
        }
    }

    @Test func `a byte order mark is passed over`() throws {
        let body = Array("\u{FEFF}{\"integration_id\":\"gmail\"}".utf8)
        #expect(try InitiateRequest.answer(to: body).get().integrationID == "gmail")
    }

    @Test func `random octets in every encoding are never a trap`() {
        var source = SplitMix64(state: 7)
        let starts: [[UInt8]] = [
            [], [0xFF, 0xFE], [0xFE, 0xFF], [0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF], [0xEF, 0xBB, 0xBF],
            [0x7B, 0],
        ]
        for round in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &source)
            let body =
                starts[round % starts.count]
                + (0..<count).map { _ in UInt8.random(in: 0...255, using: &source) }
            if case .failure(let error) = InitiateRequest.answer(to: body) { #expect(!error.issues.isEmpty) }
        }
    }

    @Test func `any depth costs a bounded stack`() {
        for octets in ["[", "{\"a\":", "{\"scopes\":[", "{\"params\":{\"a\":"] {
            let body = Array(String(repeating: octets, count: 16_384 / octets.utf8.count).utf8)
            guard case .failure(let error) = InitiateRequest.answer(to: body) else {
                Issue.record("accepted")
                continue
            }
            #expect(error.issues.map(\.type) == ["json_invalid"])
        }
    }
}

/// A small generator with a seed, so that a failure comes back.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
