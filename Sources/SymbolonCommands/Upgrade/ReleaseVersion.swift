import ArgumentParser

/// The version of a release: three numbers.
struct ReleaseVersion: Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int
    let patch: Int

    /// Reads `1.2.3`; `nil` for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part -> Int? in
            let isNumber = !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, part == "0" || !part.hasPrefix("0") else { return nil }
            return Int(part)
        }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
    }

    var description: String { "\(major).\(minor).\(patch)" }

    static func < (one: ReleaseVersion, other: ReleaseVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }
}

extension ReleaseVersion {
    /// The version on a command line.
    static func parse(_ argument: String) throws -> ReleaseVersion {
        guard let version = ReleaseVersion(argument) else {
            throw ValidationError("a version has three numbers, such as 0.1.0")
        }
        return version
    }
}
