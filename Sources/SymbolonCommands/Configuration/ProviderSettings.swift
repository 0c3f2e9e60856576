internal import Encodings
internal import OAuthHTTP

/// `providers`: how far requests to providers may go, and by which way.
struct ProviderSettings {
    let timeout: Duration
    let allowsInsecureLoopback: Bool
    let allowsPrivateAddresses: Bool
    let allowedAddresses: [AddressRange]
    let proxy: OutgoingProxy?
    let certificateFile: String?
    let systemCertificateFile: String?

    /// - Parameter environment: for the usual variables. A proxy's are read only where `providers.proxy` says so: a
    ///   variable that another program needs must not send tokens another way.
    static func read(
        _ reader: inout SettingsReader, allowsInsecureLoopback: Bool, environment: [String: String]
    ) -> ProviderSettings {
        var ranges: [AddressRange] = []
        for text in reader.list(.allowedAddresses) ?? [] {
            if let range = AddressRange(text) {
                ranges.append(range)
            } else {
                reader.report(
                    "providers.allowed_addresses: `\(text)` is not a block of addresses such as 198.18.0.0/15"
                )
            }
        }
        let certificateFile = reader.text(.certificateFile)
        let systemCertificateFile = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        for (name, file) in [
            ("providers.ca_file", certificateFile), ("SSL_CERT_FILE", systemCertificateFile),
        ] {
            guard let file, let problem = CertificateFile.problem(file) else { continue }
            reader.report("\(name): \(file) \(problem)")
        }
        return ProviderSettings(
            timeout: .seconds(reader.number(.providerTimeout, in: 1...60, default: 10)),
            allowsInsecureLoopback: allowsInsecureLoopback,
            allowsPrivateAddresses: reader.flag(.allowsPrivateAddresses, default: false),
            allowedAddresses: ranges, proxy: proxy(&reader, environment), certificateFile: certificateFile,
            systemCertificateFile: systemCertificateFile)
    }

    private static func proxy(
        _ reader: inout SettingsReader, _ environment: [String: String]
    ) -> OutgoingProxy? {
        let exceptions = reader.list(.noProxy)
        guard let text = reader.text(.proxy), !text.isEmpty else { return nil }
        guard text == "environment" else {
            return proxy(text, named: "providers.proxy", exceptions: exceptions ?? [], &reader)
        }
        func variable(_ names: [String]) -> (name: String, value: String)? {
            for name in names {
                if let value = environment[name], !value.isEmpty { return (name, value) }
            }
            return nil
        }
        guard let found = variable(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
            return nil
        }
        let listed = variable(["NO_PROXY", "no_proxy"])?.value.split(separator: ",").map(String.init)
        return proxy(found.value, named: found.name, exceptions: exceptions ?? listed ?? [], &reader)
    }

    private static func proxy(
        _ text: String, named name: String, exceptions: [String], _ reader: inout SettingsReader
    ) -> OutgoingProxy? {
        do throws(OutgoingProxyError) {
            return try OutgoingProxy(text, exceptions: exceptions)
        } catch {
            reader.report("\(name) \(error)")
            return nil
        }
    }

    /// - Parameter timeout: for a command that does not wait as long as the service.
    func http(timeout: Duration? = nil) -> ProviderHTTPConfiguration {
        var configuration = ProviderHTTPConfiguration(
            timeout: timeout ?? self.timeout, allowsInsecureLoopback: allowsInsecureLoopback,
            allowsPrivateAddresses: allowsPrivateAddresses, allowedAddresses: allowedAddresses, proxy: proxy,
            certificateFile: certificateFile, systemCertificateFile: systemCertificateFile)
        if let timeout { configuration.connectTimeout = timeout }
        return configuration
    }
}

extension Settings {
    var providerTimeout: Duration { providers.timeout }
    var allowsInsecureLoopback: Bool { providers.allowsInsecureLoopback }
}
