/* What is compared, and how alike two values are: the structures of the kernel and its tests. */

#ifndef EQUIPOISE_KERNEL_H
#define EQUIPOISE_KERNEL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#define SHOWN __declspec(dllexport)
#else
#define SHOWN __attribute__((visibility("default")))
#endif

enum { EQUAL, DICE, MEET, CROSS, AT_LEAST, SWAPPED };
enum { MISSING, DIFFER };
enum { STEP = 8, MOST_FIELDS = 32, SIDE = 256, NO_MEMORY = -1 };

typedef struct {
    const uint64_t *lines; /* one line of words for each value: two of filter, then features */
    int64_t width;
    const int32_t *tests; /* rows of STEP numbers */
    int32_t count;
    int32_t levels;
    int64_t stride;
} Field;

typedef struct {
    int32_t fields;
    const int32_t *left, *right; /* rows x fields: numbers of values, -1 for missing */
    const Field *field;
} Plan;

typedef struct {
    const int32_t *levels[MOST_FIELDS]; /* weight of each level */
    const int32_t *exact[MOST_FIELDS];  /* weight of the top level by value, or null */
    int32_t bound[MOST_FIELDS];         /* the most that a pair with two other values can get */
    int32_t order[MOST_FIELDS];         /* fields in the order in which they are looked at */
    int32_t least;
} Weighing;

typedef struct {
    const int32_t *order_left, *order_right; /* rows by key */
    const int64_t *ranges;                   /* tiles x 4 */
    int64_t from, to;                        /* which tiles */
    const uint64_t *earlier_left, *earlier_right; /* earlier rules x rows */
    int64_t rows_left, rows_right;
    int32_t earlier, within;
} Work;

/* ---- levels ---------------------------------------------------------------------------------- */

static inline int same(uint64_t one, uint64_t two) { return one == two && one != 0; }

static inline int bits(uint64_t a, uint64_t b) {
    return __builtin_popcountll(a) + __builtin_popcountll(b);
}

/* How many draws set so many of a filter's 128 bits, in 32nds: 128 ln(128 / free) of them, since the
   longer a text is, the oftener two of its pairs of signs fall on one bit. A full filter counts as
   one with half a bit free. */
static const int32_t DRAWS_OF[129] = {
    0, 32, 65, 97, 130, 163, 197, 230, 264, 299, 333, 368, 403, 439, 474, 511, 547, 584, 621, 658,
    696, 734, 772, 811, 850, 890, 930, 970, 1011, 1052, 1094, 1136, 1178, 1221, 1265, 1308, 1353,
    1397, 1443, 1488, 1535, 1582, 1629, 1677, 1725, 1774, 1824, 1874, 1925, 1977, 2029, 2082, 2135,
    2189, 2244, 2300, 2357, 2414, 2472, 2531, 2591, 2651, 2713, 2776, 2839, 2904, 2969, 3036, 3103,
    3172, 3242, 3314, 3386, 3460, 3535, 3612, 3690, 3769, 3850, 3933, 4017, 4104, 4192, 4282, 4374,
    4468, 4564, 4663, 4764, 4868, 4974, 5084, 5196, 5311, 5430, 5552, 5678, 5808, 5943, 6081, 6225,
    6374, 6529, 6689, 6857, 7031, 7213, 7404, 7603, 7813, 8035, 8269, 8517, 8782, 9064, 9368, 9696,
    10052, 10443, 10874, 11357, 11903, 12535, 13282, 14196, 15374, 17035, 19874, 22713
};

/* The draws of two filters: those in both, and those in either with these counted twice. */
typedef struct {
    int common, all;
} Shared;

static inline Shared shared(const uint64_t *one, const uint64_t *two) {
    int all = DRAWS_OF[bits(one[0], one[1])] + DRAWS_OF[bits(two[0], two[1])];
    Shared s = {all - DRAWS_OF[bits(one[0] | two[0], one[1] | two[1])], all};
    return s;
}

static inline int holds(const Plan *plan, const int32_t *t, const uint64_t *x, const uint64_t *y,
                        Shared s, const int32_t *right) {
    int a = t[1], b = t[2], c = t[3];
    switch (t[0]) {
    case DICE:
        return 2000 * s.common >= t[4] * s.all;
    case EQUAL:
        return same(x[a], y[a]);
    case MEET:
        return same(x[a], y[a]) | same(x[a], y[b]) | same(x[b], y[a]) | same(x[b], y[b]);
    case CROSS:
        return same(x[a], y[b]) | same(x[b], y[a]);
    case AT_LEAST:
        return same(x[a], y[a]) + same(x[b], y[b]) + same(x[c], y[c]) >= t[4];
    case SWAPPED: {
        int32_t other = right[t[7]];
        const Field *beside = plan->field + t[7];
        return other >= 0 && same(x[a], beside->lines[other * beside->width + 2 + b]);
    }
    }
    return 0;
}

/* The level of two different values: the first whose tests hold. */
static inline int level_of(const Plan *plan, const Field *field, int32_t one, int32_t two,
                           const int32_t *right) {
    const uint64_t *x = field->lines + one * field->width, *y = field->lines + two * field->width;
    const int32_t *t = field->tests, *end = t + (int64_t)field->count * STEP;
    if (t == end) return DIFFER;
    Shared s = shared(x, y);
    for (; t < end; t += STEP) {
        int good = holds(plan, t, x + 2, y + 2, s, right);
        while (t[6]) { /* the next test must hold too */
            t += STEP;
            good = good && holds(plan, t, x + 2, y + 2, s, right);
        }
        if (good) return t[5];
    }
    return DIFFER;
}

static inline int64_t pattern_of(const Plan *plan, const int32_t *left, const int32_t *right) {
    int64_t pattern = 0;
    for (int32_t f = 0; f < plan->fields; f++) {
        const Field *field = plan->field + f;
        int32_t one = left[f], two = right[f];
        int level = (one < 0 || two < 0) ? MISSING
                    : one == two         ? field->levels - 1
                                         : level_of(plan, field, one, two, right);
        pattern += level * field->stride;
    }
    return pattern;
}

#endif
