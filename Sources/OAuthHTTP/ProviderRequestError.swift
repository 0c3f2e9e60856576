package import Integrations
internal import NIOSSL

/// Why a request to a provider brought no response.
package enum ProviderRequestError: Error, Equatable {
    /// The URL is not one that we send requests to.
    case unacceptable(ProviderURLError)
    /// The host has an address inside a network, and the operator has not allowed that.
    case forbiddenAddress
    /// The host's name does not resolve.
    case unresolved
    /// No connection could be made in time.
    case unreachable
    /// The connection is not the provider's: its certificate does not hold, or the TLS handshake failed.
    case insecureConnection
    /// The operator's proxy made no tunnel; nil: its response is not HTTP.
    case proxyRejected(status: Int?)
    /// This client has been shut down.
    case shutDown
    /// The request was sent, and no whole response came in time.
    case timedOut
    /// The connection broke, or what came is not HTTP.
    case interrupted
    /// The response is larger than the client takes.
    case tooLarge
    /// The response has a content coding that cannot be decoded, or no memory was left to do it.
    case unreadable
    /// The caller gave up.
    case cancelled

    /// No octet of the request was handed to a connection: a code in it is as good as before. Otherwise the outcome is
    /// unknown.
    package var isCertainlyNotSent: Bool {
        switch self {
        case .unacceptable, .forbiddenAddress, .unresolved, .unreachable, .insecureConnection, .proxyRejected,
            .shutDown:
            true
        case .timedOut, .interrupted, .tooLarge, .unreadable, .cancelled: false
        }
    }
}

extension ProviderRequestError {
    /// What is wrong, after the endpoint's name, for the person who can mend it.
    package var sentence: String {
        switch self {
        case .unacceptable(let error): "is not asked: its URL \(error.description)"
        case .forbiddenAddress:
            "is not asked: its name leads into a private network; `providers.allow_private_addresses` or `providers.allowed_addresses` allows that"
        case .unresolved: "has a name that does not resolve here"
        case .unreachable: "cannot be reached: no connection could be made"
        case .insecureConnection: "has a certificate that does not hold, or TLS failed"
        case .proxyRejected(407):
            "cannot be reached: the proxy wants a user name and a password in `providers.proxy`"
        case .proxyRejected(let status?): "cannot be reached: the proxy answers with status \(status)"
        case .proxyRejected(nil): "cannot be reached: what `providers.proxy` names is no HTTP proxy"
        case .shutDown, .cancelled: "was not asked"
        case .timedOut: "does not answer in time"
        case .interrupted: "closed the connection, or does not speak HTTP"
        case .tooLarge: "sends more than 1 MiB"
        case .unreadable: "sends a content coding that was not asked for and cannot be decoded"
        }
    }
}

extension ProviderRequestError {
    /// A word for scripts, spans and rows.
    package var code: String {
        switch self {
        case .unacceptable: "unacceptable_url"
        case .forbiddenAddress: "forbidden_address"
        case .unresolved: "unresolved"
        case .unreachable: "unreachable"
        case .insecureConnection: "insecure_connection"
        case .proxyRejected: "proxy_rejected"
        case .shutDown, .cancelled: "interrupted_by_shutdown"
        case .timedOut: "timed_out"
        case .interrupted: "interrupted"
        case .tooLarge: "response_too_large"
        case .unreadable: "response_unreadable"
        }
    }
}

extension ProviderRequestError {
    /// An error that came before a request was handed to the connection.
    init(connecting cause: any Error) {
        switch cause {
        case let error as ProviderRequestError: self = error
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = .insecureConnection
        default: self = .unreachable
        }
    }
}
