internal import Connections
internal import Encodings
internal import Integrations
internal import Logging
internal import OAuth
internal import StateTokens

/// The ways in which a claim ends: given up, freed for another code, or committed.
extension FlowCompletion {
    /// Gives up the claim on a code that was certainly not sent, so that it can be claimed again.
    ///
    /// - Returns: `false` if the store cannot be reached; then the lease runs out and ends the flow.
    func unclaim(_ flow: AuthorizedFlow, owner: LeaseOwner) async -> Bool {
        do throws(StoreError) {
            _ = try await store.unclaim(flow: flow.verified.flowID, owner: owner)
        } catch {
            log(error, "unclaim", flow)
            return false
        }
        return true
    }

    /// The provider rejected the code for good: another code may still be the user's own.
    func release(_ flow: AuthorizedFlow, owner: LeaseOwner) async -> CompletionResult {
        do throws(StoreError) {
            _ = try await store.release(flow: flow.verified.flowID, owner: owner)
        } catch {
            // The lease runs out and ends the flow, which is as good for this code.
            log(error, "release", flow)
        }
        note(.failed(.codeRejected), flow)
        return .finished(.failure(.codeRejected))
    }

    /// Ends a flow that has failed.
    func finish(
        _ flow: AuthorizedFlow, owner: LeaseOwner, as failed: FlowEnding
    ) async -> CompletionResult {
        await commit(failed, of: flow, owner: owner) { _, _ in .failed(.restart) } ?? .storeUnavailable
    }

    /// Commits an ending. While the store is unavailable it tries again: a second commit writes nothing twice.
    ///
    /// - Parameters:
    ///   - detail: for the connection's event.
    ///   - renewal: makes the ending where there is a connection of the account already.
    /// - Returns: `nil` if the store does not say whether the last attempt was committed.
    func commit(
        _ first: FlowEnding, of flow: AuthorizedFlow, owner: LeaseOwner, detail: String? = nil,
        orAs renewal: (Connection, ConnectionMatch?) -> FlowEnding
    ) async -> CompletionResult? {
        var ending = first
        for attempt in 0..<Self.commitAttempts {
            do throws(StoreError) {
                let note = EventNote(
                    detail: detail, actor: EventNote.user, flow: subject(of: flow))
                let isOwner = try await spans.span(.finishFlow) { [ending] () async throws(StoreError) in
                    try await store.finish(
                        flow: flow.verified.flowID, owner: owner, as: ending, note: note)
                }
                if isOwner { self.note(FlowStep(ending.result), flow) }
                return .finished(isOwner ? ending.result : .failure(.restart))
            } catch .unavailable(let reason, let kind) {
                log(.unavailable(reason: reason, kind: kind), "finish", flow)
                if attempt + 1 < Self.commitAttempts { await pause(.milliseconds(200 << attempt)) }
            } catch .alreadyConnected(let existing) {
                guard case .created(let connection, _) = first else { return .finished(.failure(.restart)) }
                ending = renewal(existing, ConnectionMatch(connection))
            } catch .unreadable where first.isMatched {
                // Its row cannot be renewed, so this is a connection of its own.
                guard case .created(var connection, let sealed) = first else {
                    return .finished(.failure(.restart))
                }
                connection.renewsWithin = nil
                ending = .created(connection, sealed)
            } catch .revisionConflict, .notFound {
                // What was found is another user's or account's by now, or gone: look again.
                if case .created = first {
                    ending = first
                    continue
                }
                // The label changed, or a refresh came between. To give up would revoke the connection's own grant.
                guard let next = await renewed(ending) else {
                    return await finish(flow, owner: owner, as: .failed(.restart))
                }
                ending = next
            } catch {
                log(error, "finish", flow)
                return .finished(.failure(.restart))
            }
        }
        return await committed(flow)
    }

    /// What the store says of a flow whose last commit failed, since its response may have been lost on the way.
    private func committed(_ flow: AuthorizedFlow) async -> CompletionResult? {
        do {
            let progress = try await store.progress(
                of: flow.verified.flowID, codeHash: try codeHash(of: flow))
            guard case .finished(let result) = progress else { return .storeUnavailable }
            return .finished(result)
        } catch {
            logger.error(
                "store failed",
                metadata: metadata(of: flow).merging(["step": "progress", "error": "\(error)"]) { first, _ in
                    first
                })
            return nil
        }
    }

    private static var commitAttempts: Int { 5 }

    func subject(of flow: AuthorizedFlow) -> FlowSubject {
        FlowSubject(
            workspaceID: flow.verified.state.workspaceID, integrationID: flow.integration.id,
            userID: flow.verified.state.userID, label: flow.verified.state.label,
            tags: flow.verified.state.tags)
    }

    /// The same renewal of the connection as it is now, if that is still the account's that was compared.
    private func renewed(_ ending: FlowEnding) async -> FlowEnding? {
        guard case .renewed(var renewal, let sealed) = ending else { return nil }
        do throws(StoreError) {
            let found = try await store.connection(renewal.id, workspaceID: renewal.workspaceID)
            guard let found, found.account.map({ renewal.terms.account?.isSame(as: $0) ?? false }) ?? true
            else { return nil }
            renewal.ifRevision = found.revision
            return .renewed(renewal, sealed)
        } catch {
            logger.error(
                "a connection to renew could not be read again",
                metadata: ["connection_id": "\(renewal.id)", "error": "\(error)"])
            return nil
        }
    }

    /// Revokes a grant that will not be kept (RFC 7009), unless another connection uses the same grant.
    func revoke(_ response: TokenResponse, lookup: JSONValue?, _ flow: AuthorizedFlow) async {
        let grant = ConnectionGrant(flow, response, lookup: lookup, receivedAt: now())
        let result = await revoker.revokeUnkept(
            GrantTokens(grant.credentials), of: flow.integration, flow.endpoints,
            accountID: grant.account?.id, userID: flow.verified.state.userID, config: grant.config)
        guard result != .revoked else { return }
        logger.warning(
            "an unused grant was not revoked",
            metadata: metadata(of: flow).merging(["revocation": "\(result.rawValue)"]) { first, _ in first })
    }
}

extension FlowEnding {
    /// Whether it makes a connection only where there is none of the account.
    fileprivate var isMatched: Bool {
        if case .created(let connection, _) = self { connection.renewsWithin != nil } else { false }
    }
}
