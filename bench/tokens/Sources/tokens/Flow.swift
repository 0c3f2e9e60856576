import Foundation
import StateTokens

/// The flow that everybody carries: `bench/flow.json`.
struct Flow: Decodable {
    let integrationID: String
    let authMethodID: String
    let workspaceID: String
    let scopes: [String]
    let redirectURI: String

    enum CodingKeys: String, CodingKey {
        case integrationID = "integration_id"
        case authMethodID = "auth_method_id"
        case workspaceID = "workspace_id"
        case scopes
        case redirectURI = "redirect_uri"
    }

    init() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../../flow.json").standardizedFileURL
        self = try JSONDecoder().decode(Flow.self, from: Data(contentsOf: file))
    }

    func state(issuedAt: Timestamp, _ verifier: CodeVerifier) -> FlowState {
        FlowState(
            issuedAt: issuedAt, integrationID: integrationID, fingerprint: 0x1f3a_9c02,
            authMethodID: authMethodID, workspaceID: workspaceID, scopes: scopes, redirectURI: redirectURI,
            codeVerifier: verifier)
    }
}

/// The keys and codecs that the operations share.
struct Parts {
    static let audience = "https://connect.example.com"
    static let material = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }

    let ring: Keyring
    let sealer: Sealer
    let codec: StateTokenCodec
    /// Of a service elsewhere, so that its tokens are forged here.
    let stranger: StateTokenCodec
    /// Whose key the ring does not have.
    let unknown: StateTokenCodec

    init() throws {
        guard let audience = Audience(publicURL: Self.audience),
            let elsewhere = Audience(publicURL: "https://connect.example.org")
        else { throw BenchError.flow("no audience") }
        ring = try Self.ring(1, Self.material)
        sealer = Sealer(KeyringReference(ring))
        codec = StateTokenCodec(sealer: sealer, audience: audience)
        stranger = StateTokenCodec(sealer: sealer, audience: elsewhere)
        let other = try Self.ring(2, Self.material.reversed())
        unknown = StateTokenCodec(sealer: Sealer(KeyringReference(other)), audience: audience)
    }

    private static func ring(_ id: UInt32, _ material: [UInt8]) throws -> Keyring {
        let key = Key(
            id: KeyID(rawValue: id), material: try KeyMaterial(octets: material.span),
            created: Timestamp(secondsSinceEpoch: 0), activates: Timestamp(secondsSinceEpoch: 0))
        return try Keyring(purpose: .state, deploymentID: "d_bench", keys: [key])
    }
}
