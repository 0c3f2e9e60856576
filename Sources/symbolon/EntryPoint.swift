import SymbolonCommands

/// The `symbolon` program: the commands are in `SymbolonCommands`, a library, so that tests call them without a process.
@main enum EntryPoint {
    static func main() async { await Program.run() }
}
