import Foundation

/// The code blocks of `keys/README.md`, so that no command in it is one that nobody ran.
struct Runbook {
    struct Block {
        /// The heading that it stands under.
        let heading: String
        /// `sh` for commands, nothing for what goes into a file.
        let language: String
        let text: String
    }

    let blocks: [Block]

    init(_ markdown: String) {
        var blocks: [Block] = []
        var heading = ""
        var open: (language: String, lines: [Substring])?
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(
                        Block(
                            heading: heading, language: block.language,
                            text: block.lines.joined(separator: "\n") + "\n"))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), [])
                }
            } else if open != nil {
                open?.lines.append(line)
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            }
        }
        self.blocks = blocks
    }
}
