internal import ConnectAPI
internal import ConnectService
internal import Logging

/// The audit log's lines, as JSON, on their way to a file, standard error or standard output.
final class AuditFile: AuditOutput {
    /// What is reserved for a line: more than the longest has.
    private static let lineByteCount = 2_048

    private let lines: LineQueue

    /// Opens what the setting names: `stderr`, `stdout`, or a file, which is appended to.
    ///
    /// - Parameter standardError: the service's own log, whose thread writes for both.
    init(
        _ target: String, standardError: LineQueue, logger: Logger
    ) throws(ConfigurationError) {
        switch target {
        case "stderr": lines = standardError
        case "stdout": lines = LineQueue(.standardOutput) { Self.note($0, logger) }
        default:
            do {
                lines = LineQueue(try LogOutput(path: target)) { Self.note($0, logger) }
            } catch {
                throw ConfigurationError(["audit.log: \(target) cannot be written: \(error)"])
            }
        }
    }

    func append(_ event: AuditEvent, wakes: Bool) -> Bool {
        lines.append(isRequired: event.mustBeWritten, wakes: wakes) { event.appendLine(to: &$0) }
    }

    /// `false` while the file or stream fails, or its reader stalls.
    var isWritable: Bool { lines.isWritable }

    func wake() { lines.wake() }

    func reserve(lineCount: Int) -> Bool { lines.reserve(byteCount: lineCount * Self.lineByteCount) }

    func release(lineCount: Int) { lines.release(byteCount: lineCount * Self.lineByteCount) }

    /// Has the file opened again, after a log rotation.
    func reopen() { lines.reopen() }

    func close(within limit: Duration) async { await lines.close(within: limit) }

    private static func note(_ notice: LineQueue.Notice, _ logger: Logger) {
        switch notice {
        case .failing(let error):
            logger.error(
                "the audit log cannot be written; what must be audited is rejected, other lines are lost",
                metadata: ["error": "\(error)"])
        case .recovered(let lostCount):
            logger.notice("the audit log is written again", metadata: ["lost": "\(lostCount)"])
        case .reopeningFailed(let error):
            logger.error("the audit log cannot be opened again", metadata: ["error": "\(error)"])
        }
    }
}
