/// The frames of a page, and what a person does with a mouse.
extension ChromiumTab {
    /// Chromium's own account of a frame.
    struct Frame: Decodable {
        let url: String
        /// What it was to show, where the browser did not let it.
        let unreachableUrl: String?
    }

    /// The page's own frame, and those in it, of the same site.
    func frames() async throws -> [Frame] {
        try await browser.send("Page.getFrameTree", session: session, as: FrameTree.self).frameTree.all
    }

    private struct FrameTree: Decodable {
        struct Node: Decodable {
            let frame: Frame
            let childFrames: [Node]?
            var all: [Frame] { [frame] + (childFrames ?? []).flatMap(\.all) }
        }
        let frameTree: Node
    }

    /// Clicks with the mouse, where `selector`'s element is, seen or not; twice is a double click.
    func click(_ selector: String, times: Int = 1) async throws {
        let place: [Double] = try await value(
            "(({ x, y, width, height }) => [x + width / 2, y + height / 2])"
                + "(document.querySelector(\(Self.quoted(selector))).getBoundingClientRect())")
        for count in 1...times {
            for type in ["mousePressed", "mouseReleased"] {
                try await browser.send(
                    "Input.dispatchMouseEvent",
                    [
                        "type": .text(type), "x": .number(Int(place[0])), "y": .number(Int(place[1])),
                        "button": .text("left"), "clickCount": .number(count),
                    ], session: session)
            }
        }
    }

    /// From now on animations stand still at their beginning.
    func stopAnimations() async throws { try await setPlaybackRate(0) }

    func startAnimations() async throws { try await setPlaybackRate(1) }

    private func setPlaybackRate(_ rate: Int) async throws {
        try await browser.send("Animation.enable", session: session)
        try await browser.send(
            "Animation.setPlaybackRate", ["playbackRate": .number(rate)], session: session)
    }
}
