internal import ConnectService
internal import Logging
internal import StateTokens

/// Hands the service's own log lines to the thread that writes them; one that finds no room is lost and counted.
struct QueuedLogHandler: LogHandler {
    private let label: String
    private let lines: LineQueue
    private let counts: EventCounts
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, level: Logger.Level, lines: LineQueue, counts: EventCounts) {
        self.label = label
        self.lines = lines
        self.counts = counts
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// `2026-01-01T12:00:00Z notice symbolon: purpose=state [ConnectService] keyring replaced`
    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let explicit = event.metadata { all.merge(explicit) { _, new in new } }
        if let error = event.error { all["error.type"] = "\(type(of: error))" }
        let fields = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        // Values may come from outside, and must neither begin a line nor move a terminal's cursor.
        let text = "\(event.level) \(label):\(fields) [\(event.source)] \(event.message)".printable
        let isTaken = lines.append { octets in
            octets.append(contentsOf: "\(Timestamp.now().rfc3339) \(text)\n".utf8)
        }
        if !isTaken { counts.lost(.service, .full) }
    }
}
