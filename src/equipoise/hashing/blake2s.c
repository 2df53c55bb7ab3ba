/* Keyed BLAKE2s (RFC 7693) with a key of 32 bytes and 16 bytes of output, for many messages.

   hashing/__init__.py does the same by hashlib, and tests hold the two to the same answers. Nothing
   is kept between calls; each may run on several threads. */

#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define SHOWN __declspec(dllexport)
#else
#define SHOWN __attribute__((visibility("default")))
#endif

enum { BLOCK = 64, KEY = 32, OUT = 16, LAYOUT = 1 };

static const uint32_t FIRST[8] = {0x6A09E667u, 0xBB67AE85u, 0x3C6EF372u, 0xA54FF53Au,
                                  0x510E527Fu, 0x9B05688Cu, 0x1F83D9ABu, 0x5BE0CD19u};

static inline uint32_t turned(uint32_t x, int by) { return (x >> by) | (x << (32 - by)); }

static inline uint32_t read4(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

#define MIX(a, b, c, d, x, y)                                                                      \
    do {                                                                                           \
        v[a] += v[b] + m[x];                                                                       \
        v[d] = turned(v[d] ^ v[a], 16);                                                            \
        v[c] += v[d];                                                                              \
        v[b] = turned(v[b] ^ v[c], 12);                                                            \
        v[a] += v[b] + m[y];                                                                       \
        v[d] = turned(v[d] ^ v[a], 8);                                                             \
        v[c] += v[d];                                                                              \
        v[b] = turned(v[b] ^ v[c], 7);                                                             \
    } while (0)

/* One round; the sixteen numbers are its row of the message schedule. */
#define ROUND(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q)                                      \
    do {                                                                                           \
        MIX(0, 4, 8, 12, a, b);                                                                    \
        MIX(1, 5, 9, 13, c, d);                                                                    \
        MIX(2, 6, 10, 14, e, f);                                                                   \
        MIX(3, 7, 11, 15, g, h);                                                                   \
        MIX(0, 5, 10, 15, i, j);                                                                   \
        MIX(1, 6, 11, 12, k, l);                                                                   \
        MIX(2, 7, 8, 13, n, o);                                                                    \
        MIX(3, 4, 9, 14, p, q);                                                                    \
    } while (0)

/* Takes one block into the state; before counts the bytes up to and with it. */
static void take(uint32_t state[8], const uint8_t block[BLOCK], uint64_t before, int last) {
    uint32_t v[16], m[16];
    for (int i = 0; i < 16; i++) m[i] = read4(block + 4 * i);
    for (int i = 0; i < 8; i++) v[i] = state[i], v[i + 8] = FIRST[i];
    v[12] ^= (uint32_t)before;
    v[13] ^= (uint32_t)(before >> 32);
    if (last) v[14] = ~v[14];
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
    ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
    ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
    ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
    ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
    ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
    ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
    ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
    for (int i = 0; i < 8; i++) state[i] ^= v[i] ^ v[i + 8];
}

SHOWN int eqh_layout(void) { return LAYOUT; }

/* Writes 16 bytes for each message [from, to): message i is data[offsets[i], offsets[i + 1]). */
SHOWN void eqh_digests(const uint8_t *key, const int32_t *offsets, const uint8_t *data,
                       int64_t from, int64_t to, uint8_t *out) {
    uint32_t fresh[8], keyed[8], state[8];
    uint8_t block[BLOCK] = {0};
    memcpy(block, key, KEY);
    for (int i = 0; i < 8; i++) fresh[i] = FIRST[i];
    fresh[0] ^= 0x01010000u | KEY << 8 | OUT;
    memcpy(keyed, fresh, sizeof keyed);
    take(keyed, block, BLOCK, 0);
    take(fresh, block, BLOCK, 1); /* the hash of no message at all: the key is its last block */
    for (int64_t row = from; row < to; row++) {
        const uint8_t *at = data + offsets[row];
        int64_t left = offsets[row + 1] - offsets[row];
        uint64_t before = BLOCK;
        memcpy(state, left ? keyed : fresh, sizeof state);
        for (; left > BLOCK; at += BLOCK, left -= BLOCK) take(state, at, before += BLOCK, 0);
        if (left) {
            memset(block, 0, BLOCK);
            memcpy(block, at, (size_t)left);
            take(state, block, before + (uint64_t)left, 1);
        }
        for (int i = 0; i < OUT; i++) out[row * OUT + i] = (uint8_t)(state[i / 4] >> 8 * (i % 4));
    }
    memset(keyed, 0, sizeof keyed);
    memset(block, 0, sizeof block);
}
