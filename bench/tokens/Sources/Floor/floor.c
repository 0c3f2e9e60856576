#include "floor.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 5, IV = 16, TAG = 32, OVERHEAD = HEADER + IV + TAG, BLOCK = 64, POOL = 4096, LONGEST = 4096 };

struct floor_context {
    EVP_CIPHER_CTX *cipher;
    EVP_MD_CTX *inner, *outer, *message;
    uint8_t associated_data[256];
    size_t associated_data_length;
    uint8_t pool[POOL];
    size_t left;
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t base64url(const uint8_t *octets, size_t length, char *text) {
    char *start = text;
    size_t index = 0;
    for (; index + 3 <= length; index += 3) {
        uint32_t group = (uint32_t)octets[index] << 16 | (uint32_t)octets[index + 1] << 8 | octets[index + 2];
        text[0] = alphabet[group >> 18];
        text[1] = alphabet[group >> 12 & 63];
        text[2] = alphabet[group >> 6 & 63];
        text[3] = alphabet[group & 63];
        text += 4;
    }
    if (length - index == 1) {
        *text++ = alphabet[octets[index] >> 2];
        *text++ = alphabet[octets[index] << 4 & 63];
    } else if (length - index == 2) {
        uint32_t group = (uint32_t)octets[index] << 8 | octets[index + 1];
        *text++ = alphabet[group >> 10];
        *text++ = alphabet[group >> 4 & 63];
        *text++ = alphabet[group << 2 & 63];
    }
    return (size_t)(text - start);
}

static uint8_t values[256];

__attribute__((constructor)) static void make_values(void) {
    memset(values, 0xff, sizeof values);
    for (uint8_t value = 0; value < 64; value++) values[(uint8_t)alphabet[value]] = value;
}

// One spelling only, as a strict reader wants it.
static long base64url_octets(const char *text, size_t length, uint8_t *octets) {
    uint8_t *start = octets;
    uint8_t bad = 0;
    size_t index = 0;
    for (; index + 4 <= length; index += 4) {
        uint8_t a = values[(uint8_t)text[index]], b = values[(uint8_t)text[index + 1]];
        uint8_t c = values[(uint8_t)text[index + 2]], d = values[(uint8_t)text[index + 3]];
        bad |= (a | b | c | d) & 0x80;
        octets[0] = (uint8_t)(a << 2 | b >> 4);
        octets[1] = (uint8_t)(b << 4 | c >> 2);
        octets[2] = (uint8_t)(c << 6 | d);
        octets += 3;
    }
    size_t rest = length - index;
    if (rest == 1) return -1;
    if (rest >= 2) {
        uint8_t a = values[(uint8_t)text[index]], b = values[(uint8_t)text[index + 1]];
        bad |= (a | b) & 0x80;
        *octets++ = (uint8_t)(a << 2 | b >> 4);
        if (rest == 2) bad |= b & 0x0f;
        if (rest == 3) {
            uint8_t c = values[(uint8_t)text[index + 2]];
            bad |= (c & 0x80) | (c & 0x03);
            *octets++ = (uint8_t)(b << 4 | c >> 2);
        }
    }
    return bad ? -1 : octets - start;
}

floor_context *floor_make(
    const uint8_t *key, const uint8_t *associated_data, size_t associated_data_length
) {
    if (associated_data_length > 256) return NULL;
    floor_context *context = calloc(1, sizeof *context);
    if (!context) return NULL;
    uint8_t pads[2][BLOCK];
    memset(pads[0], 0x36, BLOCK);
    memset(pads[1], 0x5c, BLOCK);
    for (size_t index = 0; index < 32; index++) {
        pads[0][index] ^= key[32 + index];
        pads[1][index] ^= key[32 + index];
    }
    memcpy(context->associated_data, associated_data, associated_data_length);
    context->associated_data_length = associated_data_length;
    context->cipher = EVP_CIPHER_CTX_new();
    context->inner = EVP_MD_CTX_new();
    context->outer = EVP_MD_CTX_new();
    context->message = EVP_MD_CTX_new();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
    EVP_MD *digest = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    int good = context->cipher && context->inner && context->outer && context->message && cipher && digest
        && EVP_EncryptInit_ex2(context->cipher, cipher, key, NULL, NULL)
        && EVP_DigestInit_ex2(context->inner, digest, NULL) && EVP_DigestUpdate(context->inner, pads[0], BLOCK)
        && EVP_DigestInit_ex2(context->outer, digest, NULL) && EVP_DigestUpdate(context->outer, pads[1], BLOCK);
    EVP_CIPHER_free(cipher);
    EVP_MD_free(digest);
    if (good) return context;
    floor_free(context);
    return NULL;
}

void floor_free(floor_context *context) {
    if (!context) return;
    EVP_CIPHER_CTX_free(context->cipher);
    EVP_MD_CTX_free(context->inner);
    EVP_MD_CTX_free(context->outer);
    EVP_MD_CTX_free(context->message);
    free(context);
}

static void draw(floor_context *context, uint8_t *octets, size_t length) {
    if (context->left < length) {
        RAND_bytes(context->pool, POOL);
        context->left = POOL;
    }
    context->left -= length;
    memcpy(octets, context->pool + context->left, length);
}

static void authenticate(floor_context *context, const uint8_t *octets, size_t length, uint8_t *tag) {
    uint8_t bits[8];
    uint64_t count = (uint64_t)context->associated_data_length * 8;
    for (int index = 0; index < 8; index++) bits[index] = (uint8_t)(count >> (56 - 8 * index));
    EVP_MD_CTX *message = context->message;
    EVP_MD_CTX_copy_ex(message, context->inner);
    EVP_DigestUpdate(message, context->associated_data, context->associated_data_length);
    EVP_DigestUpdate(message, octets, length);
    EVP_DigestUpdate(message, bits, 8);
    EVP_DigestFinal_ex(message, tag, NULL);
    EVP_MD_CTX_copy_ex(message, context->outer);
    EVP_DigestUpdate(message, tag, TAG);
    EVP_DigestFinal_ex(message, tag, NULL);
}

size_t floor_seal(floor_context *context, const uint8_t *plaintext, size_t length, uint8_t *sealed) {
    static const uint8_t header[HEADER] = {1, 0, 0, 0, 1};
    memcpy(sealed, header, HEADER);
    uint8_t *iv = sealed + HEADER, *contents = iv + IV;
    draw(context, iv, IV);
    int written;
    EVP_EncryptInit_ex2(context->cipher, NULL, NULL, iv, NULL);
    EVP_EncryptUpdate(context->cipher, contents, &written, plaintext, (int)length);
    authenticate(context, iv, IV + length, contents + length);
    return length + OVERHEAD;
}

long floor_open(floor_context *context, const uint8_t *sealed, size_t length, uint8_t *plaintext) {
    if (length < OVERHEAD) return -1;
    const uint8_t *iv = sealed + HEADER, *contents = iv + IV;
    size_t count = length - OVERHEAD;
    uint8_t tag[TAG];
    authenticate(context, iv, IV + count, tag);
    if (CRYPTO_memcmp(tag, contents + count, TAG) != 0) return -1;
    int written;
    EVP_EncryptInit_ex2(context->cipher, NULL, NULL, iv, NULL);
    EVP_EncryptUpdate(context->cipher, plaintext, &written, contents, (int)count);
    return (long)count;
}

size_t floor_encode(floor_context *context, const uint8_t *plaintext, size_t length, char *text) {
    uint8_t sealed[LONGEST + OVERHEAD];
    if (length > LONGEST) return 0;
    return base64url(sealed, floor_seal(context, plaintext, length, sealed), text);
}

long floor_decode(floor_context *context, const char *text, size_t length, uint8_t *plaintext) {
    uint8_t sealed[LONGEST + OVERHEAD];
    if (length > sizeof sealed) return -1;
    long count = base64url_octets(text, length, sealed);
    return count < 0 ? -1 : floor_open(context, sealed, (size_t)count, plaintext);
}

void floor_pkce(floor_context *context, uint8_t *verifier, char *challenge) {
    char text[43];
    uint8_t digest[32];
    draw(context, verifier, 32);
    base64url(verifier, 32, text);
    EVP_MD_CTX *message = context->message;
    EVP_DigestInit_ex2(message, EVP_MD_CTX_get0_md(context->inner), NULL);
    EVP_DigestUpdate(message, text, sizeof text);
    EVP_DigestFinal_ex(message, digest, NULL);
    base64url(digest, 32, challenge);
}

void floor_verifier_text(const uint8_t *verifier, char *text) { base64url(verifier, 32, text); }
