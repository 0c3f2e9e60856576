package import StateTokens

/// Why a row cannot be read: the column, and what is wrong with it. Nothing of its contents is in here.
package struct RowFault: Error, Sendable, Hashable {
    package enum Problem: String, Sendable, Hashable {
        case missing = "is empty"
        case wrongType = "has another type than this program writes"
        case notText = "is not UTF-8"
        case outOfRange = "is out of range"
        case unknownValue = "has a value that this program does not know"
        case malformed = "does not hold what it should"
        case tooLarge = "is too large"
    }

    package let column: String
    package let problem: Problem

    package init(_ column: String, _ problem: Problem) {
        self.column = column
        self.problem = problem
    }
}

extension RowFault: CustomStringConvertible {
    /// For example `column expires_at_s is out of range`.
    package var description: String { "column \(column) \(problem.rawValue)" }
}

/// A connection whose row cannot be read. It can be deleted all the same.
package struct UnreadableConnection: Error, Sendable, Hashable {
    /// `nil` if the row's id is none of ours.
    package let id: ConnectionID?
    package let fault: RowFault

    package init(id: ConnectionID?, fault: RowFault) {
        self.id = id
        self.fault = fault
    }
}

extension StoreError {
    /// Reads one row that a caller asked for.
    package static func translate<Record>(
        _ read: () throws(RowFault) -> Record
    ) throws(StoreError) -> Record {
        do throws(RowFault) {
            return try read()
        } catch {
            throw .unreadable(error)
        }
    }
}

extension StoredValue {
    /// The key that the column names, if it names one.
    package var keyID: KeyID? {
        guard case .integer(let integer) = self else { return nil }
        return UInt32(exactly: integer).map { KeyID(rawValue: $0) }
    }
}
