internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension TokenEndpointError {
    /// What is not known for sure to precede the request counts as unknown.
    init(_ cause: any Error) {
        switch cause {
        case let error as TokenEndpointError: self = error
        case let error as HTTPClientError: self = Self.client(error)
        case let error as IOError:
            self = Self.preventsConnection(error.errnoCode) ? .unreachable : .interrupted
        case is NIOConnectionError: self = .unreachable
        case let error as ChannelError: self = Self.channel(error)
        case let error as NIOSSLError: self = Self.security(error)
        case is NIOSSLExtraError: self = .insecureConnection
        case is NIOTooManyBytesError: self = .tooLarge
        case is CancellationError: self = .cancelled
        default: self = .interrupted
        }
    }

    private static func client(_ error: HTTPClientError) -> TokenEndpointError {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: .unreachable
        case .tlsHandshakeTimeout: .insecureConnection
        case .deadlineExceeded, .readTimeout, .writeTimeout: .timedOut
        case .cancelled: .cancelled
        case .alreadyShutdown: .shutDown
        default: .interrupted
        }
    }

    private static func channel(_ error: ChannelError) -> TokenEndpointError {
        if case .connectTimeout = error { .unreachable } else { .interrupted }
    }

    private static func security(_ error: NIOSSLError) -> TokenEndpointError {
        switch error {
        case .handshakeFailed, .noCertificateToValidate, .unableToValidateCertificate: .insecureConnection
        default: .interrupted
        }
    }

    /// A reset is not among them: it may come after the request was read.
    private static func preventsConnection(_ code: CInt) -> Bool {
        [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EHOSTDOWN, ENETDOWN].contains(code)
    }
}
