import ConnectAPI
import Encodings

/// All findings, a line each, and what they come to.
struct Diagnosis {
    var findings: [Finding] = []

    /// The worst: what keeps the service from starting, then what is not there, then what does not hold.
    var status: ExitStatus {
        let statuses = Set(findings.map(\.status))
        return [.configuration, .unavailable, .refused].first(where: statuses.contains) ?? .done
    }

    /// In a word, for scripts.
    var verdict: String {
        if status != .done { return "bad" }
        return findings.contains { $0.verdict == .warning } ? "warning" : "good"
    }

    /// What is wrong, counted; `nil` if nothing is.
    var problem: String? {
        let count = findings.count { $0.verdict == .bad }
        return count == 0 ? nil : count == 1 ? "1 thing is wrong" : "\(count) things are wrong"
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        let verdictWidth = findings.map { $0.verdict.words.text.count }.max() ?? 0
        let topicWidth = findings.map(\.topic.count).max() ?? 0
        return findings.map { finding in
            let words = finding.verdict.words
            return words.rendered(colours: colours) + Self.padding(verdictWidth - words.text.count)
                + finding.topic.printable + Self.padding(topicWidth - finding.topic.count)
                + finding.message.printable
        }.joined(separator: "\n")
    }

    private static func padding(_ count: Int) -> String { String(repeating: " ", count: max(count, 0) + 2) }

    var json: [UInt8] {
        JSONOutput.object(capacity: 2048) { answer in
            answer.member("verdict", verdict)
            answer.array("findings") { elements in
                for finding in findings { elements.object { finding.write(to: &$0) } }
            }
        }
    }

    /// Prints it, and ends the command with its status.
    func conclude(_ output: OutputOptions) throws(CommandError) {
        try Console.print(octets: output.json ? json : Array(text().utf8))
        guard let problem else { return }
        throw CommandError(status, problem)
    }
}

extension Finding {
    func write(to answer: inout JSONOutput.Members) {
        answer.member("topic", topic)
        answer.member("verdict", verdict.rawValue)
        answer.member("message", message)
    }
}
