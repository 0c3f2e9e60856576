/// The entries of all files before and after inheritance.
struct EntryTable {
    /// Not inherited: they say something about the entry itself.
    private static let ownKeys: Set<String> = ["abstract", "inherits", "replace"]
    static let depthLimit = 8

    private var entries: [String: YAMLNode] = [:]
    /// The ids that were added since the last `settle`.
    private var added: Set<String> = []
    /// Ids of entries that are not here, because none of these needs them.
    private let elsewhere: Set<String>

    init(elsewhere: Set<String> = []) { self.elsewhere = elsewhere }

    /// From now on only what is added counts as new.
    ///
    /// - Parameter ids: entries that go on to count as new.
    mutating func settle(but ids: Set<String> = []) { added = ids }

    /// The ids of the entries that are new, or inherit from a new one.
    var newIDs: Set<String> {
        added.isEmpty ? [] : Set(entries.keys.filter(isNew))
    }

    private func isNew(_ id: String) -> Bool {
        var id = id
        for _ in 0...Self.depthLimit {
            if added.contains(id) { return true }
            guard let parent = entries[id]?["inherits"]?.text else { return false }
            id = parent
        }
        return true
    }

    /// An id that exists already is overridden key by key, or whole with `replace: true`.
    mutating func add(_ written: [CatalogFile.Entry], mistakes: MistakeList) {
        for written in written {
            let (id, entry) = (written.id, written.node)
            guard Self.isID(id) else {
                let advice = "an id is 1 to 64 of a-z, 0-9, `-`, `_`, and begins with a letter"
                mistakes.report(advice, at: entry.origin, field: nil)
                continue
            }
            guard entry.members != nil else {
                mistakes.report("must be a mapping of keys to values", at: entry.origin, field: nil)
                continue
            }
            added.insert(id)
            let own = SectionReader(entry, path: "", mistakes: mistakes)
            if let earlier = entries[id], own.flag("replace") != true {
                entries[id] = entry.merged(over: earlier)
            } else {
                entries[id] = entry
            }
        }
    }

    /// The integrations that are new, or inherit from a new entry.
    func integrations(
        allowsInsecureLoopback: Bool, mistakes: MistakeList
    ) -> [String: Integration] {
        var integrations: [String: Integration] = [:]
        for (id, entry) in resolved(newIDs, mistakes: mistakes) {
            integrations[id] = Integration(
                id: id, SectionReader(entry, path: "", mistakes: mistakes),
                allowsInsecureLoopback: allowsInsecureLoopback)
        }
        return integrations
    }

    /// The entries with these ids, in their order. An abstract one is left out: its heirs say all that it says.
    func resolved(_ ids: Set<String>, mistakes: MistakeList) -> [(id: String, entry: YAMLNode)] {
        ids.sorted().compactMap { id in
            guard let entry = entries[id] else { return nil }
            let own = SectionReader(entry, path: "", mistakes: mistakes)
            let isAbstract = own.flag("abstract") ?? false
            if isAbstract, !entries.values.contains(where: { $0["inherits"]?.text == id }) {
                own.report("no entry inherits from this one; remove it", "abstract")
            }
            guard let resolved = resolve(id, heirs: [], mistakes: mistakes), !isAbstract else { return nil }
            return (id, resolved)
        }
    }

    /// Reports those that are the sandbox of a product that there is not.
    func checkProducts(
        of integrations: [String: Integration], known: Set<String>, _ mistakes: MistakeList
    ) {
        for (id, integration) in integrations.sorted(by: { $0.key < $1.key }) {
            guard let product = integration.about.sandboxOf, !known.contains(product) else { continue }
            let written = entries[id]?["about"]?["sandbox_of"] ?? entries[id]
            guard let origin = written?.origin else { continue }
            mistakes.report(
                "there is no integration `\(product.shownAsName)`", at: origin, field: "about.sandbox_of")
        }
    }

    private func resolve(_ id: String, heirs: [String], mistakes: MistakeList) -> YAMLNode? {
        guard let entry = entries[id] else { return nil }
        let own = SectionReader(entry, path: "", mistakes: mistakes)
        let bare = entry.without(Self.ownKeys)
        guard let parent = own.string("inherits") else { return bare }
        let chain = heirs + [id]
        if chain.contains(parent) {
            let circle = (chain.drop { $0 != parent } + [parent]).joined(separator: " → ")
            own.report("goes round in a circle: \(circle)", "inherits")
            return nil
        }
        guard entries[parent] != nil else {
            let known = elsewhere.union(entries.keys).sorted().joined(separator: ", ")
            own.report("there is no integration `\(parent.shownAsName)`; there are: \(known)", "inherits")
            return nil
        }
        guard heirs.count < Self.depthLimit else {
            own.report("inherits through more than \(Self.depthLimit) entries", "inherits")
            return nil
        }
        guard let inherited = resolve(parent, heirs: chain, mistakes: mistakes) else { return nil }
        return bare.merged(over: inherited.without(AboutRules.ownKeys, in: "about"))
    }

    private static func isID(_ id: String) -> Bool {
        guard let first = id.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
            return false
        }
        return id.utf8.count <= 64
            && id.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}
