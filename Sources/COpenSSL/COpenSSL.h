// SHA-256's low-level functions are marked deprecated since OpenSSL 3.0, and kept: they are the only ones that hash
// without allocating, and a context is a plain value, so that a key's schedule is copied and not made again.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
