import NIOSSL

/// A certificate for `provider.test` that vouches for itself; its key is worth nothing outside these tests.
enum TestCertificate {
    static func certificate() throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: Array(certificateText.utf8), format: .pem)
    }

    static func serverContext() throws -> NIOSSLContext {
        let key = try NIOSSLPrivateKey(bytes: Array(keyText.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate())], privateKey: .privateKey(key)))
    }

    private static let certificateText = """
        -----BEGIN CERTIFICATE-----
        MIIBojCCAUegAwIBAgIURp1MTV6wEF/Zf5ood6BpTQdbz+8wCgYIKoZIzj0EAwIw
        GDEWMBQGA1UEAwwNcHJvdmlkZXIudGVzdDAgFw0yNjExMjQwNjExNDVaGA8yMTI2
        MTAzMTA2MTE0NVowGDEWMBQGA1UEAwwNcHJvdmlkZXIudGVzdDBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABEIoBorUQy0RXWMMhuyT9FiJDbwqjEPLrLRGLrX+7tW9
        f8z+2r+K/2aFT9EguB1JCeCAG5exwwEGbsdMbg3PXz6jbTBrMB0GA1UdDgQWBBSO
        eopn8jY1W1tTTcVxPOk5jpRMfDAfBgNVHSMEGDAWgBSOeopn8jY1W1tTTcVxPOk5
        jpRMfDAYBgNVHREEETAPgg1wcm92aWRlci50ZXN0MA8GA1UdEwEB/wQFMAMBAf8w
        CgYIKoZIzj0EAwIDSQAwRgIhAPEHDoZKQ1/z9MVtVu9kRoJyKN8LKoVdrWGjPqUL
        pHVeAiEAv8S3KZ0ZqR7r+bNA68hNTH9nSDmyfDhXMFh5VD+rumM=
        -----END CERTIFICATE-----
        """

    private static let keyText = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOEShxh2EIiKR+hJY
        n0ZM8IGLucHhcQb6h3QY6qR7kYKhRANCAARCKAaK1EMtEV1jDIbsk/RYiQ28KoxD
        y6y0Ri61/u7VvX/M/tq/iv9mhU/RILgdSQnggBuXscMBBm7HTG4Nz18+
        -----END PRIVATE KEY-----
        """
}
