internal import Synchronization
internal import SystemPackage

/// Where the lines of the audit log go: whole, one after the other, and at once.
final class AuditOutput: Sendable {
    private let path: String?
    private let descriptor: Mutex<FileDescriptor>

    /// Opens what the setting names: `stderr`, `stdout`, or a file, which is appended to.
    init(_ target: String) throws(ConfigurationError) {
        switch target {
        case "stderr":
            path = nil
            descriptor = Mutex(.standardError)
        case "stdout":
            path = nil
            descriptor = Mutex(.standardOutput)
        default:
            path = target
            do {
                descriptor = Mutex(try Self.open(target))
            } catch {
                throw ConfigurationError(["audit.log: \(target) cannot be written: \(error)"])
            }
        }
    }

    /// Writes a line. One that cannot be written is lost: a full disk must not end the service.
    ///
    /// - Returns: whether it was written.
    func write(_ line: [UInt8]) -> Bool {
        descriptor.withLock { descriptor in
            do {
                try descriptor.writeAll(line)
                return true
            } catch {
                return false
            }
        }
    }

    /// Opens the file anew, which a log rotation has renamed. If that fails, the old one stays.
    ///
    /// - Returns: what went wrong.
    func reopen() -> String? {
        guard let path else { return nil }
        return descriptor.withLock { descriptor in
            do {
                let next = try Self.open(path)
                let old = descriptor
                descriptor = next
                try old.close()
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    private static func open(_ path: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite])
    }
}
