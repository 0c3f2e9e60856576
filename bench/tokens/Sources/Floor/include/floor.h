#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <stdint.h>

// The least that a sealed token costs on this libcrypto: contexts made once, the HMAC's key schedule kept, randomness drawn
// 4 KiB at a time. No checks, one thread, no key ring.
//
// layout: 01 | key id (4) | IV (16) | ciphertext | tag (32), as base64url or bare.
typedef struct floor_context floor_context;

floor_context *_Nullable floor_make(
    const uint8_t *_Nonnull key, const uint8_t *_Nonnull associated_data, size_t associated_data_length);
void floor_free(floor_context *_Nullable context);

// Returns the length of what was written: 53 octets more than the plaintext.
size_t floor_seal(
    floor_context *_Nonnull context, const uint8_t *_Nonnull plaintext, size_t length, uint8_t *_Nonnull sealed);
// Returns the length of the plaintext, or -1 if the tag does not hold.
long floor_open(
    floor_context *_Nonnull context, const uint8_t *_Nonnull sealed, size_t length, uint8_t *_Nonnull plaintext);

// The same, as base64url: the length is that of the text.
size_t floor_encode(
    floor_context *_Nonnull context, const uint8_t *_Nonnull plaintext, size_t length, char *_Nonnull text);
long floor_decode(
    floor_context *_Nonnull context, const char *_Nonnull text, size_t length, uint8_t *_Nonnull plaintext);

// A fresh verifier's 32 octets, and its challenge (RFC 7636): 43 characters.
void floor_pkce(floor_context *_Nonnull context, uint8_t *_Nonnull verifier, char *_Nonnull challenge);
// A verifier's text, 43 characters: what the token request needs.
void floor_verifier_text(const uint8_t *_Nonnull verifier, char *_Nonnull text);

#endif
