internal import ConnectService
internal import Encodings
internal import Logging
internal import StateTokens

/// Hands the service's own log lines to the thread that writes them; one that finds no room is lost and counted.
struct QueuedLogHandler: LogHandler {
    /// The members that every line has; fields do not take their names.
    private static let ownNames: Set<String> = ["time", "level", "logger", "source", "message"]

    private let label: String
    private let format: LogFormat
    private let lines: LineQueue
    private let counts: EventCounts
    private let levels: LogLevels
    private let part: LogLevels.Part
    /// A logger's own, where its owner has set one.
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(
        label: String, levels: LogLevels, format: LogFormat = .text, lines: LineQueue, counts: EventCounts
    ) {
        self.label = label
        self.format = format
        self.lines = lines
        self.counts = counts
        self.levels = levels
        part = LogLevels.Part(label: label)
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? levels.level(of: part) }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let explicit = event.metadata { all.merge(explicit) { _, new in new } }
        if let error = event.error { all["error.type"] = "\(type(of: error))" }
        let fields = all.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let time = Timestamp.now().rfc3339
        let line =
            switch format {
            case .text: text(event, fields, time)
            case .json: json(event, fields, time)
            }
        let isTaken = lines.append { octets in
            octets.append(contentsOf: line)
            octets.append(.lineFeed)
        }
        if !isTaken { counts.lost(.service, .full) }
    }

    /// `2026-01-01T12:00:00Z notice symbolon: purpose=state [ConnectService] keyring replaced`
    private func text(_ event: LogEvent, _ fields: [(String, String)], _ time: String) -> [UInt8] {
        let fields = fields.map { " \($0)=\($1)" }.joined()
        // Values may come from outside, and must neither begin a line nor move a terminal's cursor.
        let text = "\(event.level) \(label):\(fields) [\(event.source)] \(event.message)".printable
        return Array("\(time) \(text)".utf8)
    }

    /// An object of strings, fields beside what every line has.
    private func json(_ event: LogEvent, _ fields: [(String, String)], _ time: String) -> [UInt8] {
        JSONOutput.object { line in
            line.member("time", time)
            line.member("level", "\(event.level)")
            line.member("logger", label)
            line.member("source", event.source)
            line.member("message", "\(event.message)")
            for (name, value) in fields {
                line.member(Self.ownNames.contains(name) ? "field.\(name)" : name, value)
            }
        }
    }
}
