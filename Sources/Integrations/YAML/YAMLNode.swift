/// Where a node was written.
package struct Origin: Sendable, Hashable {
    package let file: String
    package let line: Int
    /// The catalog entry that it belongs to.
    var entry: String?
}

/// A node of a YAML file that remembers where it came from, in catalogs through inheritance too.
package struct YAMLNode: Sendable {
    package indirect enum Content: Sendable {
        case null
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: String, value: YAMLNode)])
    }

    package var content: Content
    package var origin: Origin

    package init(content: Content, origin: Origin) {
        self.content = content
        self.origin = origin
    }

    package var isNull: Bool { if case .null = content { true } else { false } }

    package var members: [(key: String, value: YAMLNode)]? {
        if case .mapping(let members) = content { members } else { nil }
    }

    package subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }

    /// What was written as a string, a number or a boolean, as its text.
    package var text: String? { if case .scalar(let text, _) = content { text } else { nil } }

    func written(in entry: String) -> YAMLNode {
        var node = self
        node.origin.entry = entry
        switch content {
        case .null, .scalar: break
        case .sequence(let elements): node.content = .sequence(elements.map { $0.written(in: entry) })
        case .mapping(let members):
            node.content = .mapping(members.map { (key: $0.key, value: $0.value.written(in: entry)) })
        }
        return node
    }

    /// Mappings merge member by member, `null` takes a member away, all else replaces.
    func merged(over parent: YAMLNode) -> YAMLNode {
        guard let own = members, let inherited = parent.members else { return self }
        var result = inherited
        for member in own {
            let index = result.firstIndex { $0.key == member.key }
            if let index, member.value.isNull {
                result.remove(at: index)
            } else if let index {
                result[index].value = member.value.merged(over: result[index].value)
            } else {
                result.append(member)
            }
        }
        return YAMLNode(content: .mapping(result), origin: origin)
    }

    package func without(_ keys: Set<String>) -> YAMLNode {
        guard let members else { return self }
        return YAMLNode(content: .mapping(members.filter { !keys.contains($0.key) }), origin: origin)
    }

    /// The same without keys of one member.
    func without(_ keys: Set<String>, in key: String) -> YAMLNode {
        guard let members else { return self }
        let changed = members.map { $0.key == key ? (key: key, value: $0.value.without(keys)) : $0 }
        return YAMLNode(content: .mapping(changed), origin: origin)
    }
}
