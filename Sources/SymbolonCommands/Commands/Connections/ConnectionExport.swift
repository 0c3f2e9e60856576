import ConnectAPI
import Connections
import Cryptography
import Encodings
import StateTokens

/// Connections as one JSON document.
struct ConnectionExport {
    private(set) var octets: [UInt8]
    /// Those whose credentials did not open.
    private(set) var unreadable: [ConnectionID] = []

    /// - Parameter sealer: opens the credentials; `nil` leaves them out.
    init(_ found: FoundConnections, sealer: CredentialSealer?, at now: Timestamp) {
        var unreadable: [ConnectionID] = []
        octets = JSONOutput.object(capacity: 4096) { answer in
            answer.member("exported_at", now.rfc3339)
            answer.array("data") { data in
                for row in found.rows {
                    data.object { member in
                        row.connection.write(to: &member)
                        guard let sealer else { return }
                        do throws(CredentialError) {
                            let credentials = try sealer.open(row)
                            member.object("credentials") { credentials.write(to: &$0) }
                        } catch {
                            unreadable.append(row.connection.id)
                            member.null("credentials")
                        }
                    }
                }
            }
            answer.unreadable(found.unreadable)
        }
        self.unreadable = unreadable
    }

    /// Overwrites the document, which may hold tokens.
    mutating func wipe() {
        var span = octets.mutableSpan
        Cryptography.wipe(&span)
    }
}

extension CredentialSealer {
    fileprivate func open(_ row: SealedConnection) throws(CredentialError) -> Credentials {
        let connection = row.connection
        return try open(
            row.credentials,
            at: CredentialLocation(workspaceID: connection.workspaceID, connectionID: connection.id))
    }
}
