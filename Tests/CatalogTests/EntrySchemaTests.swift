import Encodings
import Foundation
import Integrations
import Testing

/// The JSON Schema comes from the page of keys, so the page is checked, too.
@Suite("The JSON Schema of catalog files") struct EntrySchemaTests {
    private static let probe = "zzz"
    /// Read before an entry is: they say where it comes from.
    private static let resolved: Set<String> = ["abstract", "inherits", "replace"]

    private func entry() throws -> JSONValue {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Integrations/Integrations.docc/Resources/catalog.schema.json")
        let schema = try JSONValue.parse(Array(Data(contentsOf: url.standardized)))
        let path = try #require(ResponsePath("definitions.entry"))
        return try #require(schema[path])
    }

    @Test func `it has the keys that the reader knows, in every section`() throws {
        let schema = try entry()
        var documented: [String: Set<String>] = [:]
        let probe = Self.section(schema, path: [], &documented)
        let text = #"{"integrations": {"sample": \#(String(decoding: probe.bytes, as: UTF8.self))}}"#
        var read: [String: Set<String>] = [:]
        do throws(CatalogError) {
            _ = try Catalog(files: [CatalogFile(name: "sample.yaml", text: text)])
        } catch {
            for mistake in error.mistakes {
                guard let field = mistake.field, field.hasSuffix(Self.probe),
                    let list = mistake.advice.split(separator: "use one of: ").last
                else { continue }
                read[field] = Set(list.split(separator: ", ").map(String.init))
            }
        }
        documented[Self.probe]?.subtract(Self.resolved)
        read[Self.probe]?.subtract(Self.resolved)
        #expect(documented.count >= 14)
        for (field, keys) in documented {
            #expect(keys.symmetricDifference(read[field] ?? []).sorted() == [], "\(field)")
        }
    }

    /// A section with a key that there is not, in itself and in each section in it.
    private static func section(
        _ schema: JSONValue, path: [String], _ documented: inout [String: Set<String>]
    ) -> JSONValue {
        guard let keys = members(schema, "properties") else { return .null }
        documented[(path + [probe]).joined(separator: ".")] = Set(keys.keys)
        var section: [String: JSONValue] = [probe: .number("1")]
        for (name, value) in keys {
            if members(value, "properties") != nil {
                section[name] = Self.section(value, path: path + [name], &documented)
            } else if let each = members(value, "additionalProperties"), each["properties"] != nil {
                let one = Self.section(.object(each), path: path + [name, "one"], &documented)
                section[name] = .object(["one": one])
            }
        }
        return .object(section)
    }

    private static func members(_ value: JSONValue, _ name: String) -> [String: JSONValue]? {
        guard case .object(let members) = value, case .object(let found) = members[name] else { return nil }
        return found
    }
}
