/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before all else when the Verilated model is compiled. Verilator 5.006
 * counts ones with shifts and adds, which compilers don't recognize as what a
 * processor has an instruction for; the array does little else. The RTL and what it
 * computes are the same: `countones` means the same number either way.
 */
#ifndef TERN_SIM_HOST_POPCOUNT_H
#define TERN_SIM_HOST_POPCOUNT_H

#include <cstdint>
#include <cstring>

#include "verilated.h"

static inline IData tern_popcount_w(int words, const EData *data)
{
	IData ones = 0;
	int i = 0;

	for (; i + 2 <= words; i += 2) {
		std::uint64_t two;

		std::memcpy(&two, data + i, sizeof(two));
		ones += __builtin_popcountll(two);
	}
	if (i < words)
		ones += __builtin_popcount(data[i]);
	return ones;
}

#define VL_COUNTONES_I(data)		static_cast<IData>(__builtin_popcount(data))
#define VL_COUNTONES_Q(data)		static_cast<IData>(__builtin_popcountll(data))
#define VL_COUNTONES_W(words, data)	tern_popcount_w(words, data)

#endif /* TERN_SIM_HOST_POPCOUNT_H */
