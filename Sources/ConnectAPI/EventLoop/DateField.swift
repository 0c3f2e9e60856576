internal import Encodings
internal import StateTokens

/// The `Date` of responses (RFC 9110 §6.6.1), written once a second.
struct DateField {
    private var time: Timestamp
    private var text: String

    init(_ time: Timestamp) {
        self.time = time
        text = HTTPDate.text(secondsSinceEpoch: time.secondsSinceEpoch)
    }

    mutating func text(at now: Timestamp) -> String {
        if now != time { self = DateField(now) }
        return text
    }
}
