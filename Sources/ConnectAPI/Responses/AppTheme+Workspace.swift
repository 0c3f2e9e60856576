internal import ConnectPages
internal import ConnectService
internal import Encodings

extension AppTheme {
    /// - Parameter path: that of the service's public URL, without a trailing slash.
    init(_ workspace: Workspace, path: String) {
        let branding = workspace.branding
        self.init(
            app: branding.label,
            logo: branding.logo.map { _ in "\(path)/connect/\(PercentEncoding.encode(workspace.id))/logo" },
            accent: branding.accent?.text, darkAccent: branding.darkAccent?.text)
    }
}
