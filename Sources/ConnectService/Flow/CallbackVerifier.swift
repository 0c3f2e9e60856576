internal import Connections
internal import Integrations
internal import OAuth
package import StateTokens

/// Verifies callbacks, cheapest checks first. Synchronous: nothing is parsed beyond the parameters' form, looked up or sent
/// anywhere before the state's tag holds, and nothing is stored at all.
package struct CallbackVerifier: Sendable {
    private let codec: StateTokenCodec
    private let tickets: TicketCodec
    private let standing: FlowStanding
    private let counts: CallbackCounts
    private let ticketCounts: TicketCounts
    private let onUnknownKey: @Sendable (KeyID) async -> Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameter onUnknownKey: looks for a key that a state names and the ring lacks, which may read a file; whether it
    ///   is there now.
    package init(
        codec: StateTokenCodec, tickets: TicketCodec, standing: FlowStanding,
        counts: CallbackCounts = CallbackCounts(), ticketCounts: TicketCounts = TicketCounts(),
        onUnknownKey: @escaping @Sendable (KeyID) async -> Bool = { _ in false },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.codec = codec
        self.tickets = tickets
        self.standing = standing
        self.counts = counts
        self.ticketCounts = ticketCounts
        self.onUnknownKey = onUnknownKey
        self.now = now
    }

    /// Verifies a callback with the keys that are there, without waiting for another.
    ///
    /// - Parameters:
    ///   - octets: the query or the form, as it came.
    ///   - integrationID: what the path names.
    ///   - context: what the path has after it.
    package func verifyNow(_ octets: [UInt8], integrationID: String, context: String? = nil)
        -> CallbackResult
    {
        var keyID: KeyID?
        let result = result(
            on: octets, integrationID: integrationID, context: context, openedUnder: &keyID)
        count(result, openedUnder: keyID)
        return result
    }

    /// Verifies a callback without waiting for anything; `nil`, and nothing is counted, if the key that its state names
    /// has to be looked for, or its server's document has to be read: ``verify(_:integrationID:context:)`` does.
    package func verifyAtOnce(_ octets: [UInt8], integrationID: String, context: String? = nil)
        -> CallbackResult?
    {
        var keyID: KeyID?
        let result = result(
            on: octets, integrationID: integrationID, context: context, openedUnder: &keyID)
        switch result {
        case .refused(.state(.unknownKey)), .refused(.undiscovered): return nil
        default: break
        }
        count(result, openedUnder: keyID)
        return result
    }

    /// Verifies a callback, and again if the key that its state names has just come: another replica may have sealed with
    /// it already. So too once the document of the flow's server was read.
    package func verify(_ octets: [UInt8], integrationID: String, context: String? = nil) async
        -> CallbackResult
    {
        var keyID: KeyID?
        var result = result(
            on: octets, integrationID: integrationID, context: context, openedUnder: &keyID)
        if case .refused(.state(.unknownKey(let id))) = result, await onUnknownKey(id) {
            result = self.result(
                on: octets, integrationID: integrationID, context: context, openedUnder: &keyID)
        }
        if case .refused(.undiscovered(let need)) = result, await standing.discover(need) {
            result = self.result(
                on: octets, integrationID: integrationID, context: context, openedUnder: &keyID)
        }
        count(result, openedUnder: keyID)
        return result
    }

    private func count(_ result: CallbackResult, openedUnder keyID: KeyID?) {
        if let keyID { counts.opened(under: keyID) }
        if case .refused(let refusal) = result { counts.refused(refusal) }
    }

    /// - Parameter keyID: the key that opened the state.
    private func result(
        on octets: [UInt8], integrationID: String, context: String?, openedUnder keyID: inout KeyID?
    ) -> CallbackResult {
        let parameters: CallbackParameters
        do throws(CallbackError) {
            parameters = try CallbackParameters.parse(octets)
        } catch {
            return .refused(.parameters(error))
        }
        guard let text = parameters.state else { return .refused(.stateMissing) }
        var isExpired = false
        let verified: VerifiedState
        do throws(StateTokenError) {
            verified = try codec.verify(text, at: now())
        } catch .expired(let state) {
            // Authentic: it still says where to send the user.
            verified = state
            isExpired = true
        } catch {
            return .refused(CallbackVerificationError(error))
        }
        keyID = verified.keyID
        guard verified.state.integrationID == integrationID else {
            return .refused(.otherIntegration)
        }
        return result(on: verified, text: text, parameters, context: context, isExpired: isExpired)
    }

    private func result(
        on verified: VerifiedState, text: String, _ parameters: CallbackParameters, context: String?,
        isExpired: Bool
    ) -> CallbackResult {
        let destination = FlowDestination(verified)
        let integration: ConfiguredIntegration
        let endpoints: Endpoints
        do throws(FlowStandingError) {
            (integration, endpoints) = try standing.check(verified.state)
        } catch .redirectURINotAllowed {
            return .refused(.redirectURINotAllowed)
        } catch .notReady {
            return .refused(.notReady)
        } catch .undiscovered(let need) {
            return .refused(.undiscovered(need))
        } catch {
            return .ended(destination, .restart)
        }
        // A server that a caller named must not get another's code, nor one client's flow a code of another's.
        guard isContext(of: endpoints, context) else { return .refused(.otherContext) }
        do throws(IssuerError) {
            try IssuerCheck.verify(parameters, for: integration, endpoints: endpoints)
        } catch {
            return .refused(.wrongIssuer(error))
        }
        guard !isExpired else { return .ended(destination, .stateExpired) }
        do throws(CallbackError) {
            switch try parameters.authorizationResponse(for: integration.integration) {
            case .error(let code, let description):
                return .ended(destination, .provider(code: code, description: description))
            case .code(let grant):
                return authorized(verified, text, integration, grant)
            }
        } catch {
            return .refused(.parameters(error))
        }
    }

    /// By octets, as a path has them.
    private func isContext(of endpoints: Endpoints, _ context: String?) -> Bool {
        switch (endpoints.context, context) {
        case (nil, nil): true
        case (let own?, let named?): own.utf8.elementsEqual(named.utf8)
        default: false
        }
    }

    /// What a code is good for: an exchange, a question on our page, or, in confirm mode, a ticket. The endpoints are checked
    /// either way.
    private func authorized(
        _ verified: VerifiedState, _ text: String, _ integration: ConfiguredIntegration,
        _ grant: AuthorizationGrant
    ) -> CallbackResult {
        do throws(ParameterError) {
            let endpoints = try integration.endpoints(
                parameters: verified.state.parameters, callbackFields: grant.fields)
            guard verified.state.binding == nil else { return handOver(verified, text, grant) }
            guard !standing.asksOnScreen(verified.state) else {
                return ask(verified, text, integration, grant)
            }
            return .authorized(
                AuthorizedFlow(
                    verified: verified, stateText: text, integration: integration, endpoints: endpoints,
                    grant: grant))
        } catch {
            return .refused(.parameters(.malformed(reason: error.description)))
        }
    }

    private func handOver(
        _ verified: VerifiedState, _ text: String, _ grant: AuthorizationGrant
    ) -> CallbackResult {
        let ticket = Ticket(
            issuedAt: now(), stateText: text, code: grant.code, fields: grant.fields, scopes: grant.scopes)
        do throws(TokenEncodingError) {
            let sealed = try tickets.encode(ticket, at: now())
            ticketCounts.issued()
            return .handedOver(FlowDestination(verified), ticket: sealed)
        } catch {
            return .refused(CallbackVerificationError(error))
        }
    }

    private func ask(
        _ verified: VerifiedState, _ text: String, _ integration: ConfiguredIntegration,
        _ grant: AuthorizationGrant
    ) -> CallbackResult {
        do throws(TokenEncodingError) {
            return .asked(
                try ScreenQuestion(
                    verified, stateText: text, grant, integration,
                    appName: standing.appName(of: verified.state),
                    tickets: tickets, at: now()))
        } catch {
            return .refused(CallbackVerificationError(error))
        }
    }
}

extension ScreenQuestion {
    init(
        _ verified: VerifiedState, stateText: String, _ grant: AuthorizationGrant,
        _ integration: ConfiguredIntegration, appName: String, tickets: TicketCodec, at now: Timestamp
    ) throws(TokenEncodingError) {
        let ticket = Ticket(
            issuedAt: now, stateText: stateText, code: grant.code, fields: grant.fields, scopes: grant.scopes)
        destination = FlowDestination(verified)
        self.ticket = try tickets.encode(ticket, as: .screen, at: now)
        self.appName = appName
        userName = verified.state.userLabel ?? verified.state.userID
        integrationLabel = integration.integration.label
        scopes = verified.state.scopes
    }
}
