internal import Integrations
internal import OAuth
package import StateTokens

/// A ticket and the secret behind its flow's binding.
package struct CompleteCommand: Sendable {
    package let ticket: String
    /// What the binding of the initiate request is the SHA-256 of.
    package let bindingSecret: String

    package init(ticket: String, bindingSecret: String) {
        self.ticket = ticket
        self.bindingSecret = bindingSecret
    }
}

/// Verifies tickets: whether a flow is the caller's to complete. Synchronous, and nothing is claimed or sent anywhere.
///
/// A callback only proves that somebody authorized. That it was the user whose session the app's server has before it is
/// what the secret behind the binding proves, and nothing else can (RFC 9700 §4.7 speaks of the browser's session; here the
/// session is the app's).
package struct TicketVerifier: Sendable {
    private let tickets: TicketCodec
    private let standing: FlowStanding
    private let counts: TicketCounts
    private let onUnknownKey: @Sendable (KeyID) async -> Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameter onUnknownKey: looks for a key that a ticket names and the ring lacks, which may read a file; whether it
    ///   is there now.
    package init(
        tickets: TicketCodec, standing: FlowStanding, counts: TicketCounts = TicketCounts(),
        onUnknownKey: @escaping @Sendable (KeyID) async -> Bool = { _ in false },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.tickets = tickets
        self.standing = standing
        self.counts = counts
        self.onUnknownKey = onUnknownKey
        self.now = now
    }

    /// Verifies a ticket, and again if the key that it names has just come: another replica may have sealed with it
    /// already.
    package func verify(
        _ command: CompleteCommand, workspaceID: String, userID: String?
    ) async throws(TicketVerificationError) -> AuthorizedFlow {
        try await again { () throws(TicketVerificationError) in
            try flow(command, workspaceID: workspaceID, userID: userID)
        }
    }

    /// Verifies, and again once what was missing has come: the key that the ticket names, the document of the flow's server.
    private func again(
        _ verify: () throws(TicketVerificationError) -> AuthorizedFlow
    ) async throws(TicketVerificationError) -> AuthorizedFlow {
        var refusal: TicketVerificationError
        do throws(TicketVerificationError) {
            return try verify()
        } catch {
            refusal = error
        }
        if case .ticket(.unopened(.unknownKey(let id))) = refusal, await onUnknownKey(id) {
            do throws(TicketVerificationError) {
                return try verify()
            } catch {
                refusal = error
            }
        }
        do throws(TicketVerificationError) {
            guard case .standing(.undiscovered(let need)) = refusal, await standing.discover(need) else {
                throw refusal
            }
            return try verify()
        } catch {
            counts.refused(error)
            throw error
        }
    }

    /// Verifies a ticket with the keys that are there, without waiting for another.
    ///
    /// - Parameters:
    ///   - workspaceID: the one that the caller's credential opens and the request is about.
    ///   - userID: the user that the credential names; one that names none acts for the whole workspace.
    package func verifyNow(
        _ command: CompleteCommand, workspaceID: String, userID: String?
    ) throws(TicketVerificationError) -> AuthorizedFlow {
        do throws(TicketVerificationError) {
            return try flow(command, workspaceID: workspaceID, userID: userID)
        } catch {
            counts.refused(error)
            throw error
        }
    }

    private func flow(
        _ command: CompleteCommand, workspaceID: String, userID: String?
    ) throws(TicketVerificationError) -> AuthorizedFlow {
        let verified: VerifiedTicket
        do throws(TicketError) {
            verified = try tickets.verify(command.ticket, at: now())
        } catch {
            throw TicketVerificationError(error)
        }
        let state = verified.state.state
        // By octets: strings that Unicode calls equivalent name different workspaces and users.
        guard state.workspaceID.utf8.elementsEqual(workspaceID.utf8) else { throw .otherWorkspace }
        if let userID {
            guard let owner = state.userID, owner.utf8.elementsEqual(userID.utf8) else {
                throw .otherUser
            }
        }
        let integration: ConfiguredIntegration
        do throws(FlowStandingError) {
            (integration, _) = try standing.check(state)
        } catch {
            throw .standing(error)
        }
        guard let binding = state.binding else { throw .unbound }
        // Bindings are compared in constant time.
        guard Binding(secret: command.bindingSecret) == binding else { throw .bindingMismatch }
        return try authorized(verified, integration)
    }

    /// Verifies the ticket of our page's form, whose post is the user's answer.
    ///
    /// The flow's standing is judged once more: what requires the app's server now, or a flow with a binding, ends here.
    package func verifyScreen(_ text: String) async throws(TicketVerificationError) -> AuthorizedFlow {
        try await again { () throws(TicketVerificationError) in try screenFlow(text) }
    }

    private func screenFlow(_ text: String) throws(TicketVerificationError) -> AuthorizedFlow {
        let verified: VerifiedTicket
        do throws(TicketError) {
            verified = try tickets.verify(text, as: .screen, at: now())
        } catch {
            throw TicketVerificationError(error)
        }
        let integration: ConfiguredIntegration
        do throws(FlowStandingError) {
            (integration, _) = try standing.check(verified.state.state)
        } catch {
            throw .standing(error)
        }
        guard verified.state.state.binding == nil else { throw .bound }
        return try authorized(verified, integration)
    }

    /// The question of our page again, with a new ticket, where the answer could not be carried out yet.
    ///
    /// - Returns: `nil` once the state has expired, so that no ticket of a flow outlives the flow's claim.
    package func question(again flow: AuthorizedFlow) throws(TokenEncodingError) -> ScreenQuestion? {
        guard now() < flow.verified.state.expiresAt else { return nil }
        return try ScreenQuestion(
            flow.verified, stateText: flow.stateText, flow.grant, flow.integration,
            appName: standing.appName(of: flow.verified.state), tickets: tickets, at: now())
    }

    private func authorized(
        _ verified: VerifiedTicket, _ integration: ConfiguredIntegration
    ) throws(TicketVerificationError) -> AuthorizedFlow {
        let ticket = verified.ticket
        do throws(ParameterError) {
            let endpoints = try integration.endpoints(
                parameters: verified.state.state.parameters, callbackFields: ticket.fields)
            return AuthorizedFlow(
                verified: verified.state, stateText: ticket.stateText, integration: integration,
                endpoints: endpoints,
                grant: AuthorizationGrant(code: ticket.code, fields: ticket.fields, scopes: ticket.scopes))
        } catch {
            throw .standing(.changed)
        }
    }
}
