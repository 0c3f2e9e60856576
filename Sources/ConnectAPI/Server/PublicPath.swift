package import NIOCore
package import NIOHTTP1

/// Takes the public URL's path off the requests that a proxy passes on with it.
///
/// The service may be published under a path, as `https://example.com/connect`. A proxy that strips the path needs nothing
/// from us; with one that passes it on, pages and API are found all the same. `/healthz`, `/readyz` and `/metrics` are
/// served at their own paths only, so a proxy that blocks them there has blocked them.
package final class PublicPath: ChannelInboundHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart

    private let path: String

    /// - Parameter path: of the public URL: `/connect`.
    package init(_ path: String) { self.path = path }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), let uri = Self.remove(path, from: head.uri) else {
            return context.fireChannelRead(data)
        }
        head.uri = uri
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Whether a workspace's page and logo are found behind a proxy that strips the path: with the path `/connect`, those of
    /// a workspace called `try` are `/connect/try` there, which is another page passed on with the path.
    ///
    /// - Parameter path: of the public URL.
    package static func hasConnectPage(_ workspaceID: String, under path: String) -> Bool {
        path.isEmpty
            || ["/connect/\(workspaceID)", "/connect/\(workspaceID)/logo"].allSatisfy {
                remove(path, from: $0) == nil
            }
    }

    /// The request target without the path; `nil` unless what follows the path is a page or the API.
    ///
    /// A stripped target may begin with the same text by chance: with the path `/api`, `/api/v1/connections` stays as it is,
    /// and with the path `/connect`, `/connect/wsp_1`.
    static func remove(_ path: String, from uri: String) -> String? {
        guard uri.utf8.starts(with: path.utf8) else { return nil }
        let rest = uri[uri.utf8.index(uri.startIndex, offsetBy: path.utf8.count)...]
        let target = rest.prefix { $0 != "?" }
        if target.isEmpty { return "/\(rest)" }
        let isServed =
            ["/", "/console", "/openapi.json", "/try"].contains(target) || target.hasPrefix("/api/")
            || target.hasPrefix("/connect/")
        return isServed ? String(rest) : nil
    }
}

@available(*, unavailable)
extension PublicPath: Sendable {}
