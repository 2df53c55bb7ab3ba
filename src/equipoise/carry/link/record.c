/* Record-level filters: making them, and finding the pairs that resemble each other.

   encode/record.py and link/record_pairs.py say the same in numpy, and tests hold the two to the
   same answers. No function keeps anything between calls; each may run on several threads. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#define SHOWN __declspec(dllexport)
#else
#define SHOWN __attribute__((visibility("default")))
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq")))
#define HAS_WIDE 1
#endif

enum { MOST_INNER = 1 << 16, NO_MEMORY = -1 };

/* ---- making filters -------------------------------------------------------------------------- */

typedef struct {
    const int64_t *codes;   /* rows: the value's row in slots */
    const uint64_t *slots;  /* values x bits; zeros for a value without grams */
    int64_t bits;
    int64_t salts;          /* 0, 1 or 2 */
    const int64_t *salt_codes[2];
    const uint64_t *salt_words[2];
    uint64_t own;
} Line;

static inline uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* Which output bits each inner bit moves, as many for each: those that are wanting are the bit
   after the last, which is thrown away. So no step waits for the number of them to be known. */
static int32_t *evened(const int32_t *starts, const int32_t *outputs, int64_t inner, int64_t bits,
                       int64_t *each) {
    int64_t most = 0;
    for (int64_t i = 0; i < inner; i++)
        if (starts[i + 1] - starts[i] > most) most = starts[i + 1] - starts[i];
    int32_t *made = malloc((size_t)(inner * most + 1) * sizeof *made);
    if (!made) return NULL;
    for (int64_t i = 0; i < inner; i++)
        for (int64_t o = 0; o < most; o++)
            made[i * most + o] =
                o < starts[i + 1] - starts[i] ? outputs[starts[i] + o] : (int32_t)bits;
    *each = most;
    return made;
}

enum { AT_ONCE = 64 };

/* Adds rows [from, to) to out (rows x words, zeros before); starts and outputs say which output
   bits each inner bit moves. Returns NO_MEMORY or 0. */
SHOWN int eqr_filters(const Line *lines, int64_t count, int64_t from, int64_t to, int shift,
                      const int32_t *starts, const int32_t *outputs, int64_t words,
                      uint64_t *out) {
    uint64_t seen[MOST_INNER / 64];
    uint32_t at[AT_ONCE];
    int64_t inner = (int64_t)1 << (64 - shift), each = 0;
    int32_t *moved = evened(starts, outputs, inner, words * 64, &each);
    uint64_t *made = malloc((size_t)(words + 1) * 8);
    if (!moved || !made) {
        free(moved);
        free(made);
        return NO_MEMORY;
    }
    for (int64_t row = from; row < to; row++) {
        memset(made, 0, (size_t)(words + 1) * 8);
        memset(seen, 0, (size_t)((inner + 63) / 64) * 8);
        for (int64_t l = 0; l < count; l++) {
            const Line *line = lines + l;
            const uint64_t *slots = line->slots + line->codes[row] * line->bits;
            uint64_t salt = line->own;
            int whole = slots[0] != 0;
            for (int64_t s = 0; s < line->salts; s++) {
                uint64_t part = line->salt_words[s][line->salt_codes[s][row]];
                whole &= part != 0;
                salt = mixed(salt ^ part);
            }
            if (!whole) continue;
            for (int64_t start = 0; start < line->bits; start += AT_ONCE) {
                int64_t some = line->bits - start < AT_ONCE ? line->bits - start : AT_ONCE;
                for (int64_t b = 0; b < some; b++)
                    at[b] = (uint32_t)(mixed(slots[start + b] ^ salt) >> shift);
                for (int64_t b = 0; b < some; b++) {
                    uint64_t bit = (uint64_t)1 << (at[b] & 63);
                    if (seen[at[b] >> 6] & bit) continue;
                    seen[at[b] >> 6] |= bit;
                    const int32_t *own = moved + (int64_t)at[b] * each;
                    for (int64_t o = 0; o < each; o++)
                        made[own[o] >> 6] ^= (uint64_t)1 << (own[o] & 63);
                }
            }
        }
        memcpy(out + row * words, made, (size_t)words * 8);
    }
    free(moved);
    free(made);
    return 0;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

typedef struct {
    int64_t used, room;
    int32_t *left, *right;
    float *value;
} Near;

typedef struct {
    const uint64_t *left, *right;
    const int32_t *ones_left, *ones_right; /* bits set in each row */
    const float *scale_left, *scale_right; /* so that a product of both makes a resemblance */
    int64_t words;
    float cutoff;
} Piles;

static int keep(Near *near, int64_t i, int64_t j, float value) {
    if (near->used == near->room) {
        int64_t room = near->room ? near->room * 2 : 1024;
        int32_t *left = realloc(near->left, (size_t)room * 4);
        if (left) near->left = left;
        int32_t *right = realloc(near->right, (size_t)room * 4);
        if (right) near->right = right;
        float *values = realloc(near->value, (size_t)room * 4);
        if (values) near->value = values;
        if (!left || !right || !values) return NO_MEMORY;
        near->room = room;
    }
    near->left[near->used] = (int32_t)i;
    near->right[near->used] = (int32_t)j;
    near->value[near->used++] = value;
    return 0;
}

#define RESEMBLANCE(name, extra)                                                                   \
    extra static int64_t name(const uint64_t *a, const uint64_t *b, int64_t words) {              \
        int64_t both = 0;                                                                          \
        for (int64_t w = 0; w < words; w++) both += __builtin_popcountll(a[w] & b[w]);             \
        return both;                                                                               \
    }
RESEMBLANCE(common_plain, )
#ifdef HAS_WIDE
RESEMBLANCE(common_wide, WIDE)
#endif

typedef int64_t (*Common)(const uint64_t *, const uint64_t *, int64_t);

static Common common_here(void) {
#ifdef HAS_WIDE
    if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return common_wide;
#endif
    return common_plain;
}

static inline float resemblance(const Piles *p, Common common, int64_t i, int64_t j) {
    int64_t both = common(p->left + i * p->words, p->right + j * p->words, p->words);
    int64_t over = both * p->words * 64 - (int64_t)p->ones_left[i] * p->ones_right[j];
    return (float)over * p->scale_left[i] * p->scale_right[j];
}

enum { TILE = 128 };

/* Compares left rows [from, to) with every right row. Returns NO_MEMORY or 0. */
SHOWN int eqr_all(const Piles *p, int64_t from, int64_t to, int64_t rights, Near *near) {
    Common common = common_here();
    for (int64_t at = from; at < to; at += TILE) {
        int64_t end = at + TILE < to ? at + TILE : to;
        for (int64_t j = 0; j < rights; j++)
            for (int64_t i = at; i < end; i++) {
                float value = resemblance(p, common, i, j);
                if (value >= p->cutoff && keep(near, i, j, value)) return NO_MEMORY;
            }
    }
    return 0;
}

/* Compares the rows of each range: left rows order_left[r[0]..r[1]) with right ones r[2]..r[3]). */
SHOWN int eqr_ranges(const Piles *p, const int32_t *order_left, const int32_t *order_right,
                     const int64_t *ranges, int64_t from, int64_t to, Near *near) {
    Common common = common_here();
    for (int64_t r = from; r < to; r++) {
        const int64_t *range = ranges + 4 * r;
        for (int64_t a = range[0]; a < range[1]; a++)
            for (int64_t b = range[2]; b < range[3]; b++) {
                int64_t i = order_left[a], j = order_right[b];
                float value = resemblance(p, common, i, j);
                if (value >= p->cutoff && keep(near, i, j, value)) return NO_MEMORY;
            }
    }
    return 0;
}

SHOWN void eqr_free(Near *near) {
    free(near->left);
    free(near->right);
    free(near->value);
}

/* Sets keys (tables x rows) to the sampled bits of each row, with 1 above them (0 is no key). */
SHOWN void eqr_keys(const uint64_t *filters, int64_t rows, int64_t words, const int32_t *sampled,
                    int64_t tables, int64_t bits, uint64_t *keys) {
    for (int64_t row = 0; row < rows; row++) {
        const uint64_t *filter = filters + row * words;
        for (int64_t t = 0; t < tables; t++) {
            uint64_t key = 1;
            for (int64_t b = 0; b < bits; b++) {
                int32_t at = sampled[t * bits + b];
                key = key << 1 | (filter[at >> 6] >> (at & 63) & 1);
            }
            keys[t * rows + row] = key;
        }
    }
}
