import Foundation
import TestSupport
import Testing

/// A certificate for 127.0.0.1, as nginx takes it (two files) and as HAProxy does (one).
struct LoopbackCertificate {
    let certificate: String
    let key: String
    let both: String

    init(in folder: TemporaryFolder) async throws {
        certificate = folder.path + "/certificate.pem"
        key = folder.path + "/certificate.key"
        let made = try await Tool.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                certificate,
            ], in: folder)
        try #require(made.status == 0, "\(made.output)")
        both = try folder.write(
            folder.read("certificate.pem") + folder.read("certificate.key"), to: "both.pem")
    }
}
