import Testing

@testable import StateTokens

/// The record and the token against vectors of a second implementation that was written from the page Format alone
/// (Vectors/state_record.py).
@Suite("The state record") struct StateRecordTests {
    struct State: Decodable {
        let issued_at: Int64
        let lifetime: Int
        let fingerprint: String
        let integration: String
        let workspace: String
        let auth_method: String
        let user: String?
        let scopes: [String]
        let redirect_uri: String?
        let code_verifier: String?
        let parameters: [String: String]
        let binding: String?
        let trace_id: String?
        let connection: String?
        let app_state: String?
        let label: String?
        let tags: [String: String]
        let screen: Bool
        let user_label: String?
        let new_connection: Bool
    }
    struct Valid: Decodable {
        let comment: String
        let state: State
        let record: String
        let key_id: String
        let iv: String
        let token: String
        let flow_id: String
        let canonical: Bool?
    }

    let file: RecordVectors<Valid>
    let codec: StateTokenCodec

    init() throws {
        file = try VectorFile.load("state-record.json", as: RecordVectors<Valid>.self)
        let keys = try file.sealingKeys()
        codec = try TestKeys.codec(keys, audience: file.audience)
        try #require(
            file.valid.count >= 200 && file.invalid_records.count >= 500 && file.invalid_tokens.count >= 200)
    }

    private func state(_ state: State) throws -> FlowState {
        var flow = FlowState(
            issuedAt: Timestamp(secondsSinceEpoch: state.issued_at), lifetime: .seconds(state.lifetime),
            integrationID: state.integration, fingerprint: try #require(UInt32(state.fingerprint, radix: 16)),
            authMethodID: state.auth_method, workspaceID: state.workspace, userID: state.user,
            scopes: state.scopes, redirectURI: state.redirect_uri,
            codeVerifier: state.code_verifier.flatMap { CodeVerifier(octets: octets($0)) },
            parameters: state.parameters, binding: state.binding.flatMap { Binding(octets: octets($0)) },
            traceID: state.trace_id.flatMap { TraceID(octets: octets($0)) },
            connectionID: state.connection, appState: state.app_state, label: state.label, tags: state.tags,
            screen: state.screen, userLabel: state.user_label)
        flow.newConnection = state.new_connection
        return flow
    }

    private func record(_ state: FlowState) throws(StateEncodingError) -> [UInt8] {
        try [UInt8](capacity: 1100) { output throws(StateEncodingError) in
            try StateRecord.write(state, to: &output)
        }
    }

    @Test func `what the other wrote is read the same`() throws {
        for vector in file.valid {
            let read = try StateRecord.read(octets(vector.record).span)
            #expect(try read == state(vector.state), "\(vector.comment)")
        }
    }

    @Test func `what the other wrote is written the same`() throws {
        for vector in file.valid where vector.canonical != false {
            #expect(try hex(record(state(vector.state))) == vector.record, "\(vector.comment)")
        }
    }

    @Test func `the other's tokens are verified, and have the other's flow id`() throws {
        for vector in file.valid {
            let issuedAt = Timestamp(secondsSinceEpoch: vector.state.issued_at)
            let verified = try codec.verify(vector.token, at: issuedAt)
            #expect(try verified.state == state(vector.state), "\(vector.comment)")
            #expect(hex(verified.flowID.octets) == vector.flow_id)
            #expect(verified.keyID.description == vector.key_id)
        }
    }

    @Test func `the other's key and IV give the other's token`() throws {
        for vector in file.valid where vector.canonical != false && vector.state.lifetime <= 600 {
            let token = try codec.encode(
                state(vector.state), key: #require(KeyID(vector.key_id)), iv: octets(vector.iv))
            #expect(token.text == vector.token, "\(vector.comment)")
        }
    }

    @Test func `every record that the other refuses is refused`() {
        for vector in file.invalid_records {
            #expect(throws: StateRecordError.self, "\(vector.comment)") {
                try StateRecord.read(octets(vector.record).span)
            }
        }
    }

    @Test func `every token that the other refuses is refused`() {
        for vector in file.invalid_tokens {
            #expect(throws: StateTokenError.self, "\(vector.comment)") {
                try codec.verify(vector.token, at: TestKeys.start)
            }
        }
    }

    static let base = FlowState(
        issuedAt: TestKeys.start, integrationID: "gmail", fingerprint: 1, workspaceID: "wsp_1")

    static let refused: [(FlowStateField, @Sendable (inout FlowState) -> Void)] = [
        (.issuedAt, { $0.issuedAt = Timestamp(secondsSinceEpoch: -1) }),
        (.issuedAt, { $0.issuedAt = Timestamp(secondsSinceEpoch: 1 << 32) }),
        (.lifetime, { $0.lifetime = .zero }),
        (.lifetime, { $0.lifetime = .seconds(-5) }),
        (.lifetime, { $0.lifetime = .milliseconds(1500) }),
        (.lifetime, { $0.lifetime = .seconds(2_097_152) }),
        (.integrationID, { $0.integrationID = "" }),
        (.workspaceID, { $0.workspaceID = "" }),
        (.authMethodID, { $0.authMethodID = "" }),
        (.userID, { $0.userID = "" }),
        (.redirectURI, { $0.redirectURI = "" }),
        (.connectionID, { $0.connectionID = "" }),
        (.appState, { $0.appState = "" }),
        (.label, { $0.label = "" }),
        (.tags, { $0.tags = ["": "x"] }),
        (.tags, { $0.tags = ["a": "x", "": ""] }),
        (.userLabel, { $0.userLabel = "" }),
        (.userLabel, { $0.userLabel = String(repeating: "x", count: 257) }),
        (.userLabel, { $0.userLabel = "x" + String(repeating: "é", count: 128) }),
        (.scopes, { $0.scopes = [""] }),
        (.scopes, { $0.scopes = ["a b"] }),
        (.scopes, { $0.scopes = ["ok", "a\"b"] }),
        (.scopes, { $0.scopes = ["é"] }),
        (.parameters, { $0.parameters = ["": "x"] }),
        (.parameters, { $0.parameters = ["é": "x"] }),
        (.parameters, { $0.parameters = ["a b": "x"] }),
    ]

    @Test(arguments: refused.indices) func `what the format cannot carry is refused`(_ index: Int) {
        let (field, change) = Self.refused[index]
        var state = Self.base
        change(&state)
        #expect(throws: StateEncodingError.invalidField(field)) { try record(state) }
    }

    @Test func `a record of 1024 octets is the longest`() throws {
        var state = Self.base
        let empty = try record(state).count
        state.appState = String(repeating: "x", count: 1024 - empty - 2)
        #expect(try record(state).count == 1024)
        state.appState?.append("x")
        #expect(throws: StateEncodingError.tooLong) { try record(state) }
    }
}
