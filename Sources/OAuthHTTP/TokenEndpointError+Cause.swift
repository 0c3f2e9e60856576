internal import NIOSSL

extension TokenEndpointError {
    /// For what fails before a request is handed to the connection.
    init(connecting cause: any Error) {
        switch cause {
        case let error as TokenEndpointError: self = error
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = .insecureConnection
        default: self = .unreachable
        }
    }
}
