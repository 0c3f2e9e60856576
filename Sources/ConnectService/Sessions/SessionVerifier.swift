package import StateTokens

/// Why a text is not accepted as a connect session.
package enum SessionVerificationError: Error, Equatable {
    /// No session of this service.
    case invalid
    /// It names a key that the ring lacks.
    case unknownKey(KeyID)
    /// A session of this service, which is over.
    case ended
}

/// Verifies connect sessions: synchronous, and nothing is looked up but the file of workspaces. Whether the credential
/// that made a session still stands is asked of that credential's keeper.
package struct SessionVerifier: Sendable {
    private let codec: SessionCodec
    private let workspaces: WorkspaceDirectory
    /// Scheme and authority of our own pages.
    private let ownOrigin: String
    private let onUnknownKey: @Sendable (KeyID) async -> Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameter onUnknownKey: looks for a key that a session names and the ring lacks, which may read a file; whether it
    ///   is there now.
    package init(
        codec: SessionCodec, workspaces: WorkspaceDirectory, publicURL: Audience,
        onUnknownKey: @escaping @Sendable (KeyID) async -> Bool = { _ in false },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.codec = codec
        self.workspaces = workspaces
        ownOrigin = publicURL.origin
        self.onUnknownKey = onUnknownKey
        self.now = now
    }

    /// Verifies a session, and again if the key that it names has just come: another replica may have sealed with it
    /// already.
    package func verify(_ text: String) async throws(SessionVerificationError) -> Session {
        do throws(SessionVerificationError) {
            return try verifyNow(text)
        } catch {
            guard case .unknownKey(let id) = error else { throw error }
            guard await onUnknownKey(id) else { throw .invalid }
            return try verifyNow(text)
        }
    }

    /// Verifies a session with the keys that are there, without waiting for another.
    package func verifyNow(_ text: String) throws(SessionVerificationError) -> Session {
        let session: Session
        do throws(SessionError) {
            session = try codec.verify(text, at: now())
        } catch {
            throw SessionVerificationError(error)
        }
        guard let workspace = workspaces[session.workspaceID] else { throw .ended }
        if let start = workspace.sessionsNotBefore, session.issuedAt < start { throw .ended }
        return session
    }

    /// Whether a page may use a session: one of our own, or of one of the session's origins that its workspace still
    /// lists.
    ///
    /// - Parameter host: what the request was sent to: a page of that host is our own, too.
    package func allows(_ origin: String, host: String?, for session: Session) -> Bool {
        if origin.utf8.elementsEqual(ownOrigin.utf8) { return true }
        if let host, let mark = origin.firstRange(of: "://"),
            origin[mark.upperBound...].utf8.elementsEqual(host.lowercased().utf8)
        {
            return true
        }
        return lists(origin, session)
    }

    /// Whether pages of an origin may read what requests with a session's token are answered: also that it is over.
    package func mayRead(_ origin: String, _ text: String) -> Bool {
        do throws(SessionError) {
            return lists(origin, try codec.verify(text, at: now()))
        } catch {
            guard case .expired(let session) = error else { return false }
            return lists(origin, session)
        }
    }

    /// Whether pages of an origin may ask at all: before a request it is not known which session it will show.
    package func allowsPreflight(from origin: String) -> Bool { workspaces.allowsOrigin(origin) }

    private func lists(_ origin: String, _ session: Session) -> Bool {
        session.origins.contains { $0.utf8.elementsEqual(origin.utf8) }
            && workspaces[session.workspaceID]?.origins.allows(origin) ?? false
    }
}

extension SessionVerificationError {
    fileprivate init(_ error: SessionError) {
        switch error {
        case .unopened(.unknownKey(let id)): self = .unknownKey(id)
        // What a disabled key sealed is not believed, not even that it is over.
        case .unopened: self = .invalid
        case .unreadable, .notYetValid, .expired: self = .ended
        }
    }
}
