import ArgumentParser

/// How a command writes its result.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document on standard output, and nothing else there.")
    var json = false
}
