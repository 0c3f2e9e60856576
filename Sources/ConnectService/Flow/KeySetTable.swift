internal import Access

/// The key sets of issuers, by their URLs.
///
/// Those of issuers that clients are configured with all stay. Issuers that connections name are without number: the one
/// whose set was asked for longest ago makes room, so that no caller has other issuers' sets and pauses forgotten.
struct KeySetTable {
    private struct Named {
        let keySet: LiveKeySet
        var lastUse: Int
    }

    private let namedLimit: Int
    private var configured: [String: LiveKeySet] = [:]
    private var named: [String: Named] = [:]
    private var useCount = 0

    init(namedLimit: Int = 512) { self.namedLimit = namedLimit }

    var count: Int { configured.count + named.count }

    /// - Parameter isNamed: whether a connection names the issuer.
    mutating func keySet(at url: String, isNamed: Bool, make: () -> LiveKeySet) -> LiveKeySet {
        guard isNamed else {
            let keySet = configured[url] ?? make()
            configured[url] = keySet
            return keySet
        }
        useCount += 1
        if let known = named[url]?.keySet {
            named[url]?.lastUse = useCount
            return known
        }
        if named.count >= namedLimit, let oldest = named.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            named[oldest.key] = nil
        }
        let made = make()
        named[url] = Named(keySet: made, lastUse: useCount)
        return made
    }
}
