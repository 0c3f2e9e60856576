import ArgumentParser
import ConnectService

extension Permission: ExpressibleByArgument {}
