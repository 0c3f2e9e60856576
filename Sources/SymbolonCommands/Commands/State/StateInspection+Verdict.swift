import StateTokens

extension StateInspection {
    /// What a callback would make of the token.
    enum Verdict: String {
        case valid
        /// There was no keyring to hold it against.
        case unchecked
        case malformed
        case unknownKey = "unknown_key"
        case disabledKey = "disabled_key"
        case forged
        /// A ticket of this service, which is no state.
        case ticket
        /// A connect session of this service, which is no state.
        case session
        /// The same, when it is over.
        case sessionOver = "session_over"
        case unreadable
        case notYetValid = "not_yet_valid"
        case expired

        var isAcceptable: Bool { self == .valid || self == .unchecked || self == .session }

        var words: StyledText {
            let text = rawValue.split(separator: "_").joined(separator: " ")
            return switch self {
            case .valid, .session: StyledText(text, .good)
            case .unchecked: StyledText("not checked")
            case .expired, .notYetValid, .sessionOver: StyledText(text, .warning)
            case .malformed, .unknownKey, .disabledKey, .forged, .ticket, .unreadable: StyledText(text, .bad)
            }
        }

        func explanation(
            of sealed: SealedText, contents: VerifiedState?, service: Service, now: Timestamp
        ) -> String {
            switch self {
            // A session's are its own.
            case .valid, .unchecked, .session, .sessionOver: ""
            case .malformed: "this is not a state token: its form is wrong"
            case .unknownKey:
                "the keyring has no key \(sealed.keyID): the token is from another deployment, "
                    + "or the key was pruned. Compare the keyring's digest with the replicas'"
            case .disabledKey:
                "key \(sealed.keyID) is disabled, so nothing that it sealed is believed: start the flow again"
            case .forged:
                "the tag does not match: the token was changed, or sealed for another public URL than "
                    + "\(service.audience), or under another key with the id \(sealed.keyID)"
            case .ticket:
                "this is a ticket, not a state: the application's server sends it to /api/v1/oauth/complete"
            case .unreadable:
                "the tag holds, and the record is of a version that this release does not read: "
                    + "use the release that made it"
            case .notYetValid:
                "the state is from the future, issued "
                    + (contents.map { $0.state.issuedAt.relative(to: now) } ?? "later")
                    + ": set this machine's clock, or the one's that made it"
            case .expired:
                "the state expired \(contents.map { $0.state.expiresAt.relative(to: now) } ?? "before"): "
                    + "start the flow again"
            }
        }
    }
}
