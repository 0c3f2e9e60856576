internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import Integrations
internal import StateTokens

/// What an app is told on its redirect URI. These are hints: it reads the connection with its own credential before it
/// believes them.
enum AppRedirect {
    static func success(_ id: ConnectionID, _ destination: FlowDestination, to redirectURI: String) -> String
    {
        url(
            redirectURI,
            [("status", "success"), ("connection_id", id.description)] + common(destination))
    }

    /// In confirm mode: the ticket, for the app's server to hand in.
    static func ticket(_ ticket: String, _ destination: FlowDestination, to redirectURI: String) -> String {
        url(redirectURI, [("status", "confirm"), ("ticket", ticket)] + common(destination))
    }

    static func failure(
        _ failure: FlowFailure, _ destination: FlowDestination, to redirectURI: String
    ) -> String {
        url(
            redirectURI,
            [
                ("status", "error"), ("error", failure.answer.error),
                ("error_description", failure.redirectDescription),
            ] + common(destination))
    }

    private static func common(_ destination: FlowDestination) -> [(String, String)] {
        [("integration_id", destination.integrationID), ("flow_id", destination.flowID.description)]
            + (destination.appState.map { [("app_state", $0)] } ?? [])
    }

    /// The redirect URI's own query is kept. (It has no fragment: none is allowed.)
    private static func url(_ redirectURI: String, _ parameters: [(String, String)]) -> String {
        var separator = redirectURI.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        if redirectURI.hasSuffix("?") || redirectURI.hasSuffix("&") { separator = "" }
        let query = parameters.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        return redirectURI + separator + query
    }
}

extension Response {
    static func redirect(_ location: String) -> Response { CompleteResponse.redirect(location).response }
}
