// SHA-256's low-level functions are marked deprecated since OpenSSL 3.0, and kept: they are the only ones that hash
// without allocating, and a context is a plain value, so that a key's schedule is copied and not made again.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#ifdef __linux__
#include <sys/prctl.h>

// prctl takes any number of arguments, which Swift cannot call.
static inline int symbolon_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
#else
static inline int symbolon_set_undumpable(void) { return -1; }
#endif
