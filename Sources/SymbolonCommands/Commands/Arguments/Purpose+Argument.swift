public import ArgumentParser
public import StateTokens

extension Keyring.Purpose: ExpressibleByArgument {
    static var all: [Keyring.Purpose] { [.state, .connections] }

    public static var allValueStrings: [String] { all.map(\.rawValue) }
}
