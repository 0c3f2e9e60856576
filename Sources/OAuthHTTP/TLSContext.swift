internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The context that all TLS connections to providers share. It is made when it is first needed, on a thread that may
/// block, since that reads the system's certificates.
final class TLSContext: Sendable {
    private let configuration: TLSConfiguration
    private let threads: NIOThreadPool
    private let made = Mutex<NIOSSLContext?>(nil)

    init(_ configuration: TLSConfiguration, threads: NIOThreadPool) {
        var configuration = configuration
        configuration.applicationProtocols = ["http/1.1"]
        self.configuration = configuration
        self.threads = threads
    }

    func context() async throws(ProviderRequestError) -> NIOSSLContext {
        if let context = made.withLock({ $0 }) { return context }
        do {
            let context = try await threads.runIfActive { [configuration] in
                try NIOSSLContext(configuration: configuration)
            }
            made.withLock { $0 = context }
            return context
        } catch {
            throw .insecureConnection
        }
    }
}
