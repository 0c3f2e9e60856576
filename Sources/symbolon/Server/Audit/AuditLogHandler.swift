internal import ConnectAPI
internal import ConnectService
internal import Logging

/// Writes what the audit log records as JSON lines; `log.level` is no concern of it.
struct AuditLogHandler: LogHandler {
    let output: AuditOutput
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    init(_ output: AuditOutput) { self.output = output }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard case .stringConvertible(let value)? = event.metadata?[AuditLog.metadataKey],
            let entry = value as? AuditEvent
        else { return }
        _ = output.write(entry.json() + [UInt8(ascii: "\n")])
    }
}
