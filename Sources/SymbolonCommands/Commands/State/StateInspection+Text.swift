import ConnectAPI
import StateTokens

extension StateInspection {
    /// The report for people.
    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add("state", verdict.words)
        guard let sealed else {
            fields.add("length", "\(characterCount) characters")
            return fields.rendered(colours: colours)
        }
        let record = "\(sealed.recordByteCount) of them the record"
        fields.add("length", "\(characterCount) characters, \(sealed.byteCount) octets, \(record)")
        fields.add("flow", "\(sealed.flowID.description)")
        fields.add("key", "\(sealed.keyID.description)\(keyWords)")
        fields.add("tag", tagWords)
        if let contents { add(contents.state, to: &fields) }
        if let session { add(session, to: &fields) }
        return fields.rendered(colours: colours)
    }

    private var keyWords: String {
        if let keyState { return ", \(keyState.rawValue)" }
        return verdict == .unknownKey ? ", not in the keyring" : ""
    }

    private var tagWords: StyledText {
        switch tagHolds {
        case true?: StyledText("holds", .good)
        case false?: StyledText("does not match", .bad)
        case nil: StyledText("not checked", .faint)
        }
    }

    private func add(_ state: FlowState, to fields: inout FieldList) {
        func time(_ time: Timestamp) -> StyledText { "\(time.rfc3339) (\(time.relative(to: now)))" }
        fields.add("issued", time(state.issuedAt))
        fields.add(verdict == .expired ? "expired" : "expires", time(state.expiresAt))
        fields.add("integration", "\(state.integrationID)")
        fields.add("fingerprint", "\(state.fingerprintText)")
        fields.add("auth method", "\(state.authMethodID)")
        fields.add("workspace", "\(state.workspaceID)")
        fields.add("user", optional: state.userID)
        fields.add("user's name", optional: state.userLabel)
        fields.add("scopes", lines: state.scopes)
        fields.add("redirect URI", optional: state.redirectURI)
        fields.add("PKCE", state.codeVerifier == nil ? "no" : "yes; the code verifier is not shown")
        fields.add("binding", state.binding == nil ? "no" : "yes: confirm mode")
        if state.newConnection { fields.add("new", "yes: a connection of its own, whatever there is") }
        fields.add("screen", state.screen ? "yes: the user answers on our page" : "no")
        fields.add(
            "parameters", lines: state.parameters.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        )
        fields.add("renews", optional: state.connectionID)
        fields.add("app state", optional: state.appState)
        fields.add("label", optional: state.label)
        fields.add("tags", lines: state.tags.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" })
        fields.add("trace", optional: state.traceText)
    }
}
