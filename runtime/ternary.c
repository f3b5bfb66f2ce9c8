// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "kernels.h"
#include "ternary.h"

struct tq2_0 {
	uint8_t codes[64];
	uint16_t scale;
};

_Static_assert(sizeof(struct tq2_0) == TQ2_0_BYTES, "no padding");

/* Code 3 is never written: is there one among these bytes? */
static int has_code_3(const uint8_t *codes)
{
	uint64_t found = 0;
	uint64_t word;
	int i;

	for (i = 0; i < 64; i += 8) {
		memcpy(&word, codes + i, sizeof(word));
		found |= word & (word >> 1) & 0x5555555555555555ull;
	}
	return found != 0;
}

int ternary_check(const struct gguf_tensor *tensor, float *scale, struct error *err)
{
	const struct tq2_0 *blocks = tensor->data;
	uint64_t count = tensor->bytes / sizeof(*blocks);
	char name[80];
	uint64_t i;

	*scale = 0.0f;
	for (i = 0; i < count; i++) {
		float d = half_to_float(blocks[i].scale);

		if (has_code_3(blocks[i].codes))
			return bail(err, EXIT_FAILED,
				    "tensor '%s' has code 3, which is no trit, in block %" PRIu64
				    ": the file is damaged, get it again",
				    gguf_printable(tensor->name, name), i);
		if (d == 0.0f)
			continue;
		if (!isfinite(d) || (*scale != 0.0f && d != *scale))
			return bail(err, EXIT_FAILED,
				    "tensor '%s' has scale %g in block %" PRIu64
				    " and %g before: it is damaged, or not ternary; use a BitNet b1.58 model",
				    gguf_printable(tensor->name, name), d, i, *scale);
		*scale = d;
	}
	return 0;
}

void ternary_row(const struct gguf_tensor *tensor, uint32_t row, int8_t *trits)
{
	uint64_t count = tensor->size[0] / TQ2_0_WEIGHTS;
	const struct tq2_0 *block = (const struct tq2_0 *)tensor->data + row * count;
	uint64_t i;
	int half;
	int l;
	int m;

	for (i = 0; i < count; i++, block++, trits += TQ2_0_WEIGHTS) {
		int zero = !(block->scale & 0x7fff);

		for (half = 0; half < 2; half++)
			for (l = 0; l < 4; l++)
				for (m = 0; m < 32; m++)
					trits[half * 128 + l * 32 + m] = zero ? 0 :
						(block->codes[half * 32 + m] >> (2 * l) & 3) - 1;
	}
}
