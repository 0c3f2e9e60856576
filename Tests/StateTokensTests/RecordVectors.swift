import StateTokens
import Testing

/// What a second implementation of a record and its token has written: values that both take, and octets that both refuse.
struct RecordVectors<Valid: Decodable>: Decodable {
    struct KeyEntry: Decodable {
        let id: String
        let material: String
    }
    struct InvalidRecord: Decodable {
        let comment: String
        let record: String
    }
    struct InvalidToken: Decodable {
        let comment: String
        let token: String
    }
    private let keys: [KeyEntry]
    let audience: String
    let valid: [Valid]
    let invalid_records: [InvalidRecord]
    let invalid_tokens: [InvalidToken]

    /// The keys that the tokens are sealed with.
    func sealingKeys() throws -> [Key] {
        try keys.map { entry in
            Key(
                id: try #require(KeyID(entry.id)),
                material: try KeyMaterial(octets: octets(entry.material).span), created: TestKeys.start,
                activates: TestKeys.start)
        }
    }
}
