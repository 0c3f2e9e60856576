/// One thing that was looked at, and what came of it.
struct Finding: Equatable {
    enum Verdict: String {
        case good
        /// Something to know, or to do elsewhere; nothing is wrong.
        case note
        /// It could not be told.
        case unknown
        case warning
        case bad
    }

    let topic: String
    let verdict: Verdict
    /// One line: what is so, and what to do about it.
    let message: String
    /// What to exit with on account of it.
    let status: ExitStatus

    static func good(_ topic: String, _ message: String) -> Finding {
        Finding(topic: topic, verdict: .good, message: message, status: .done)
    }

    static func note(_ topic: String, _ message: String) -> Finding {
        Finding(topic: topic, verdict: .note, message: message, status: .done)
    }

    static func unknown(_ topic: String, _ message: String) -> Finding {
        Finding(topic: topic, verdict: .unknown, message: message, status: .done)
    }

    static func warning(_ topic: String, _ message: String) -> Finding {
        Finding(topic: topic, verdict: .warning, message: message, status: .done)
    }

    static func bad(_ topic: String, _ message: String, _ status: ExitStatus = .configuration) -> Finding {
        Finding(topic: topic, verdict: .bad, message: message, status: status)
    }
}

extension Finding.Verdict {
    var words: StyledText {
        switch self {
        case .good: StyledText("ok", .good)
        case .note: StyledText("note")
        case .unknown: StyledText("unknown", .faint)
        case .warning: StyledText("warning", .warning)
        case .bad: StyledText("BAD", .bad)
        }
    }
}
