import ConnectAPI
import ConnectService
import StateTokens

/// The body of an initiate request, and the flow that begins with it: an error, or a flow that goes where it may.
struct InitiateTarget: FuzzTarget {
    private let deployment: FuzzDeployment
    private let oracle = RedirectOracle(
        exact: FuzzDeployment.redirectURIs, loopback: [("http://127.0.0.1", "/callback")])

    init() throws { deployment = try FuzzDeployment() }

    mutating func read(_ input: [UInt8]) throws -> Count {
        _ = try? CompleteRequest.parse(input.span, contentType: "application/json")
        guard let form = try? InitiateRequest.parse(input.span, contentType: "application/json") else {
            return .refused
        }
        let command = InitiateCommand(
            integrationID: form.integrationID, authMethodID: form.authMethodID, scopes: form.scopes ?? [],
            redirectURI: form.redirectURI, parameters: form.parameters ?? [:], binding: form.binding,
            connectionID: form.connectionID, appState: form.appState, label: form.label,
            tags: form.tags ?? [:])
        let begun = try? deployment.initiate.begin(
            command, workspaceID: FuzzDeployment.workspaceID, userID: nil)
        guard let begun else { return .refused }
        let state = try deployment.codec.verify(begun.state, at: FuzzKeys.start).state
        expect(begun.integrationID == form.integrationID && state.integrationID == form.integrationID)
        expect(state.redirectURI == form.redirectURI)
        expect(form.redirectURI.map(oracle.allows) ?? true, "off the list: \(form.redirectURI ?? "")")
        expect(state.binding?.text == form.binding)
        expect((state.appState ?? "").unicodeScalars.count <= 128)
        expect((state.label ?? "") == (form.label ?? "") && state.tags == form.tags ?? [:])
        let annotations = state.tags.flatMap { [$0.key, $0.value] } + [state.label ?? ""]
        expect(annotations.reduce(0) { $0 + $1.utf8.count } <= InitiateFlow.maximumAnnotationByteCount)
        expect(begun.authorizationURL.utf8.count <= InitiateFlow.maximumURLByteCount)
        expect(begun.authorizationURL.utf8.allSatisfy { (0x21...0x7e).contains($0) })
        let host = /https:\/\/(\w([\w-]*\w)?\.shops|sample)\.example\/authorize\?.*/.asciiOnlyWordCharacters()
        expect(
            !["sample", "shop"].contains(form.integrationID)
                || begun.authorizationURL.wholeMatch(of: host) != nil, begun.authorizationURL)
        return .accepted
    }
}
