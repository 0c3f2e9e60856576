internal import FoundationEssentials
internal import Integrations
internal import StateTokens

/// What a workspace's entry says about connect sessions and the pages for end users.
extension WorkspaceReader {
    func origins(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> OriginAllowlist {
        guard let node else { return OriginAllowlist() }
        guard case .sequence(let elements) = node.content else {
            throw invalid("\(field).origins", "must be a list such as [https://app.example.com]")
        }
        var origins: [WebOrigin] = []
        for (index, element) in elements.enumerated() {
            guard let origin = element.text.flatMap({ WebOrigin($0) }) else {
                throw invalid(
                    "\(field).origins[\(index)]",
                    "must be an origin as browsers write it, such as https://app.example.com: lower case, no "
                        + "path, no default port, and http for 127.0.0.1, [::1] and localhost only")
            }
            origins.append(origin)
        }
        return OriginAllowlist(origins)
    }

    /// A value left empty asks for something, too.
    func time(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> Timestamp? {
        guard let node else { return nil }
        guard let time = node.text.flatMap({ Timestamp(rfc3339: $0) }) else {
            throw invalid(field, "must be a time such as 2026-01-01T00:00:00Z")
        }
        return time
    }

    func branding(
        _ entry: YAMLNode, _ field: String, readLogo: (String) -> [UInt8]?
    ) throws(WorkspaceFileError) -> Branding {
        var branding = Branding()
        if let node = entry["label"] {
            guard let label = node.text, DisplayName.isValid(label) else {
                throw invalid(
                    "\(field).label",
                    "must be 1 to \(DisplayName.maximumLength) characters, none of them a control character")
            }
            branding.label = label
        }
        if let node = entry["logo"] {
            guard let logo = node.text.flatMap({ readLogo(absolute($0)) }).flatMap({ Logo($0) }) else {
                throw invalid(
                    "\(field).logo",
                    "must name a PNG or SVG file of at most \(Logo.maximumByteCount / 1024) KiB that can be read"
                )
            }
            branding.logo = logo
        }
        guard let colors = entry["colors"] else { return branding }
        guard colors.members != nil else {
            throw invalid("\(field).colors", "must have the form {accent: '#1a5fb4', accent_dark: '#99c1f1'}")
        }
        try check(colors, keys: ["accent", "accent_dark"])
        branding.accent = try color(colors["accent"], "\(field).colors.accent", on: .lightSurface)
        branding.darkAccent = try color(
            colors["accent_dark"], "\(field).colors.accent_dark", on: .darkSurface)
        return branding
    }

    private func color(
        _ node: YAMLNode?, _ field: String, on surface: BrandColor
    ) throws(WorkspaceFileError) -> BrandColor? {
        guard let node else { return nil }
        guard let color = node.text.flatMap({ BrandColor($0) }) else {
            throw invalid(field, "must be # and 6 hexadecimal digits, in quotation marks: '#1a5fb4'")
        }
        guard color.contrast(with: surface) >= BrandColor.leastContrast else {
            throw invalid(
                field,
                "has too little contrast with \(surface.text), on which it is read: WCAG 2.2 asks for 4.5 to 1; "
                    + "take a \(surface == .lightSurface ? "darker" : "lighter") one")
        }
        return color
    }

    /// A path is relative to the folder of the file that names it.
    func absolute(_ file: String) -> String {
        guard !file.hasPrefix("/") else { return file }
        return URL(filePath: path).deletingLastPathComponent().appending(path: file).path
    }

    private func invalid(_ field: String, _ reason: String) -> WorkspaceFileError {
        .invalid(path: path, field: field, reason: reason)
    }
}
