import ArgumentParser

/// Other programs' forms of a keyring.
enum KeysetFormat: String, ExpressibleByArgument, CaseIterable {
    /// Google Tink's cleartext JSON keyset.
    case tink
}
