internal import Access
import ArgumentParser
import ConnectService

extension Permission: ExpressibleByArgument {}
