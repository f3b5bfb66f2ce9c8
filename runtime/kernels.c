// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "kernels.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

extern const struct kernels kernels_base;
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;

void trit_pack_row(const int8_t *trits, uint32_t k, uint8_t *row)
{
	uint32_t i;

	memset(row, 0x55, trit_blocks(k) * TRIT_BLOCK_BYTES);
	for (i = 0; i < k; i++) {
		unsigned int shift = i % TRIT_BLOCK / TRIT_BLOCK_BYTES * 2;
		uint8_t *byte = &row[i / TRIT_BLOCK * TRIT_BLOCK_BYTES + i % TRIT_BLOCK_BYTES];

		*byte = (*byte & ~(3u << shift)) | (unsigned int)(trits[i] + 1) << shift;
	}
}

float half_to_float(uint16_t half)
{
	uint32_t magnitude = half & 0x7fff;
	uint32_t bits;
	float value;

	if (magnitude >= 0x7c00) {		/* infinity, NaN */
		bits = 0x7f800000 | (magnitude & 0x3ff) << 13;
		memcpy(&value, &bits, sizeof(value));
	} else {
		bits = magnitude << 13;
		memcpy(&value, &bits, sizeof(value));
		value *= 0x1p112f;		/* exact; subnormals become normal */
	}
	return half & 0x8000 ? -value : value;
}

#ifdef __x86_64__
static int under_tcg(void)
{
	unsigned int a;
	unsigned int b;
	unsigned int c;
	unsigned int d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return 0;
	__cpuid(0x40000000, a, b, c, d);
	return b == 0x54474354 && c == 0x43544743 && d == 0x47435447;	/* "TCGTCGTCGTCG" */
}

static int usable(const struct kernels *set)
{
	__builtin_cpu_init();
	if (set == &kernels_avx512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
	if (set == &kernels_avx2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
	return 1;
}

static const struct kernels *const sets[] = { &kernels_avx512, &kernels_avx2, &kernels_base };
#else
static int under_tcg(void)
{
	return 0;
}

static int usable(const struct kernels *set)
{
	return set == &kernels_base;
}

static const struct kernels *const sets[] = { &kernels_base };
#endif

#define SETS (sizeof(sets) / sizeof(sets[0]))

const struct kernels *kernels_for(const char *isa)
{
	size_t i;

	if (!isa && under_tcg())
		return &kernels_base;
	for (i = 0; i < SETS; i++)
		if (usable(sets[i]) && (!isa || !strcmp(isa, sets[i]->name)))
			return sets[i];
	return NULL;
}

const char *const *kernels_names(void)
{
	static const char *names[SETS + 1];
	size_t count = 0;
	size_t i;

	for (i = 0; i < SETS; i++)
		if (usable(sets[i]))
			names[count++] = sets[i]->name;
	names[count] = NULL;
	return names;
}
