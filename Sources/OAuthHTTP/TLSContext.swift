internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The context that all TLS connections to providers share. It is made when it is first needed, on a thread that may
/// block, since that reads the system's certificates.
final class TLSContext: Sendable {
    private let configuration: TLSConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)

    init(_ configuration: TLSConfiguration) {
        var configuration = configuration
        configuration.applicationProtocols = ["http/1.1"]
        self.configuration = configuration
    }

    func context() async throws(ProviderRequestError) -> NIOSSLContext {
        if let context = made.withLock({ $0 }) { return context }
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                // Those that came at the same time waited for a thread, and need not make another.
                if let context = self.made.withLock({ $0 }) { return context }
                let context = try NIOSSLContext(configuration: self.configuration)
                self.made.withLock { $0 = context }
                return context
            }
        } catch {
            throw .insecureConnection
        }
    }
}
