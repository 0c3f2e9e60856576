import Foundation
import TestSupport
import Testing

/// The material in a keyring file, in the forms in which it could leak.
struct KeyringSecrets {
    let texts: [String]

    init(in folder: TemporaryFolder, _ name: String) throws {
        struct File: Decodable {
            struct Entry: Decodable { let material: String }
            let keys: [Entry]
        }
        let file = try JSONDecoder().decode(File.self, from: Data(folder.read(name).utf8))
        texts = file.keys.map(\.material)
        #expect(!texts.isEmpty && texts.allSatisfy { $0.count == 86 })
    }

    /// Whether a run said any part of it that could not be there by chance.
    func leak(in run: CommandRun) -> Bool {
        texts.contains { text in
            let characters = Array(text)
            return stride(from: 0, to: characters.count - 12, by: 6).contains {
                run.everything.contains(String(characters[$0..<$0 + 12]))
            }
        }
    }
}
