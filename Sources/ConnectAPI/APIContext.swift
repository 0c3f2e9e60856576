package import Hummingbird

/// What a request carries with it on its way.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    package init(source: Source) { coreContext = .init(source: source) }
}
