package import StateTokens

/// The keys that rows need.
package struct KeysInUse: Sendable, Hashable {
    package private(set) var ids: Set<KeyID> = []
    /// How many rows do not say which key they need: it may be any.
    package private(set) var unreadableCount = 0

    package init() {}

    /// - Parameter counts: what the column of key ids holds, each value with the number of its rows.
    package init(_ counts: [(keyID: StoredValue?, count: StoredValue?)]) {
        for (value, count) in counts {
            if let id = value?.keyID {
                ids.insert(id)
            } else if case .integer(let count) = count {
                unreadableCount += Int(clamping: count)
            } else {
                unreadableCount += 1
            }
        }
    }
}
