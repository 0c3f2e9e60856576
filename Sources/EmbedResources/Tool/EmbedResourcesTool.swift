import FoundationEssentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes a Swift file with one string literal for each of the given text files.
///
/// A literal of Swift's own costs the compiler next to nothing and is never copied: it stays where the program was loaded.
///
/// Usage: `embed-resources OUTPUT FILE...`
@main struct EmbedResourcesTool {
    static func main() {
        do {
            try write(CommandLine.arguments.dropFirst())
        } catch {
            print("error: \(error)")
            exit(1)
        }
    }

    private static func write(_ paths: ArraySlice<String>) throws {
        guard let output = paths.first else { throw EmbeddingError.noOutput }
        let files = try paths.dropFirst().map(EmbeddedText.init)
        let names = files.map(\.identifier)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw EmbeddingError.sameName(twice)
        }
        try source(of: files).write(toFile: output, atomically: true, encoding: .utf8)
    }

    private static func source(of files: [EmbeddedText]) -> String {
        """
        // Written by EmbedResources at each build.

        /// A text file that lies in a folder of this module.
        struct EmbeddedFile: Sendable {
            let name: String
            let text: String
        }

        extension EmbeddedFile {
            /// In the order of their names.
            static let all = [\(files.map(\.identifier).joined(separator: ", "))]

        \(files.map(\.declaration).joined(separator: "\n"))
        }

        """
    }
}

/// A file's text, and how Swift spells it.
private struct EmbeddedText {
    /// The file's name with `_` for what an identifier cannot have: `flow.svg` is `flow_svg`.
    let identifier: String
    private let name: String
    private let text: String

    init(path: String) throws {
        guard let name = path.split(separator: "/").last else { throw EmbeddingError.noName(path) }
        guard let octets = FileManager.default.contents(atPath: path) else {
            throw EmbeddingError.unreadable(path)
        }
        guard let text = String(validating: octets, as: UTF8.self) else { throw EmbeddingError.notText(path) }
        self.name = String(name)
        self.text = text
        let isPlain: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber) }
        identifier = String(name.map { isPlain($0) ? $0 : "_" })
    }

    var declaration: String {
        "    static let `\(identifier)` = EmbeddedFile(name: \"\(Self.escaped(name))\", text: \"\(Self.escaped(text))\")"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case _ where scalar.properties.generalCategory == .control:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// Why files cannot be embedded; the build stops and prints it.
private enum EmbeddingError: Error, CustomStringConvertible {
    case noOutput
    case noName(String)
    case unreadable(String)
    case notText(String)
    case sameName(String)

    var description: String {
        switch self {
        case .noOutput: "usage: embed-resources OUTPUT FILE..."
        case .noName(let path): "\(path) is not a file"
        case .unreadable(let path): "\(path) cannot be read"
        case .notText(let path): "\(path) is not UTF-8; only text can be embedded"
        case .sameName(let name): "two files would both be called \(name) in Swift"
        }
    }
}
