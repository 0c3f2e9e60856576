/// What this program is.
enum Release {
    static let version = "0.1.0"

    /// The Swift release that it was built with.
    static var swiftVersion: String {
        #if compiler(>=6.4)
        "6.4 or later"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }
}
