internal import Glibc
internal import NIOCore
internal import NIOPosix

extension ListenAddress {
    /// Why nothing can listen here, as a sentence with what to do; `nil` if something can.
    ///
    /// A server's own error names no address, and there may be two. Which it was shows by trying.
    func obstacle(_ setting: String) async -> String? {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        do {
            try await bootstrap.bind(host: host, port: port).get().close().get()
            return nil
        } catch let error as IOError {
            switch error.errnoCode {
            case EADDRINUSE:
                return
                    "port \(port) on \(host) is taken by another program: stop it, or set \(setting).port to another"
            case EACCES: return "port \(port) is not for this user: set \(setting).port to one from 1024"
            case EADDRNOTAVAIL:
                return "\(host) is not an address of this machine: set \(setting).host to one that is"
            default: return "\(host):\(port) cannot be listened on: \(CommandError.reason(error.errnoCode))"
            }
        } catch {
            return "\(setting).host: `\(host)` is neither an address nor a name that has one"
        }
    }
}

extension Settings {
    /// What keeps the service from listening, where that is why it did not start.
    func listeningError(_ error: any Error) async -> CommandError? {
        guard error is IOError || error is SocketAddressError else { return nil }
        let main = await ListenAddress(host: host, port: port).obstacle("listen")
        let metrics = await metricsAddress?.obstacle("metrics.listen")
        let sentences = [main, metrics].compactMap { $0 }
        return sentences.isEmpty ? nil : CommandError(.unavailable, sentences.joined(separator: "\n"))
    }
}
