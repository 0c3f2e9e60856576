import ArgumentParser
import Encodings
import OAuthHTTP

extension AddressRange: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
