package import Encodings

/// What is wrong with a request's fields, gathered while they are taken one by one.
///
/// Each method takes a field by one rule, and returns its value unless it is wrong.
package struct ValidationIssues {
    package private(set) var list: [ValidationIssue] = []

    package init() {}

    package mutating func add(_ fault: ValidationIssue.Fault, at place: ValidationIssue.LocationElement...) {
        list.append(ValidationIssue(loc: [.name("body")] + place, msg: fault.msg, type: fault.type))
    }

    package mutating func add(_ issue: ValidationIssue) { list.append(issue) }

    /// A string that has to be there.
    package mutating func required(_ field: FormField<String>, _ name: String) -> String? {
        switch field {
        case .value(let value): return value
        case .absent: add(.missing, at: .name(name))
        case .null, .wrongInside: add(.notString, at: .name(name))
        case .wrong(let fault): add(fault, at: .name(name))
        }
        return nil
    }

    /// A string that may be left out, but not null.
    package mutating func required(_ field: FormField<String>, _ name: String, default value: String)
        -> String?
    {
        if case .absent = field { return value }
        return required(field, name)
    }

    /// A string that may be left out or null.
    package mutating func optional(_ field: FormField<String>, _ name: String) -> String? {
        switch field {
        case .absent, .null: nil
        case .value, .wrong, .wrongInside: required(field, name)
        }
    }

    /// An integer that may be left out or null.
    package mutating func optional(_ field: FormField<Int64>, _ name: String) -> Int64? {
        switch field {
        case .absent, .null: return nil
        case .value(let value): return value
        case .wrong(let fault): add(fault, at: .name(name))
        case .wrongInside: add(.notInteger, at: .name(name))
        }
        return nil
    }

    /// A boolean that may be left out or null.
    package mutating func optional(_ field: FormField<Bool>, _ name: String) -> Bool? {
        switch field {
        case .absent, .null: return nil
        case .value(let value): return value
        case .wrong(let fault): add(fault, at: .name(name))
        case .wrongInside: add(.notBoolean, at: .name(name))
        }
        return nil
    }

    /// A list of strings that may be left out or null.
    package mutating func optional(
        _ field: FormField<[String]>, _ name: String, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [String]? {
        switch field {
        case .absent, .null: return nil
        case .value(let values): return values
        case .wrong(let fault): add(fault, at: .name(name))
        case .wrongInside(let offset): try addElements(ofListAt: offset, name, in: text)
        }
        return nil
    }

    /// An object of strings that may be left out or null.
    package mutating func optional(
        _ field: FormField<[String: String]>, _ name: String, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [String: String]? {
        switch field {
        case .absent, .null: return nil
        case .value(let values): return values
        case .wrong(let fault): add(fault, at: .name(name))
        case .wrongInside(let offset): return try addMembers(ofObjectAt: offset, name, in: text)
        }
        return nil
    }

    private mutating func addElements(
        ofListAt offset: Int, _ name: String, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        var reader = JSONReader(at: offset)
        var index = 0
        try reader.openContainer()
        while try reader.nextElement(in: text) {
            if let fault = try reader.readStringField(in: text).stringFault {
                add(fault, at: .name(name), .index(index))
            }
            index += 1
        }
    }

    /// A name that comes twice has its first place and its last value, as in a Python dictionary.
    private mutating func addMembers(
        ofObjectAt offset: Int, _ name: String, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [String: String]? {
        var members: [(name: JSONString, field: FormField<String>)] = []
        var places: [[UInt8]: Int] = [:]
        var reader = JSONReader(at: offset)
        try reader.openContainer()
        while let member = try reader.nextMember(in: text) {
            let field = try reader.readStringField(in: text)
            let octets = member.octets(in: text)
            if let place = places[octets] {
                members[place].field = field
            } else {
                places[octets] = members.count
                members.append((member, field))
            }
        }
        var values: [String: String] = [:]
        for member in members {
            let characters = member.name.characters(in: text)
            // Lone surrogates become U+FFFD, as in Pydantic's own places.
            let key = characters ?? String(decoding: member.name.octets(in: text), as: UTF8.self)
            if characters == nil { add(.notUnicode, at: .name(name), .name(key), .name("[key]")) }
            if let fault = member.field.stringFault { add(fault, at: .name(name), .name(key)) }
            if case .value(let value) = member.field { values[key] = value }
        }
        return values
    }
}

extension FormField where Value == String {
    /// What is wrong with it where a string has to be.
    fileprivate var stringFault: ValidationIssue.Fault? {
        switch self {
        case .value: nil
        case .absent, .null, .wrongInside: .notString
        case .wrong(let fault): fault
        }
    }
}
