package import Connections
package import StateTokens
import Testing

/// Made-up rows. Each number gives another value, and the same one each time.
package enum Sample {
    package static let workspaceID = "wsp_one"
    package static let lease = Duration.seconds(60)
    package static let keep = Duration.seconds(3600)

    package static func flow(_ number: UInt8 = 1) throws -> FlowID {
        try #require(FlowID(octets: [UInt8](repeating: number, count: 16)))
    }

    package static func code(_ number: UInt8 = 1) throws -> CodeHash {
        try #require(CodeHash(octets: [UInt8](repeating: number, count: CodeHash.octetCount)))
    }

    package static func sealed(_ text: String = "sealed", key: UInt32 = 1) -> SealedCredentials {
        SealedCredentials(octets: Array(text.utf8), keyID: KeyID(rawValue: key))
    }

    package static func connection(
        _ id: ConnectionID, workspaceID: String = Sample.workspaceID, userID: String? = "usr_one",
        integrationID: String = "gmail", status: ConnectionStatus = .active,
        binding: FlowBinding = .confirmed
    ) throws -> NewConnection {
        NewConnection(
            id: id, workspaceID: workspaceID, userID: userID, integrationID: integrationID, label: "Gmail",
            status: status,
            terms: GrantTerms(
                authMethodID: "oauth2", scopesRequested: ["a", "b c"], scopesGranted: ["a"],
                config: ["shop": "ex\"ample", "é": ""],
                account: ProviderAccount(id: "42", label: "user@example.com"), binding: binding,
                flowID: try flow(), expiresAt: Timestamp(secondsSinceEpoch: 1_767_229_200)))
    }

    package static func renewal(
        of id: ConnectionID, workspaceID: String = Sample.workspaceID, ifRevision: Int64 = 1,
        isAccountCompared: Bool = true
    ) throws -> ConnectionRenewal {
        ConnectionRenewal(
            id: id, workspaceID: workspaceID, ifRevision: ifRevision,
            terms: GrantTerms(
                authMethodID: "oauth2", scopesRequested: ["c"], scopesGranted: ["c"], config: [:],
                account: nil, binding: .direct, flowID: try flow(9), expiresAt: nil,
                isAccountCompared: isAccountCompared))
    }
}
