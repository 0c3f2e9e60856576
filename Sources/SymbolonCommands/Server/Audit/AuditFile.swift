internal import ConnectAPI
internal import ConnectService
internal import Logging
internal import Synchronization
internal import SystemPackage

/// The audit log's lines, as JSON: in a file, or on standard error or standard output.
final class AuditFile: AuditOutput {
    /// What may be held back, in octets.
    private static let capacity = 64 * 1_024

    private struct State {
        var descriptor: FileDescriptor
        var lines: [UInt8] = []
        /// How many were lost since one was written.
        var lostCount = 0
    }

    private let path: String?
    private let logger: Logger
    private let state: Mutex<State>

    /// Opens what the setting names: `stderr`, `stdout`, or a file, which is appended to.
    init(_ target: String, logger: Logger) throws(ConfigurationError) {
        self.logger = logger
        let descriptor: FileDescriptor
        switch target {
        case "stderr":
            path = nil
            descriptor = .standardError
        case "stdout":
            path = nil
            descriptor = .standardOutput
        default:
            path = target
            do {
                descriptor = try Self.open(target)
            } catch {
                throw ConfigurationError(["audit.log: \(target) cannot be written: \(error)"])
            }
        }
        state = Mutex(State(descriptor: descriptor))
    }

    func write(_ event: AuditEvent) {
        state.withLock { state in
            event.appendLine(to: &state.lines)
            flush(&state)
        }
    }

    func hold(_ event: AuditEvent) {
        state.withLock { state in
            event.appendLine(to: &state.lines)
            if state.lines.count > Self.capacity { flush(&state) }
        }
    }

    func flush() { state.withLock { flush(&$0) } }

    /// Opens the file anew, which a log rotation has renamed. If that fails, the old one stays.
    ///
    /// - Returns: what went wrong.
    func reopen() -> String? {
        guard let path else { return nil }
        return state.withLock { state in
            do {
                let next = try Self.open(path)
                flush(&state)
                let old = state.descriptor
                state.descriptor = next
                try old.close()
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    private func flush(_ state: inout State) {
        guard !state.lines.isEmpty else { return }
        do {
            try state.descriptor.writeAll(state.lines)
            if state.lostCount > 0 {
                logger.notice("the audit log is written again", metadata: ["lost": "\(state.lostCount)"])
                state.lostCount = 0
            }
        } catch {
            // Said once, and not for each line.
            if state.lostCount == 0 {
                logger.error(
                    "the audit log cannot be written; lines are lost", metadata: ["error": "\(error)"])
            }
            state.lostCount += state.lines.count { $0 == UInt8(ascii: "\n") }
        }
        state.lines.removeAll(keepingCapacity: true)
    }

    private static func open(_ path: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite])
    }
}
