import ArgumentParser
import StateTokens

extension KeyID {
    /// A key's id on a command line.
    static func parse(_ argument: String) throws -> KeyID {
        guard let id = KeyID(argument) else {
            throw ValidationError("a key's id has 8 hexadecimal digits, such as 1f3a9c02")
        }
        return id
    }
}
