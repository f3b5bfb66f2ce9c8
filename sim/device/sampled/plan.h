/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which jobs are sampled: two, at random, of each block of 2N consecutive ones. A network asks
 * for the same layers again and again, so every Nth one might always be the same layer;
 * and of two in a block their difference tells how much blocks vary inside, which of one alone
 * nothing would.
 *
 * A job is chosen by the seed and its number alone, so the same jobs are in each run.
 */
#ifndef TERN_SIM_SAMPLE_PLAN_H
#define TERN_SIM_SAMPLE_PLAN_H

#include <cstdint>

namespace tern {

class sample_plan {
public:
	sample_plan(std::uint64_t every, std::uint64_t seed) : size_(2 * every), seed_(seed) {}

	std::uint64_t block_size() const { return size_; }

	/* Jobs are numbered from 1 on, blocks from 0 on. */
	std::uint64_t block_of(std::uint64_t job) const { return (job - 1) / size_; }

	bool chosen(std::uint64_t job) const
	{
		const std::uint64_t block = block_of(job), place = (job - 1) % size_;
		const std::uint64_t one = below(size_, 2 * block);
		const std::uint64_t other = below(size_ - 1, 2 * block + 1);

		return place == one || place == other + (other >= one);
	}

	/* Is one of them chosen? */
	bool any_chosen(std::uint64_t first, std::uint64_t last) const
	{
		while (first <= last)
			if (chosen(first++))
				return true;
		return false;
	}

private:
	/* The nth random number of the seed, as one below `limit` (which is far below 2^64). */
	std::uint64_t below(std::uint64_t limit, std::uint64_t n) const
	{
		const unsigned __int128 product =
			static_cast<unsigned __int128>(mix(mix(seed_) + n)) * limit;

		return static_cast<std::uint64_t>(product >> 64);
	}

	/* The output of SplitMix64 (Steele, Lea, Flood 2014) in this state. */
	static std::uint64_t mix(std::uint64_t state)
	{
		state += 0x9e3779b97f4a7c15;
		state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
		state = (state ^ state >> 27) * 0x94d049bb133111eb;
		return state ^ state >> 31;
	}

	std::uint64_t size_, seed_;
};

} /* namespace tern */

#endif /* TERN_SIM_SAMPLE_PLAN_H */
