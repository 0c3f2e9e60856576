internal import NIOSSL

/// A file with certificates in PEM.
package enum CertificateFile {
    /// What is wrong with it, after its name; nil: it can be used.
    package static func problem(_ path: String) -> String? {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(path)
            return certificates.isEmpty ? "holds no certificate in PEM" : nil
        } catch {
            return "cannot be read, or holds no certificate in PEM"
        }
    }
}
