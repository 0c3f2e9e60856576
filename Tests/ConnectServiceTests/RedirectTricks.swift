/// URLs that look like a listed one, or lead elsewhere by what parsers disagree about; the same ones for the same seed.
///
/// Each is put together from parts, of which most are those of a listed URI, and then changed in a few characters.
struct RedirectTricks {
    private let listed: [Parts]
    private var random: TestRandom

    init(around listed: [String], seed: UInt64) {
        self.listed = listed.map(Parts.init)
        random = TestRandom(seed: seed)
    }

    mutating func next() -> String {
        let own = listed[random.below(listed.count)]
        guard random.below(20) > 0 else { return own.text }
        let parts = Parts(
            scheme: either(own.scheme, Self.schemes, own), slashes: either(own.slashes, Self.slashes, own),
            user: either("", Self.users, own),
            host: random.below(8) == 0 ? lookAlike(own.host) : either(own.host, Self.hosts, own),
            port: random.below(8) == 0 ? ":\(random.below(70_000))" : either(own.port, Self.ports, own),
            path: either(own.path, Self.paths, own), query: either(own.query, Self.queries, own),
            fragment: either("", Self.fragments, own))
        var text = Array(parts.text.unicodeScalars)
        while random.below(3) == 0 { change(&text) }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text)
        return String(result)
    }

    /// The part itself, or one of the others, where `HOST`, `PATH` and `LISTED` stand for those of the URI.
    private mutating func either(_ part: String, _ others: [String], _ own: Parts) -> String {
        guard random.below(10) >= 7 else { return part }
        let other = others[random.below(others.count)]
        for (name, value) in [("HOST", own.host), ("PATH", own.path), ("LISTED", own.text)]
        where other.contains(name) {
            return other.replacing(name, with: value)
        }
        return other
    }

    private mutating func lookAlike(_ host: String) -> String {
        let (old, new) = Self.lookAlikes[random.below(Self.lookAlikes.count)]
        return old.isEmpty ? host.uppercased() : host.replacing(old, with: new)
    }

    private mutating func change(_ text: inout [Unicode.Scalar]) {
        let place = random.below(text.count + 1)
        let piece = Array(Self.pieces[random.below(Self.pieces.count)].unicodeScalars)
        switch random.below(6) {
        case 0: text.insert(contentsOf: piece, at: [0, place, text.count][random.below(3)])
        case 1: text.insert(contentsOf: piece, at: place)
        case 2 where place < text.count: text.remove(at: place)
        case 3 where place < text.count: text[place] = Unicode.Scalar(UInt8(random.below(128)))
        case 4 where place < text.count && text[place].isASCII:
            let code = String(text[place].value, radix: 16, uppercase: random.below(2) == 0)
            let escape = "%" + (code.count == 1 ? "0" : "") + code
            text.replaceSubrange(place...place, with: Array(escape.unicodeScalars))
        case 5 where place < text.count && text[place].properties.isAlphabetic && text[place].isASCII:
            text[place] = Unicode.Scalar(UInt8(text[place].value ^ 0x20))
        default: break
        }
    }

    private static let lookAlikes = [
        ("", ""), (".", "\u{3002}"), (".", "\u{ff0e}"), (".", "\u{ff61}"), (".", "%2e"), (".", "-"),
        ("o", "\u{43e}"),
        ("a", "\u{ff41}"), ("0", "o"), ("s", "\u{17f}"), ("l", "1"),
    ]
    private static let schemes = [
        "", "https:", "http:", "HTTPS:", "hTTp:", "https", "https::", "http:https:", " https:", "\thttps:",
        "https :",
        "https\t:", "\0https:", "https%3a", "%68ttps:", "javascript:", "JavaScript:", "java\tscript:",
        "javascript://%0aalert(1)//", "data:", "data:text/html;base64,", "vbscript:", "file:", "blob:https:",
        "filesystem:https:", "view-source:https:", "about:", "ftp:", "ws:", "wss:", "intent:", "x:",
        "com.example.app:",
        "com.example.apps:", "com.example.app.evil:", "com-example-app:", "COM.example.app:", "com.example:",
        "\u{ff48}ttps:", "https\u{ff1a}",
    ]
    private static let slashes = [
        "", "/", "//", "///", "////", "\\\\", "\\/", "/\\", "\\", "//\\", "/\t/", "/\n/", "/ /", "/%09/",
        "/%0a/",
        "/%2f", "%2f%2f", "%5c%5c", "/%5c", "/./", "/.//", "/..//", "//;", "/;/", "//.", "//%00", "/\u{ff0f}",
        "\u{2215}\u{2215}", "//\u{200b}", "//\u{ad}",
    ]
    private static let users = [
        "user@", "user:password@", ":@", "@", "@@", "HOST@", "HOST:80@", "HOST:443\\@", "HOST%40", "HOST%2f@",
        "HOST/@",
        "HOST#@", "HOST?@", "HOST\\@", "HOST;@", "HOST%20@", "HOST\t@", "HOST\u{ff20}", "https:HOST@", "%00@",
    ]
    private static let hosts = [
        "", "evil.example", "HOST.evil.example", "evil.example.HOST", "evilHOST", "HOST.", "HOST..", ".HOST",
        "HOST%2eevil.example", "HOST%00.evil.example", "HOST%00", "HOST ", "HOST\t", "HOST%09", "HOST%20",
        "HOST\\evil.example",
        "HOST/evil.example", "HOST,evil.example", "HOST;evil.example", "HOST&evil.example",
        "evil.example\\.HOST",
        "evil.example#.HOST", "evil.example?.HOST", "evil.example%23.HOST", "evil.example\u{2044}.HOST",
        "xn--HOST", "*.example",
        "localhost", "LOCALHOST", "localhost.", "localhost.evil.example", "localhost%2e", "127.0.0.1",
        "127.0.0.1.", "127.1",
        "127.0.1", "127.0.0.2", "127.0.0.01", "0127.0.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001",
        "2130706433",
        "017700000001", "0.0.0.0", "0", "127.0.0.1.evil.example", "127.0.0.1%2eevil.example",
        "\u{2460}27.0.0.1",
        "\u{ff11}27.0.0.1", "[::1]", "[::1].evil.example", "[::1]evil.example", "[::1", "::1", "[::1%25lo]",
        "[0:0:0:0:0:0:0:1]",
        "[0::1]", "[::01]", "[::ffff:127.0.0.1]", "[::]", "[127.0.0.1]", "[]", "[::1]]", "169.254.169.254",
    ]
    private static let ports = [
        "", ":", ":0", ":1", ":80", ":443", ":8080", ":65535", ":65536", ":99999", ":999999", ":-1", ":+80",
        ":080", ":00080",
        ":000080", ": 80", ":80 ", ":8 0", ":80:80", ":0x50", ":80@evil.example", ":80\\@evil.example",
        ":80#", ":%38%30",
        ":\u{0668}\u{0660}", ":\u{ff18}\u{ff10}", ":80.", ":80,", ":80;", "::80", ":1e1",
    ]
    private static let paths = [
        "", "/", "PATH/", "/PATH", "PATH/.", "PATH/..", "PATH/../", "/.PATH", "/x/..PATH", "/..PATH", "PATH;",
        "PATH;x", "PATH%2f",
        "PATH%00", "PATH%20", "PATH%09", "PATH%0a", "PATH%0d%0aLocation:%20//evil.example", "PATH\\",
        "\\PATH", "PATH%5c", "PATH.",
        "PATH~", "PATH//", "PATH@evil.example", "PATH\t", "PATH\u{301}", "/%2e%2ePATH", "PATH/%2e%2e",
        "PATH/%252e%252e",
        "PATH\u{200b}", "PATH%", "PATH%2", "PATH%zz", "//evil.example", "/\\evil.example",
        "/evil.example/..PATH",
    ]
    private static let queries = [
        "", "?", "??", "?x=1", "?x=2", "?x=1&y=2", "?X=1", "?%78=1", "?x=%31", "?x=1;", "?x=1?",
        "?url=//evil.example",
        "?next=https://evil.example", "?LISTED", "&x=1", "?tenant=a;b", "?tenant=a", "?tenant=a%3bb",
        "?tenant=a\u{37e}b",
    ]
    private static let fragments = [
        "#", "##", "#/", "#x", "#@evil.example", "#//evil.example", "%23", "\u{ff03}", "#?x=1", "#\u{301}",
    ]
    private static let pieces = [
        " ", "\t", "\n", "\r", "\r\n", "\0", "\u{b}", "\u{c}", "\u{7f}", "\u{85}", "\u{a0}", "\u{ad}",
        "\u{200b}", "\u{200d}",
        "\u{2028}", "\u{202e}", "\u{feff}", "\u{301}", "\u{fe0f}", "/", "//", "\\", "@", "#", "?", ";", ",",
        ":", "%", "%00",
        "%09", "%0a", "%20", "%2f", "%5c", "%40", "%23", "%3a", "%25", "%e3%80%82", "..", "/../", "/./",
        "\u{3002}",
        "\u{ff0f}", "\u{212a}", "\u{1fef}", "|", "^", "`", "<", ">", "\"", "'", "{", "}", "[", "]", "*", "!",
        "$", "~", "é",
        "evil.example", "@evil.example", ".evil.example", "//evil.example", "javascript:",
    ]
}

/// A URI in parts, as it stands.
private struct Parts {
    var scheme = ""
    var slashes = ""
    var user = ""
    var host = ""
    var port = ""
    var path = ""
    var query = ""
    var fragment = ""

    var text: String { scheme + slashes + user + host + port + path + query + fragment }
}

extension Parts {
    init(_ text: String) {
        guard
            let match = text.wholeMatch(of: /([a-z.]+:)(\/\/)?(\[[^\]]*\]|[^:\/?]*)(:[0-9]+)?([^?]*)(\?.*)?/)
        else { preconditionFailure("\(text) is no plain URI") }
        let (_, scheme, slashes, host, port, path, query) = match.output
        self.init(
            scheme: String(scheme), slashes: String(slashes ?? ""), host: String(host),
            port: String(port ?? ""),
            path: String(path), query: String(query ?? ""))
    }
}

/// SplitMix64.
struct TestRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number below `bound`, which is greater than 0.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ (value >> 31)) >> 33) % bound
    }
}
