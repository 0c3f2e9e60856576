import Foundation
import TestSupport

extension ChromiumTab {
    /// Writes a picture into the folder that SYMBOLON_SCREENSHOTS names, if it does, for a person to look at.
    func keepPicture(_ name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["SYMBOLON_SCREENSHOTS"] else { return }
        try await screenshot().write(to: URL(filePath: folder).appending(path: "\(name).png"))
    }

    /// What a person with weak eyes, a small screen or no mouse would stumble over: empty for a good page.
    func flaws() async throws -> [String] { try await value(Self.inspection) }

    /// WCAG 2.2: 1.4.3 contrast, 1.4.10 reflow, 1.3.1 and 4.1.2 names, 2.4.7 focus visible, 2.5.8 target size.
    private static let inspection = #"""
        (() => {
            const flaws = [];
            const width = document.documentElement.scrollWidth;
            if (width > innerWidth) flaws.push(`the page is ${width} px wide in a window of ${innerWidth}`);
            const rgb = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
            const light = (colour) => {
                const [r, g, b] = rgb(colour).slice(0, 3).map((part) => {
                    const value = part / 255;
                    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = (element) => {
                for (let at = element; at; at = at.parentElement) {
                    const colour = getComputedStyle(at).backgroundColor;
                    if ((rgb(colour)[3] ?? 1) === 1) return colour;
                }
                return "rgb(255, 255, 255)";
            };
            const contrast = (one, other) => {
                const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
            };
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const element = texts.currentNode.parentElement;
                const words = texts.currentNode.data.trim();
                if (!words || !element.checkVisibility() || element.closest("script, style, .unseen, title, desc")) continue;
                const style = getComputedStyle(element);
                const colour = element instanceof SVGElement ? style.fill : style.color;
                const back = element.matches(".number") ? getComputedStyle(element.previousElementSibling).fill : ground(element);
                const found = contrast(colour, back);
                if (found < 4.5) flaws.push(`contrast ${found.toFixed(2)}: ${words.slice(0, 40)}`);
                if (parseFloat(style.fontSize) < 12) flaws.push(`${style.fontSize}: ${words.slice(0, 40)}`);
            }
            for (const landmark of ["main", "header", "h1"])
                if (document.querySelectorAll(landmark).length !== 1) flaws.push(`not one ${landmark}`);
            for (const region of document.querySelectorAll("section"))
                if (!document.getElementById(region.getAttribute("aria-labelledby"))) flaws.push("a section without a name");
            const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
            if (new Set(ids).size !== ids.length) flaws.push("an id that comes twice");
            for (const control of document.querySelectorAll("a, button, input:not([type=hidden]), summary")) {
                if (!control.checkVisibility()) continue;
                const name = control.textContent.trim() || control.labels?.[0]?.textContent.trim()
                    || control.getAttribute("aria-label");
                if (!name) flaws.push(`a ${control.localName} without a name`);
                const { height } = control.getBoundingClientRect();
                if (control.localName !== "a" && height < 24) flaws.push(`${name} is ${height} px high`);
            }
            return flaws;
        })()
        """#

    /// Goes through the page with the Tab key: what is focused in turn, and whether one sees it.
    func tabStops(_ count: Int) async throws -> [(name: String, isVisible: Bool)] {
        var stops: [(String, Bool)] = []
        for _ in 0..<count {
            try await key("Tab")
            let seen: [String] = try await value(
                """
                (() => {
                    const at = document.activeElement;
                    const style = getComputedStyle(at);
                    const name = at.id || at.textContent.trim().slice(0, 30);
                    return [name, String(style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)];
                })()
                """)
            stops.append((seen[0], seen[1] == "true"))
        }
        return stops
    }
}
