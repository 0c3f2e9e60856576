import Cryptography
import Encodings
package import StateTokens

/// What a row knows of its grant beyond what an app sees. Rows of older versions know nothing of it.
package struct GrantFacts: Sendable, Hashable {
    /// The client that the grant was issued to; `nil` if that is not known.
    package let client: ClientFingerprint?
    /// How long the access token lasted when it was issued; `nil` if that is not known, or if it does not expire.
    package internal(set) var tokenLifetime: Duration?
    /// Whether the access token's end is the provider's own word, and nothing can refresh it.
    package let isExpiryFinal: Bool
    /// By when the user has to grant again, whatever is refreshed until then; `nil` if the provider sets no end.
    package let reauthorizeBy: Timestamp?
    /// When the sweep looks at the connection next; `nil`: never. Rows of older versions are looked at once.
    package internal(set) var sweepAt: DatabaseTime?

    package init(
        client: ClientFingerprint? = nil, tokenLifetime: Duration? = nil, isExpiryFinal: Bool = false,
        reauthorizeBy: Timestamp? = nil, sweepAt: DatabaseTime? = nil
    ) {
        self.client = client
        self.tokenLifetime = tokenLifetime
        self.isExpiryFinal = isExpiryFinal
        self.reauthorizeBy = reauthorizeBy
        self.sweepAt = sweepAt
    }
}

extension GrantFacts {
    /// The same of a token that was not issued just now.
    package var withoutTokenLifetime: GrantFacts {
        var facts = self
        facts.tokenLifetime = nil
        return facts
    }

    /// The same, looked at next at another time.
    package func sweeping(at time: Timestamp?) -> GrantFacts {
        var facts = self
        facts.sweepAt = time.map { DatabaseTime($0) }
        return facts
    }
}

/// Tells one client of a provider from another, by its id alone: a new secret or endpoint changes nothing.
package struct ClientFingerprint: Sendable, Hashable {
    package static let octetCount = 16

    package let octets: [UInt8]

    package init?(octets: [UInt8]) {
        guard octets.count == Self.octetCount else { return nil }
        self.octets = octets
    }

    /// The first 16 octets of SHA-256 over a label and the client id.
    package init(clientID: String) {
        var writer = OctetWriter()
        writer.append(text: "symbolon/client/1")
        writer.append(text: clientID)
        octets = Array(SHA256.digest(writer.octets.span).prefix(Self.octetCount))
    }
}

/// Which connections one revocation at a provider can end: those that were made by one client through one of these
/// integrations.
package struct RevocationReach: Sendable, Hashable {
    package let client: ClientFingerprint
    package let integrationIDs: Set<String>
    /// Where the accounts of an integration are known, by its id; of one that is not named, at the provider.
    package let scopes: [String: AccountScope]

    package init(
        client: ClientFingerprint, integrationIDs: Set<String>, scopes: [String: AccountScope] = [:]
    ) {
        self.client = client
        self.integrationIDs = integrationIDs
        self.scopes = scopes
    }

    func tenant(of config: [String: String], at integrationID: String) -> AccountTenant {
        (scopes[integrationID] ?? .provider).tenant(of: config)
    }
}

/// Whose grant it is, as far as that is known.
///
/// Two connections may live by one grant if both name the same account at the provider, or if one of them names
/// none and they are not two different users'; and unless they are for two servers or tenants.
package struct GrantOwner: Sendable, Hashable {
    package let reach: RevocationReach
    package let accountID: String?
    package let userID: String?
    package let tenant: AccountTenant
    /// The connection that does not count.
    package let except: ConnectionID?

    /// - Parameter config: of the integration's connection, as a row has it.
    package init(
        reach: RevocationReach, accountID: String?, userID: String?, integrationID: String,
        config: [String: String], except: ConnectionID? = nil
    ) {
        self.reach = reach
        self.accountID = accountID
        self.userID = userID
        tenant = reach.tenant(of: config, at: integrationID)
        self.except = except
    }
}

/// A connection that lives by the same grant, perhaps another workspace's.
package struct GrantSharer: Sendable, Hashable {
    package let id: ConnectionID?
    package let workspaceID: String?

    package init(id: ConnectionID?, workspaceID: String?) {
        self.id = id
        self.workspaceID = workspaceID
    }
}

extension GrantOwner {
    /// Whether a row can match it at all.
    package var isStorable: Bool { accountID?.isStorable ?? true && userID?.isStorable ?? true }

    /// Whether a row is for the same server or tenant, or cannot be read so far.
    func mayShareTenant(_ row: SharerRow) -> Bool {
        guard let integrationID = row.integrationID, let config = row.config else { return true }
        return !reach.tenant(of: config, at: integrationID).isOther(than: tenant)
    }
}
