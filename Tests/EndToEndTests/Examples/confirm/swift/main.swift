import Foundation

// Lets a test play the browsers: `begin SESSION INTEGRATION URI` and `finish SESSION URL`, a line each.
func query(of url: String) -> [String: String] {
    let items = URLComponents(string: url)?.queryItems ?? []
    return Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
}

func say(_ words: String...) {
    print(words.joined(separator: " "))
    fflush(nil)
}

var sessions: [String: [String: String]] = [:]
say("ready")
while let line = readLine() {
    let words = line.split(separator: " ").map(String.init)
    let name = words[1]
    var session = sessions[name] ?? [:]
    do {
        if words[0] == "begin" {
            say("open", name, try await begin(&session, words[2], words[3]))
        } else {
            say("connected", name, try await finish(&session, query(of: words[2])).id)
        }
    } catch let refusal as Refusal {
        say("refused", name, refusal.reason)
    } catch {
        say("refused", name, "\(error)")
    }
    sessions[name] = session
}
