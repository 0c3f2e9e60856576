/// A private key that signs nothing but tests.
enum TestKey {
    static let p256 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSL4xUnnwLdeM3iPP
        dtxYWBNYYUq1f0qYxevPV75fzxihRANCAASTAQ9+24Lvb70RLmEBZLJYon+H5d9I
        dYyilNkAojpi+HnuqdJdRF6iwLlMX7es0pdFSdpxEBm6SdIsBTzLIJmd
        -----END PRIVATE KEY-----
        """
}
