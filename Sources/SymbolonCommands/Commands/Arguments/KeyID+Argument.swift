public import ArgumentParser
public import StateTokens

extension KeyID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
