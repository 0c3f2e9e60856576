import Glibc

/// `Fuzzing TARGET [an option of libFuzzer, a folder or a file]…`: libFuzzer on one of our readers; without arguments the
/// targets' names.
///
/// Ends with a line that says how many texts were tried and how many of them were taken.
private var targets: [String: any FuzzTarget.Type] {
    [
        "api-keys": APIKeysTarget.self, "callback": CallbackTarget.self, "catalog": CatalogTarget.self,
        "coding": CodingTarget.self,
        "configuration": ConfigurationTarget.self, "discovery": DiscoveryTarget.self,
        "initiate": InitiateTarget.self, "key-set": KeySetTarget.self, "keyring": KeyringTarget.self,
        "record": RecordTarget.self,
        "redirect": RedirectTarget.self, "row": RowTarget.self,
        "session-token": SessionTokenTarget.self, "state-token": StateTokenTarget.self,
        "token-answer": TokenAnswerTarget.self,
    ]
}

/// SwiftPM makes the `main` of an executable target of this name.
@_cdecl("Fuzzing_main") func main(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    let name = count > 1 ? arguments[1].map { String(cString: $0) } : nil
    guard let name, let target = targets[name] else {
        print(targets.keys.sorted().joined(separator: "\n"))
        return name == nil ? 0 : 2
    }
    Run.start(target)
    atexit { print(Run.summary) }
    // libFuzzer sees its own arguments only.
    arguments[1] = arguments[0]
    var rest = arguments + 1
    var restCount = count - 1
    return runDriver(&restCount, &rest) { test($0, $1) }
}

@_silgen_name("LLVMFuzzerRunDriver") private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
