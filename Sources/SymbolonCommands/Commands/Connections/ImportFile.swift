import ArgumentParser
import ConnectAPI
import ConnectService
import Encodings
import StateTokens

/// How a file lists connections.
enum ImportFormat: String, CaseIterable, ExpressibleByArgument {
    /// One JSON object a line, in the form of an import request.
    case jsonl
    /// RFC 4180, with names in its first record.
    case csv
    /// One connection a line, as Nango's API shows it.
    case nango
}

/// One connection of a file.
struct ImportRow {
    /// Of the file, from 1.
    let line: Int
    let workspaceID: String?
    /// What the other service calls it: the same connection when the file is read again.
    let externalID: String?
    let command: Result<ImportCommand, RequestValidationError>
    /// Why it is no connection at all, if that is known without an import request.
    var problem: String?
    /// The token response that the credentials came in, where the other service keeps it.
    var response: JSONValue?

    /// - Parameter json: an import request, with `workspace_id` and `external_id` beside its members.
    init(line: Int, json: [UInt8]) {
        self.line = line
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue.parse(json)
        } catch {
            problem = "it is not valid JSON (column \(error.offset + 1))"
            value = .null
        }
        var members: [String: JSONValue] = [:]
        if case .object(let object) = value { members = object }
        workspaceID = members["workspace_id"]?.text
        externalID = members["external_id"]?.text
        do throws(RequestValidationError) {
            command = .success(
                try ImportRequest.parse(json.span, contentType: "application/json").command)
        } catch {
            command = .failure(error)
        }
    }

    /// Names the row to the service, so that it makes one connection however often it comes.
    func idempotencyKey(_ command: ImportCommand) -> String {
        externalID.map { "external/\($0)" } ?? "row/\(command.digest.description)"
    }
}

extension ImportRow {
    /// - Parameter nango: a connection as Nango's API shows it.
    init(line: Int, nango: [UInt8], names: NangoNames) {
        var json: [UInt8] = []
        var problem: String?
        var response: JSONValue?
        do throws(NangoConnection.Problem) {
            let connection = try NangoConnection(nango, names: names)
            (json, response) = (connection.json, connection.response)
        } catch {
            problem = error.sentence
        }
        self.init(line: line, json: json)
        self.problem = problem
        self.response = response
    }
}

extension ImportFormat {
    /// Reads all rows; those that are not well formed say so themselves.
    ///
    /// - Throws: for a CSV file without a header, or with a name twice in it.
    func rows(_ octets: [UInt8], names: NangoNames = NangoNames()) throws(CommandError) -> [ImportRow] {
        switch self {
        case .jsonl: Self.lines(JSONValue.withoutMark(octets)) { ImportRow(line: $0, json: $1) }
        case .csv: try Self.records(JSONValue.withoutMark(octets))
        case .nango:
            Self.lines(JSONValue.withoutMark(octets)) { ImportRow(line: $0, nango: $1, names: names) }
        }
    }

    private static func lines(
        _ octets: ArraySlice<UInt8>, _ row: (Int, [UInt8]) -> ImportRow
    ) -> [ImportRow] {
        var rows: [ImportRow] = []
        for (index, line) in octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        where !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            rows.append(row(index + 1, Array(line)))
        }
        return rows
    }

    private static func records(_ octets: ArraySlice<UInt8>) throws(CommandError) -> [ImportRow] {
        let records = CSVRecord.all(in: octets)
        guard let header = records.first else {
            throw CommandError(.refused, "the file has no record with the names of its columns")
        }
        guard Set(header.fields).count == header.fields.count else {
            throw CommandError(.refused, "two columns of the file have one name")
        }
        return records.dropFirst().map { record in
            ImportRow(line: record.line, json: json(of: record, under: header.fields))
        }
    }

    /// The import request of a record. Columns are named like the request's members, with `credentials.`, `config.` and
    /// `tags.` before theirs; empty fields are left out.
    private static func json(of record: CSVRecord, under names: [String]) -> [UInt8] {
        var members: [String: JSONValue] = [:]
        for (name, value) in zip(names, record.fields) where !value.isEmpty {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                members[name] = .string(value)
                continue
            }
            var inside: [String: JSONValue] = [:]
            if case .object(let present)? = members[parts[0]] { inside = present }
            inside[parts[1]] = .string(value)
            members[parts[0]] = .object(inside)
        }
        return JSONValue.object(members).bytes
    }
}

/// A record of a CSV file (RFC 4180): fields between commas, quoted where they hold commas, quotes or line breaks.
struct CSVRecord {
    /// Where it begins, from 1.
    let line: Int
    let fields: [String]

    static func all(in octets: ArraySlice<UInt8>) -> [CSVRecord] {
        var records: [CSVRecord] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var (line, start) = (1, 1)
        var index = octets.startIndex
        func endField() {
            fields.append(String(decoding: field, as: UTF8.self))
            field = []
        }
        func endRecord() {
            endField()
            // A line without anything on it is no record.
            if fields != [""] { records.append(CSVRecord(line: start, fields: fields)) }
            fields = []
        }
        while index < octets.endIndex {
            let octet = octets[index]
            let next = octets.index(after: index)
            if octet == UInt8(ascii: "\n") { line += 1 }
            switch octet {
            case UInt8(ascii: "\"") where isQuoted:
                if next < octets.endIndex, octets[next] == UInt8(ascii: "\"") {
                    field.append(octet)
                    index = next
                } else {
                    isQuoted = false
                }
            case _ where isQuoted: field.append(octet)
            case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
            case UInt8(ascii: ","): endField()
            case UInt8(ascii: "\n"):
                endRecord()
                start = line
            case UInt8(ascii: "\r") where next < octets.endIndex && octets[next] == UInt8(ascii: "\n"): break
            default: field.append(octet)
            }
            index = octets.index(after: index)
        }
        if !field.isEmpty || !fields.isEmpty { endRecord() }
        return records
    }
}
