/* Bringing rows of equal keys together. Part of the kernel; see kernel.c. */

#include "kernel.h"

/* Places of rows by key; rows of equal keys stay in their order (radix sort, 11 bits at a time). */
SHOWN int eq_order(const uint64_t *keys, int64_t rows, int32_t *order) {
    enum { BITS = 11, SIZE = 1 << BITS, PASSES = 6 };
    typedef struct {
        uint64_t key;
        int32_t row;
    } Entry;
    Entry *from = malloc((size_t)rows * sizeof(Entry) + 1);
    Entry *to = malloc((size_t)rows * sizeof(Entry) + 1);
    int64_t(*starts)[SIZE] = calloc(PASSES, sizeof(*starts));
    if (!from || !to || !starts) {
        free(from);
        free(to);
        free(starts);
        return NO_MEMORY;
    }
    for (int64_t i = 0; i < rows; i++) {
        from[i].key = keys[i];
        from[i].row = (int32_t)i;
        for (int p = 0; p < PASSES; p++) starts[p][keys[i] >> (p * BITS) & (SIZE - 1)]++;
    }
    for (int p = 0; p < PASSES; p++) {
        int64_t before = 0;
        for (int i = 0; i < SIZE; i++) {
            int64_t here = starts[p][i];
            starts[p][i] = before;
            before += here;
        }
        for (int64_t i = 0; i < rows; i++)
            to[starts[p][from[i].key >> (p * BITS) & (SIZE - 1)]++] = from[i];
        Entry *turn = from;
        from = to;
        to = turn;
    }
    for (int64_t i = 0; i < rows; i++) order[i] = from[i].row;
    free(from);
    free(to);
    free(starts);
    return 0;
}

/* Where the keys of two sorted sides meet: for each, from and to in either order. Returns how many;
   ranges has room for as many as the shorter side has rows. Key 0 meets nothing. */
SHOWN int64_t eq_meet(const uint64_t *keys_left, const int32_t *left, int64_t rows_left,
                      const uint64_t *keys_right, const int32_t *right, int64_t rows_right,
                      int64_t *ranges) {
    int64_t i = 0, j = 0, n = 0;
    while (i < rows_left && j < rows_right) {
        uint64_t one = keys_left[left[i]], two = keys_right[right[j]];
        if (one < two || one == 0) {
            i++;
        } else if (two < one) {
            j++;
        } else {
            int64_t *range = ranges + 4 * n++;
            range[0] = i;
            range[2] = j;
            while (i < rows_left && keys_left[left[i]] == one) i++;
            while (j < rows_right && keys_right[right[j]] == one) j++;
            range[1] = i;
            range[3] = j;
        }
    }
    return n;
}
