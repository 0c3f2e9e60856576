import FoundationEssentials

@testable import Access

/// The file of API keys: what was read is written again, and reads the same.
struct APIKeysTarget: FuzzTarget {
    init() {}

    mutating func read(_ input: [UInt8]) throws -> Count {
        guard let keys = try? APIKeyFile.parse(Data(input), path: "fuzz.json") else { return .refused }
        let again = try APIKeyFile.parse(Data(APIKeyFile.json(keys)), path: "fuzz.json")
        expect(again == keys, "a file that reads differently when it is written again")
        expect(Set(keys.map(\.id)).count == keys.count, "one id twice")
        expect(Set(keys.map(\.hash.description)).count == keys.count, "one hash twice")
        return .accepted
    }
}
