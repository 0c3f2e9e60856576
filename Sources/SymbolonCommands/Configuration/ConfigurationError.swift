/// What is wrong with the configuration: all of it, so that it can be mended at once.
struct ConfigurationError: Error, CustomStringConvertible {
    let mistakes: [String]

    init(_ mistakes: [String]) { self.mistakes = mistakes }

    var description: String { mistakes.joined(separator: "\n") }
}
