internal import Encodings

/// Which bodies are read as JSON, and which as a form.
enum RequestMediaType {
    /// Whether a Content-Type is `application/json` or `application/…+json`, whatever its parameters.
    ///
    /// As FastAPI reads it, white space included. Any other body is octets to it, and no request.
    static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        // Nearly every request says this; the code below copies.
        if contentType == "application/json" { return true }
        let type = type(of: contentType)
        let main = "application/"
        guard type.starts(with: main.utf8) else { return false }
        let subtype = type.dropFirst(main.utf8.count)
        return !subtype.contains(UInt8(ascii: "/"))
            && (subtype.elementsEqual("json".utf8) || subtype.suffix(5).elementsEqual("+json".utf8))
    }

    /// Whether a Content-Type is `application/x-www-form-urlencoded`, whatever its parameters.
    static func isForm(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        return type(of: contentType).elementsEqual("application/x-www-form-urlencoded".utf8)
    }

    /// Type and subtype in lower case, without parameters.
    private static func type(of contentType: String) -> ArraySlice<UInt8> {
        var octets: [UInt8] = []
        for octet in contentType.utf8 {
            guard octet != UInt8(ascii: ";") else { break }
            octets.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octet ? octet | 0x20 : octet)
        }
        var type = octets[...]
        while let first = type.first, isWhitespace(first) { type.removeFirst() }
        while let last = type.last, isWhitespace(last) { type.removeLast() }
        return type
    }

    private static func isWhitespace(_ octet: UInt8) -> Bool {
        octet == .space || UInt8.tab...UInt8.carriageReturn ~= octet || 0x1C...0x1F ~= octet
    }
}
