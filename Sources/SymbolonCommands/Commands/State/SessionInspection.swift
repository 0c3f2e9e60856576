import StateTokens

/// What is to be said about a connect session's token, which is easily taken for a state.
struct SessionInspection {
    /// What it carries, as far as it was read.
    let session: Session?
    let verdict: StateInspection.Verdict
    let explanation: String

    /// - Returns: `nil` for what is no session of the service.
    init?(_ text: String, of service: StateInspection.Service, with sealer: Sealer, at now: Timestamp) {
        do throws(SessionError) {
            session = try SessionCodec(sealer: sealer, audience: service.audience).verify(text, at: now)
            verdict = .session
            explanation =
                "this is a connect session, not a state. Whether the credential that made it still stands is not "
                + "known here"
        } catch .expired(let expired) {
            session = expired
            verdict = .sessionOver
            explanation =
                "this is a connect session, not a state, and it was over \(expired.expiresAt.relative(to: now)): "
                + "ask the app for a new one"
        } catch .notYetValid {
            session = nil
            verdict = .notYetValid
            explanation =
                "this is a connect session from the future: set this machine's clock, or the one's that made it"
        } catch .unreadable {
            session = nil
            verdict = .unreadable
            explanation =
                "this is a connect session of a version that this release does not read: use the release that made it"
        } catch {
            return nil
        }
    }
}

extension StateInspection {
    func add(_ session: Session, to fields: inout FieldList) {
        func time(_ time: Timestamp) -> StyledText { "\(time.rfc3339) (\(time.relative(to: now)))" }
        fields.add("issued", time(session.issuedAt))
        fields.add(verdict == .sessionOver ? "over" : "ends", time(session.expiresAt))
        fields.add("made by", "\(session.maker.id)")
        fields.add("workspace", "\(session.workspaceID)")
        fields.add("user", "\(session.userID)")
        fields.add("user's name", optional: session.userLabel)
        fields.add("may", Self.rights(of: session))
        fields.add("integrations", lines: session.integrationIDs)
        fields.add("scopes", lines: session.scopes)
        fields.add(
            "parameters",
            lines: session.parameters.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" })
        fields.add("redirect URI", optional: session.redirectURI)
        fields.add("origins", lines: session.origins)
        fields.add("renews", optional: session.connectionID)
        fields.add("label", optional: session.label)
        fields.add("tags", lines: session.tags.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" })
    }

    private static func rights(of session: Session) -> StyledText {
        let rights =
            ["begin flows"] + (session.mayRead ? ["see its user's connections"] : [])
            + (session.mayDisconnect ? ["disconnect them"] : [])
        return "\(rights.joined(separator: ", "))"
    }
}
