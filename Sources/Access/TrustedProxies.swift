package import Encodings

/// The proxies before the service, which say where a request comes from.
package struct TrustedProxies: Sendable, Equatable {
    /// The one header that the operator's proxies write. Another one comes from the client and is ignored: a proxy that
    /// does not write a header passes it on as it is.
    package enum Header: String, Sendable, CaseIterable {
        case forwardedFor = "x-forwarded-for"
        /// RFC 7239.
        case forwarded
    }

    private let ranges: [AddressRange]
    package let header: Header

    /// - Parameter ranges: the operator's own proxies. Only what they say about others is believed.
    package init(_ ranges: [AddressRange] = [], header: Header = .forwardedFor) {
        self.ranges = ranges
        self.header = header
    }

    package var isEmpty: Bool { ranges.isEmpty }

    package func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// Where a request came from: by the one header that the proxies write, if its peer is one of them.
    package func origin(of peer: IPAddress?, forwardedFor: [String], forwarded: [String]) -> IPAddress? {
        guard let peer, !isEmpty else { return peer }
        switch header {
        case .forwardedFor: return client(of: peer, by: forwardedFor)
        case .forwarded: return client(of: peer, by: forwarded)
        }
    }

    /// The last address that no trusted proxy has: what stands further left was written by the client.
    ///
    /// - Parameter values: the header's values, in their order.
    package func client(of peer: IPAddress, by values: [String]) -> IPAddress {
        var client = peer
        let list = values.joined(separator: ",")
        var nodes = ForwardedNodes(list, in: header)
        while ranges.contains(where: { $0.contains(client) }), let node = nodes.next(),
            let next = IPAddress(node: node)
        {
            client = next
        }
        return client
    }
}

/// The nodes of a list, the last one first, which the nearest proxy has added. It is read from its end, so that nothing
/// that a client writes, such as a quotation mark that is never closed, changes how the proxies' own words are read.
private struct ForwardedNodes {
    private let header: TrustedProxies.Header
    private var rest: Substring?

    init(_ list: String, in header: TrustedProxies.Header) {
        self.header = header
        rest = list[...]
    }

    /// - Returns: `nil` at the end, and for an element that names no node.
    mutating func next() -> String? {
        while let list = rest {
            let element: Substring
            switch header {
            case .forwardedFor:
                let comma = list.utf8.lastIndex(of: UInt8(ascii: ","))
                element = comma.map { list[list.utf8.index(after: $0)...] } ?? list
                rest = comma.map { list[..<$0] }
            case .forwarded:
                let parts = Self.parts(list, at: UInt8(ascii: ","), limit: 1)
                element = parts[0]
                rest = parts.count == 2 ? parts[1] : nil
            }
            // Empty elements are none (RFC 9110 §5.6.1.2).
            guard !element.trimmingSpaces.isEmpty else { continue }
            return header == .forwarded ? Self.node(element) : String(element)
        }
        return nil
    }

    /// The value of the element's one `for` (RFC 7239 §4): `for="[2001:db8::17]:4711";proto=https`.
    private static func node(_ element: Substring) -> String? {
        var node: String?
        for pair in parts(element, at: UInt8(ascii: ";"), limit: .max) {
            guard let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            guard pair[..<equals].trimmingSpaces.lowercased() == "for" else { continue }
            guard node == nil else { return nil }
            node = unquoted(pair[pair.utf8.index(after: equals)...])
        }
        return node
    }

    /// The parts between a mark that is not in a quoted string, the last one first.
    private static func parts(_ text: Substring, at mark: UInt8, limit: Int) -> [Substring] {
        var parts: [Substring] = []
        var end = text.endIndex
        var index = text.endIndex
        var isQuoted = false
        while index > text.startIndex, parts.count < limit {
            index = text.utf8.index(before: index)
            let octet = text.utf8[index]
            if octet == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if octet == mark, !isQuoted {
                parts.append(text[text.utf8.index(after: index)..<end])
                end = index
            }
        }
        parts.append(text[..<end])
        return parts
    }

    /// A token, or what a quoted string says; no address has anything to escape.
    private static func unquoted(_ value: Substring) -> String? {
        let text = value.trimmingSpaces
        guard text.utf8.contains(UInt8(ascii: "\"")) else { return String(text) }
        guard text.utf8.count > 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
        return String(text.dropFirst().dropLast())
    }
}

extension Substring {
    /// Without spaces and tabs at either end.
    fileprivate var trimmingSpaces: Substring {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }
        guard let first = utf8.firstIndex(where: { !isSpace($0) }),
            let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
