import Encodings
import StateTokens

/// What is to be said about a text that may be a state token.
struct StateInspection {
    /// The service that the token is held against.
    struct Service {
        let keyring: Keyring
        let audience: Audience
    }

    let characterCount: Int
    /// `nil` for what has not even the form of a token.
    let sealed: SealedText?
    /// Where the key stands in the keyring; `nil` without a keyring, and for an unknown key.
    let keyState: Keyring.KeyState?
    let verdict: Verdict
    /// One sentence: what is wrong, and what to do.
    let explanation: String
    /// What it carries; only if the tag holds.
    let contents: VerifiedState?
    /// What a connect session carries that was given in place of a state.
    let session: Session?
    let now: Timestamp

    /// - Parameter service: `nil` to see what can be read without keys.
    /// - Throws: ``CommandError`` only if libcrypto refuses.
    init(_ text: String, with service: Service?, at now: Timestamp) throws(CommandError) {
        self.now = now
        characterCount = text.utf8.count
        let sealed: SealedText
        do {
            sealed = try SealedText(text)
        } catch {
            self.sealed = nil
            keyState = nil
            contents = nil
            session = nil
            (verdict, explanation) = (.malformed, "this is not a state token: \(error.explanation)")
            return
        }
        self.sealed = sealed
        guard let service else {
            keyState = nil
            contents = nil
            session = nil
            verdict = .unchecked
            explanation =
                "Add --config, or --keyring and --public-url, to see whether it holds, and what it carries."
            return
        }
        keyState = service.keyring[sealed.keyID].map { service.keyring.state(of: $0, at: now) }
        let sealer = Sealer(KeyringReference(service.keyring))
        do {
            contents = try StateTokenCodec(sealer: sealer, audience: service.audience).verify(text, at: now)
            session = nil
            verdict = .valid
            explanation = "the state is valid"
        } catch {
            // A session has another length, and opens for another purpose.
            if error == .forged || error == .malformed,
                let found = SessionInspection(text, of: service, with: sealer, at: now)
            {
                contents = nil
                session = found.session
                verdict = found.verdict
                explanation = found.explanation
                return
            }
            contents = error.verifiedState
            session = nil
            verdict = try service.verdict(on: error, text, with: sealer)
            explanation = verdict.explanation(
                of: sealed, contents: error.verifiedState, service: service, now: now)
        }
    }

    /// Whether the tag holds; `nil` where it could not be compared.
    var tagHolds: Bool? {
        switch verdict {
        case .valid, .expired, .notYetValid, .unreadable, .session, .sessionOver: true
        case .forged, .ticket: false
        case .unchecked, .malformed, .unknownKey, .disabledKey: nil
        }
    }
}

extension StateInspection.Service {
    fileprivate func verdict(
        on error: StateTokenError, _ text: String, with sealer: Sealer
    ) throws(CommandError) -> StateInspection.Verdict {
        switch error {
        case .malformed: .malformed
        case .unknownKey: .unknownKey
        case .disabledKey: .disabledKey
        case .forged: isTicket(text, with: sealer) ? .ticket : .forged
        case .unreadable: .unreadable
        case .notYetValid: .notYetValid
        case .expired: .expired
        case .unavailable: throw CommandError(.unavailable, "libcrypto refused to open the token")
        }
    }

    /// Whether the text is the hand-over of confirm mode, which is easily taken for a state.
    private func isTicket(_ text: String, with sealer: Sealer) -> Bool {
        guard let octets = Base64URL.decode(text) else { return false }
        do {
            _ = try sealer.open(octets.span, as: .ticket, context: audience.description.utf8.span)
            return true
        } catch {
            return false
        }
    }
}

extension StateTokenError {
    fileprivate var verifiedState: VerifiedState? {
        switch self {
        case .expired(let state), .notYetValid(let state): state
        case .malformed, .unknownKey, .disabledKey, .forged, .unreadable, .unavailable: nil
        }
    }
}
