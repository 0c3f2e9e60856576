internal import Cryptography
internal import StateTokens

/// Values under secret texts, bounded in number and time: the oldest make room for new ones.
///
/// Only the hashes of the texts are kept, so that no look-up tells by its time how much of a guess was right.
struct ExpiringTable<Value> {
    private struct Entry {
        var value: Value
        let expiry: Timestamp
        let serial: Int
    }

    private let capacity: Int
    private let lifetime: Duration
    private var entries: [[UInt8]: Entry] = [:]
    /// The keys as they came, which is also the order in which they expire; some may be gone already.
    private var order: [(key: [UInt8], serial: Int)] = []
    private var oldest = 0
    private var serial = 0

    init(capacity: Int, lifetime: Duration) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    /// How many entries it holds on to, those that are gone included.
    var heldCount: Int { max(entries.count, order.count) }

    subscript(text: String, now: Timestamp) -> Value? {
        guard let entry = entries[Self.key(text)], entry.expiry > now else { return nil }
        return entry.value
    }

    mutating func insert(_ value: Value, for text: String, at now: Timestamp) {
        makeRoom(at: now)
        let key = Self.key(text)
        serial += 1
        entries[key] = Entry(value: value, expiry: now + lifetime, serial: serial)
        order.append((key, serial))
    }

    /// A value that lives no longer for being replaced.
    mutating func replace(_ value: Value, for text: String) { entries[Self.key(text)]?.value = value }

    @discardableResult
    mutating func remove(_ text: String, at now: Timestamp) -> Value? {
        guard let entry = entries.removeValue(forKey: Self.key(text)), entry.expiry > now else { return nil }
        return entry.value
    }

    private mutating func makeRoom(at now: Timestamp) {
        while oldest < order.count {
            let (key, serial) = order[oldest]
            if let entry = entries[key], entry.serial == serial {
                guard entries.count >= capacity || entry.expiry <= now else { break }
                entries[key] = nil
            }
            oldest += 1
        }
        // What is gone is dropped in one go, seldom enough to cost an insertion next to nothing.
        if order.count > 2 * capacity {
            order = order[oldest...].filter { entries[$0.key]?.serial == $0.serial }
            oldest = 0
        }
    }

    private static func key(_ text: String) -> [UInt8] { SHA256.digest(text.utf8.span) }
}
