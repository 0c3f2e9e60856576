import Foundation
import TestSupport

/// The scripts that run what comes from PyPI.
enum ServerScript {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Servers/\(name)").standardized.path(percentEncoded: false)
    }
}
