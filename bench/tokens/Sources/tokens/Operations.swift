import StateTokens

/// Everything that can be measured, by name. One call runs an operation as often as it is told.
struct Operations {
    typealias Operation = (Int) throws -> Void

    private var operations: [String: Operation] = [:]
    private let parts: Parts
    private let flow: Flow
    /// What everything produces ends here, so that nothing is left out as unused.
    private let sink = Sink()

    var names: [String] { operations.keys.sorted() }

    init() throws {
        parts = try Parts()
        flow = try Flow()
        try addWhole()
        try addRefusals()
        try addThreads()
        try FloorOperations(flow: flow, parts: parts, sink: sink).add(to: &operations)
        try BareOperations(parts: parts, sink: sink).add(to: &operations)
        #if canImport(Crypto)
        try AESGCMOperations(sink: sink).add(to: &operations)
        #endif
    }

    /// How often an operation runs between two looks at the clock: on two threads so often that to start and to wait for
    /// them is lost in it.
    static func batch(of name: String) -> Int { name.hasSuffix("-two-threads") ? 20_000 : 200 }

    func named(_ name: String) throws -> Operation {
        guard let operation = operations[name] else { throw BenchError.noSuchOperation(name) }
        return operation
    }

    func lengths() throws -> [(String, Int)] {
        let verifier = try parts.codec.makeCodeVerifier()
        let token = try parts.codec.encode(flow.state(issuedAt: .now(), verifier))
        return [("symbolon", token.text.utf8.count)]
    }

    /// From the flow's values to the string, and back: verifier, challenge and the verifier's text included.
    private mutating func addWhole() throws {
        let (parts, flow, sink) = (parts, flow, sink)
        let now = Timestamp.now()
        operations["encode"] = Self.encode(flow, at: now, parts, sink)
        operations["verify"] = try Self.verify(flow, at: now, parts, sink)
    }

    private static func encode(_ flow: Flow, at now: Timestamp, _ parts: Parts, _ sink: Sink) -> Operation {
        { count in
            for _ in 0..<count {
                let verifier = try parts.codec.makeCodeVerifier()
                let token = try parts.codec.encode(flow.state(issuedAt: now, verifier), at: now)
                sink.take(token.text.utf8.count + verifier.codeChallenge.utf8.count)
            }
        }
    }

    private static func verify(
        _ flow: Flow, at now: Timestamp, _ parts: Parts, _ sink: Sink
    ) throws -> Operation {
        let token = try parts.codec.encode(flow.state(issuedAt: now, parts.codec.makeCodeVerifier()), at: now)
        return { count in
            for _ in 0..<count {
                let verified = try parts.codec.verify(token.text, at: now)
                guard let verifier = verified.state.codeVerifier else { throw BenchError.wrong("verify") }
                sink.take(verifier.text.utf8.count + verified.state.scopes.count)
            }
        }
    }

    /// What a state that is not good costs.
    private mutating func addRefusals() throws {
        let (parts, flow, sink) = (parts, flow, sink)
        let now = Timestamp.now()
        let verifier = try parts.codec.makeCodeVerifier()
        let state = flow.state(issuedAt: now, verifier)
        let good = try parts.codec.encode(state, at: now).text
        let old = flow.state(issuedAt: now - .seconds(1000), verifier)
        let refused = [
            "refuse-malformed": String(good.dropLast()) + "=",
            "refuse-unknown-key": try parts.unknown.encode(state, at: now).text,
            "refuse-forged": try parts.stranger.encode(state, at: now).text,
            "refuse-expired": try parts.codec.encode(old, at: now).text,
        ]
        for (name, text) in refused {
            operations[name] = { count in
                for _ in 0..<count {
                    do throws(StateTokenError) {
                        sink.take(try parts.codec.verify(text, at: now).state.scopes.count)
                        throw .malformed
                    } catch {
                        guard name.hasSuffix(error.bench) else { return }
                        sink.take(1)
                    }
                }
            }
        }
    }

    /// The whole on two threads at once: half of the runs each, on separate flows, as requests are.
    private mutating func addThreads() throws {
        let now = Timestamp.now()
        let flows = (try Flow(), try Flow())
        let encode = (
            Self.encode(flows.0, at: now, parts, sink), Self.encode(flows.1, at: now, parts, Sink())
        )
        operations["encode-two-threads"] = { count in
            try TwoThreads.run({ try encode.0(count / 2) }, { try encode.1(count / 2) })
        }
        let verify = (
            try Self.verify(flows.0, at: now, parts, sink), try Self.verify(flows.1, at: now, parts, Sink())
        )
        operations["verify-two-threads"] = { count in
            try TwoThreads.run({ try verify.0(count / 2) }, { try verify.1(count / 2) })
        }
    }
}

extension StateTokenError {
    /// As the operations' names have it.
    fileprivate var bench: String {
        switch self {
        case .malformed: "malformed"
        case .unknownKey: "unknown-key"
        case .forged: "forged"
        case .expired: "expired"
        default: "else"
        }
    }
}
