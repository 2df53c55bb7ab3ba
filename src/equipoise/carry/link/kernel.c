/* Comparing pairs of encoded rows. Plain C11, no Python: loaded by ctypes, called without the lock.

   It knows levels, tests and words of 64 bits, and nothing of names or dates: what is tested comes
   as numbers from levels.py, laid out by plan.py. kernel_numpy.py says the same in numpy, and a test
   holds the two to the same answers. Every function may run on several threads at once. */

#include "kernel.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

SHOWN void eq_patterns(const Plan *plan, int64_t pairs, const int32_t *left, const int32_t *right,
                       int64_t *patterns) {
    for (int64_t i = 0; i < pairs; i++)
        patterns[i] = pattern_of(plan, plan->left + (int64_t)left[i] * plan->fields,
                                 plan->right + (int64_t)right[i] * plan->fields);
}

/* ---- going through blocks -------------------------------------------------------------------- */

/* A few rows of one side, copied together so that the pairs of a block are in the cache. */
typedef struct {
    int32_t *row, *codes;
    uint64_t *keys;
    int64_t size;
} Side;

static int side_new(Side *side, const Plan *plan, const Work *work) {
    side->row = malloc(SIDE * sizeof(int32_t));
    side->codes = malloc((size_t)SIDE * plan->fields * sizeof(int32_t));
    side->keys = malloc((size_t)SIDE * (work->earlier + 1) * sizeof(uint64_t));
    side->size = 0;
    return side->row && side->codes && side->keys;
}

static void side_free(Side *side) {
    free(side->row);
    free(side->codes);
    free(side->keys);
}

static void side_fill(Side *side, const int32_t *order, int64_t from, int64_t to,
                      const int32_t *codes, int32_t fields, const uint64_t *keys, int32_t earlier,
                      int64_t rows) {
    side->size = to - from;
    for (int64_t i = 0; i < side->size; i++) {
        int64_t row = order[from + i];
        side->row[i] = (int32_t)row;
        memcpy(side->codes + i * fields, codes + row * fields, (size_t)fields * sizeof(int32_t));
        for (int32_t r = 0; r < earlier; r++) side->keys[i * earlier + r] = keys[r * rows + row];
    }
}

/* Most blocks hold a few rows that lie anywhere, so what waits is memory: ask for the rows of a
   later tile, and for the lines of the values of a nearer one, before they are needed. */
enum { ROWS_AHEAD = 16, LINES_AHEAD = 8, ASKED = 4 };

static inline void ask_rows(const int32_t *order, int64_t from, int64_t to, const int32_t *codes,
                            int32_t fields, const uint64_t *keys, int32_t earlier, int64_t rows) {
    for (int64_t i = from; i < to && i < from + ASKED; i++) {
        int64_t row = order[i];
        __builtin_prefetch(codes + row * fields);
        for (int32_t r = 0; r < earlier; r++) __builtin_prefetch(keys + r * rows + row);
    }
}

static inline void ask_lines(const Plan *plan, const int32_t *order, int64_t from, int64_t to,
                             const int32_t *codes) {
    for (int64_t i = from; i < to && i < from + ASKED; i++)
        for (int32_t f = 0; f < plan->fields; f++) {
            int32_t code = codes[(int64_t)order[i] * plan->fields + f];
            if (code >= 0)
                __builtin_prefetch(plan->field[f].lines + code * plan->field[f].width);
        }
}

static inline void ask(const Plan *plan, const Work *work, int64_t tile) {
    const int64_t *r;
    if (tile + ROWS_AHEAD < work->to) {
        r = work->ranges + 4 * (tile + ROWS_AHEAD);
        ask_rows(work->order_left, r[0], r[1], plan->left, plan->fields, work->earlier_left,
                 work->earlier, work->rows_left);
        ask_rows(work->order_right, r[2], r[3], plan->right, plan->fields, work->earlier_right,
                 work->earlier, work->rows_right);
    }
    if (tile + LINES_AHEAD < work->to) {
        r = work->ranges + 4 * (tile + LINES_AHEAD);
        ask_lines(plan, work->order_left, r[0], r[1], plan->left);
        ask_lines(plan, work->order_right, r[2], r[3], plan->right);
    }
}

static inline int met_before(const uint64_t *one, const uint64_t *two, int32_t earlier) {
    for (int32_t r = 0; r < earlier; r++)
        if (one[r] == two[r] && one[r] != 0) return 1;
    return 0;
}

typedef int (*Seen)(void *into, const Plan *plan, int32_t left, int32_t right,
                    const int32_t *codes_left, const int32_t *codes_right);

/* Go through the pairs of tiles. Rows are taken SIDE at a time; within one table the left place
   must be before the right one. */
static inline __attribute__((always_inline)) int go(const Plan *plan, const Work *work, Seen seen,
                                                    void *into) {
    Side a = {0}, b = {0};
    int fault = !side_new(&a, plan, work) || !side_new(&b, plan, work) ? NO_MEMORY : 0;
    int32_t fields = plan->fields, earlier = work->earlier;
    for (int64_t t = work->from; t < work->to && !fault; t++) {
        const int64_t *range = work->ranges + 4 * t;
        ask(plan, work, t);
        for (int64_t i0 = range[0]; i0 < range[1] && !fault; i0 += SIDE) {
            int64_t i1 = i0 + SIDE < range[1] ? i0 + SIDE : range[1];
            side_fill(&a, work->order_left, i0, i1, plan->left, fields, work->earlier_left, earlier,
                      work->rows_left);
            for (int64_t j0 = range[2]; j0 < range[3] && !fault; j0 += SIDE) {
                int64_t j1 = j0 + SIDE < range[3] ? j0 + SIDE : range[3];
                if (work->within && j1 <= i0) continue;
                side_fill(&b, work->order_right, j0, j1, plan->right, fields, work->earlier_right,
                          earlier, work->rows_right);
                for (int64_t i = 0; i < a.size; i++) {
                    int64_t j = work->within && i0 + i + 1 > j0 ? i0 + i + 1 - j0 : 0;
                    for (; j < b.size && !fault; j++) {
                        if (met_before(a.keys + i * earlier, b.keys + j * earlier, earlier))
                            continue;
                        fault = seen(into, plan, a.row[i], b.row[j], a.codes + i * fields,
                                     b.codes + j * fields);
                    }
                }
            }
        }
    }
    side_free(&a);
    side_free(&b);
    return fault;
}

/* ---- counting patterns ----------------------------------------------------------------------- */

typedef struct {
    int64_t *pattern, *count; /* count 0: an empty place */
    int64_t size, used;       /* size is a power of two */
} Counts;

static int64_t *place_of(const Counts *counts, int64_t pattern) {
    uint64_t at = (uint64_t)pattern * 0x9E3779B97F4A7C15u;
    at ^= at >> 32;
    for (;; at++) {
        int64_t i = (int64_t)(at & (uint64_t)(counts->size - 1));
        if (counts->count[i] == 0 || counts->pattern[i] == pattern) return counts->count + i;
    }
}

static int counts_set(Counts *counts, int64_t size) {
    Counts old = *counts;
    counts->pattern = malloc((size_t)size * sizeof(int64_t));
    counts->count = calloc((size_t)size, sizeof(int64_t));
    counts->size = size;
    if (!counts->pattern || !counts->count) {
        free(counts->pattern);
        free(counts->count);
        *counts = old;
        return NO_MEMORY;
    }
    for (int64_t i = 0; i < old.size; i++)
        if (old.count[i]) {
            int64_t *place = place_of(counts, old.pattern[i]);
            counts->pattern[place - counts->count] = old.pattern[i];
            *place = old.count[i];
        }
    free(old.pattern);
    free(old.count);
    return 0;
}

static inline int count_pair(void *into, const Plan *plan, int32_t left, int32_t right,
                             const int32_t *codes_left, const int32_t *codes_right) {
    Counts *counts = into;
    (void)left;
    (void)right;
    int64_t pattern = pattern_of(plan, codes_left, codes_right);
    int64_t *place = place_of(counts, pattern);
    if (*place == 0) {
        counts->pattern[place - counts->count] = pattern;
        *place = 1;
        return 2 * ++counts->used > counts->size ? counts_set(counts, 2 * counts->size) : 0;
    }
    ++*place;
    return 0;
}

SHOWN int eq_count(const Plan *plan, const Work *work, Counts **made) {
    Counts *counts = calloc(1, sizeof(Counts));
    if (!counts) return NO_MEMORY;
    int fault = counts_set(counts, 1 << 12);
    if (!fault) fault = go(plan, work, count_pair, counts);
    *made = counts;
    return fault;
}

SHOWN int64_t eq_counts_used(const Counts *counts) { return counts->used; }

SHOWN void eq_counts_take(Counts *counts, int64_t *pattern, int64_t *count) {
    int64_t n = 0;
    for (int64_t i = 0; pattern && i < counts->size; i++)
        if (counts->count[i]) {
            pattern[n] = counts->pattern[i];
            count[n++] = counts->count[i];
        }
    free(counts->pattern);
    free(counts->count);
    free(counts);
}

/* ---- scoring --------------------------------------------------------------------------------- */

typedef struct {
    int32_t left, right;
    int64_t pattern;
    int32_t weight, nothing;
} Hit;

typedef struct {
    const Weighing *weighing;
    Hit *hit;
    int64_t size, used;
} Hits;

static int keep(Hits *hits, Hit hit) {
    if (hits->used == hits->size) {
        int64_t size = hits->size ? 2 * hits->size : 1024;
        Hit *more = realloc(hits->hit, (size_t)size * sizeof(Hit));
        if (!more) return NO_MEMORY;
        hits->hit = more;
        hits->size = size;
    }
    hits->hit[hits->used++] = hit;
    return 0;
}

/* Equal and missing fields are known at once; for the others the best they could be is taken, and
   replaced by what they are, one by one, as long as the pair can still reach the least weight. */
static inline int score_pair(void *into, const Plan *plan, int32_t left, int32_t right,
                             const int32_t *codes_left, const int32_t *codes_right) {
    Hits *hits = into;
    const Weighing *weighing = hits->weighing;
    int64_t total = 0, pattern = 0;
    uint32_t open = 0;
    for (int32_t f = 0; f < plan->fields; f++) {
        int32_t one = codes_left[f], two = codes_right[f];
        if (one < 0 || two < 0) {
            total += weighing->levels[f][MISSING];
        } else if (one == two) {
            int32_t top = plan->field[f].levels - 1;
            total += weighing->exact[f] ? weighing->exact[f][one] : weighing->levels[f][top];
            pattern += top * plan->field[f].stride;
        } else {
            total += weighing->bound[f];
            open |= (uint32_t)1 << f;
        }
    }
    for (int32_t n = 0; open && total >= weighing->least; n++) {
        int32_t f = weighing->order[n];
        if (!(open >> f & 1)) continue;
        open &= ~((uint32_t)1 << f);
        int level = level_of(plan, plan->field + f, codes_left[f], codes_right[f], codes_right);
        total += weighing->levels[f][level] - weighing->bound[f];
        pattern += level * plan->field[f].stride;
    }
    if (total < weighing->least) return 0;
    Hit hit = {left, right, pattern, (int32_t)total, 0};
    return keep(hits, hit);
}

SHOWN int eq_score(const Plan *plan, const Weighing *weighing, const Work *work, Hits **made) {
    Hits *hits = calloc(1, sizeof(Hits));
    if (!hits) return NO_MEMORY;
    hits->weighing = weighing;
    *made = hits;
    return go(plan, work, score_pair, hits);
}

SHOWN int64_t eq_hits_used(const Hits *hits) { return hits->used; }

SHOWN void eq_hits_take(Hits *hits, int32_t *left, int32_t *right, int64_t *pattern,
                        int32_t *weight) {
    for (int64_t i = 0; left && i < hits->used; i++) {
        left[i] = hits->hit[i].left;
        right[i] = hits->hit[i].right;
        pattern[i] = hits->hit[i].pattern;
        weight[i] = hits->hit[i].weight;
    }
    free(hits->hit);
    free(hits);
}

/* ---- what this was built for ----------------------------------------------------------------- */

enum { LAYOUT = 1 };

/* The layout of the structures above, 0 where this machine cannot run what was compiled. */
SHOWN int eq_layout(void) {
#if defined(__x86_64__)
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_POPCNT) || !(c & bit_SSE4_2)) return 0;
#endif
    return LAYOUT;
}
