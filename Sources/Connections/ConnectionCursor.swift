import Encodings
import StateTokens

/// The place after one connection in the order of creation; it stays where it is whatever is inserted or
/// deleted.
package struct ConnectionCursor: Sendable, Hashable {
    private static let version: UInt8 = 1

    package let createdAt: DatabaseTime
    package let id: ConnectionID

    package init(createdAt: DatabaseTime, id: ConnectionID) {
        self.createdAt = createdAt
        self.id = id
    }

    package init(_ text: String) throws(StoreError) {
        guard let octets = Base64URL.decode(text) else { throw .badCursor }
        var reader = OctetReader(octets)
        guard reader.octet() == Self.version, let milliseconds = reader.integer(Int64.self),
            let rest = reader.octets(count: 16), let id = ConnectionID(octets: rest), reader.isAtEnd
        else { throw .badCursor }
        self.init(createdAt: DatabaseTime(millisecondsSinceEpoch: milliseconds), id: id)
    }

    package var text: String {
        var writer = OctetWriter()
        writer.append(Self.version)
        writer.append(createdAt.millisecondsSinceEpoch)
        writer.append(contentsOf: id.octets)
        return Base64URL.encode(writer.octets.span)
    }
}
