/// Finds what a misspelt name was meant to be.
package enum LikelyName {
    /// The nearest of the known names; nil where none is near.
    package static func of(_ name: String, among known: some Collection<String>) -> String? {
        let octets = Array(name.lowercased().utf8)
        guard octets.count <= 64 else { return nil }
        let near = known.map { (name: $0, distance: distance(octets, Array($0.utf8))) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let near, near.distance <= max(1, octets.count / 3) else { return nil }
        return near.name
    }

    /// How many octets have to be changed, added, removed or swapped with their neighbour to make one of the other.
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var before: [Int] = []
        var row = Array(0...second.count)
        for (line, octet) in first.enumerated() {
            var next = [line + 1]
            for (column, other) in second.enumerated() {
                var best = min(row[column] + (octet == other ? 0 : 1), row[column + 1] + 1, next[column] + 1)
                if line > 0, column > 0, octet == second[column - 1], first[line - 1] == other {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            before = row
            row = next
        }
        return row[second.count]
    }
}
