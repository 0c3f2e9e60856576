// What OpenSSL 3 deprecates is not even declared, so that nothing of it can be called.
#define OPENSSL_NO_DEPRECATED

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#ifdef __linux__
#include <sys/prctl.h>

// prctl takes any number of arguments, which Swift cannot call.
static inline int symbolon_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
#else
static inline int symbolon_set_undumpable(void) { return -1; }
#endif
