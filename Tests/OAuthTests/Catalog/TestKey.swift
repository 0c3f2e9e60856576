/// Private keys that sign nothing but tests.
enum TestKey {
    static let p256 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSL4xUnnwLdeM3iPP
        dtxYWBNYYUq1f0qYxevPV75fzxihRANCAASTAQ9+24Lvb70RLmEBZLJYon+H5d9I
        dYyilNkAojpi+HnuqdJdRF6iwLlMX7es0pdFSdpxEBm6SdIsBTzLIJmd
        -----END PRIVATE KEY-----
        """
    static let p384 = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBoce8OxN1qbBqz4fYV
        oJWB6a/2mqHRdTZmey8ob+ZsWT9lBfN0CqB3Okw2G2SGzZChZANiAAS6wLr183yl
        R9VQ0GE/wIWzoD5P9SaObD21lCnKBsC7XvXHwCq1FNmsK3Cc9dBLpRYmuvMTQdUV
        xd4D4MtyaB29L8/tFh/Ty3xajKplvCmHv4muJkmFovoX9Uv4EFNbbaY=
        -----END PRIVATE KEY-----
        """
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIGSn8vkvc9cxkQWtiyXjZnO391ZpR8HDCngfnL6t57RF
        -----END PRIVATE KEY-----
        """
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCq4TwzS0jbGpR2
        Y0DFegOVgA8BglHViYiJlnYr8+H6MnVunXI4s3g2+XW99oFwiNpA5D4+xFW5b90Y
        NRM/jmUuLV4PmfI+pP1CHOnPK6bMeWrR5tB/ZfUI8jX8dCJelquI2NMK3NvK/5QB
        kry24hPdHMLjw3nx35pKMwAiGwG5RN10vWP3P6YhHK6zcD7bABg9QSi3kP89vj8P
        kql2vUAx3QAH9UFc3p6vxdnQzeKPRMiahl0Zfdp6vsSgQRSlT+yTZb95z2QixQNF
        Eqf8R+UtHzEq57rNGOQVI8UO4JcxV/FDF38jK7n5pNIeYjpS8YHnWfFsiEaxMmnz
        hngXKgf9AgMBAAECggEADUfbG2t2+pxqvHbDUnXEsIpW4DmmLY/2XiclAQ5/2iew
        y8uN1I1SQweJWJ2/eqUQPWnf0pYEyZhBmT+Kwu5Iu9mHzXOcCbVd/5TqsRDF8m9f
        V3f2bWhZrnvQqVHHWA2iwEyFvnri1Dif4q1qYFZaz90L4pLPN/a2cZzcHkp2DFWG
        00fObSMldQBlDQkVTwMaaN2G2ho/VEezWSG2HZPrmbPSYwjWY6DX+Q/fSIQutmH+
        wQP5e2xbty1OlqUR7YpMAL1UgKxcYl6k5IhFHCiwXFnP7D1O1aH6uwJgQF3AYLkZ
        Ybh0RTIiRwaXfmj0Nmlt5hRVpgE+qLzdbwM0EGt1ewKBgQDTj/kqP13Gv/fztmS7
        4JjyUVkVo/gdd8W3zlGdbdwx/483S5O1H3y5wHO3WPay6Hx6CFDIqJRWiJxdQ154
        4Jj6I9WdfmVHl6zrcLndHpaxSEU8E8e3zQtIwwgFdN28G0sTd0H6vqTIqdnvvItw
        W051PDovJQ4OM7pJE/Y1VTxV6wKBgQDOxbL50Lt4FmOT/Xcmy9diCMJRd8+X8JcE
        aTuoIM0X3YtF3Z3qAHSWAYxErP4NBNvmyI3cpRcYKUTEssWUX+gZaSNbjg4oXjXb
        6RiaZMbDaOa1r0A5iRJWilGqGmz3wsU3HhfPjJbZ7sWbI2smlBCAHZRtJYg1uggQ
        mFz3aVGXtwKBgHICEx7+ONXjG4adUtmgJivnRJ+R1iJjKgxsRbUVv+S9uHru4nFn
        v3oGSRWT/pXZDUNh+c64cf/T7Jeht2Ziem3KI9KUi5WyGgBipfaQBlsQ/CZs7mKR
        P7R9TXRLTzaQarvZt5edZwWv6n7z1xy8R6KLyzset91VaNz6weJpxXLzAoGBAJzJ
        cALZca2HXI503Yp/epwNhDr+HF1bw0dG/ENqS9nS1a5uczVijwTHu7K/cgwxKQWA
        AYHTdQWPFWQJIqR1bKsH/BWKS9X0Seasg0lfLRAzVO1jK9H0zADu9SmEzCe6eoxm
        tytbsW8jDJesba1dDH347/krQnNq0n6y6Zt5MrNVAoGAI5rCeG5lJYdYabirPwgi
        cWs03dz1+jxwrWLZg6YArM35X8M468fVsh+gKgK2QWTJ1HshtwK2ZoIsqJ8y2A6s
        rezA83D/fWc9Ul500rmxZvC9DLFlqr6MfaB0rvtZElxj/Lh2Srz2g+pnykW7v++l
        an2hsyXFBY8JxT/4dNX4LdE=
        -----END PRIVATE KEY-----
        """
}
