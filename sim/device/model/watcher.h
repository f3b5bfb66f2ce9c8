/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wants to know what becomes of each job. Jobs are named by their slots.
 */
#ifndef TERN_SIM_MODEL_WATCHER_H
#define TERN_SIM_MODEL_WATCHER_H

#include <cstdint>

#include "tern_abi.h"

namespace tern::model {

struct job;

/* A burst of a job's own data, about to go on the bus. */
struct job_burst {
	unsigned slot;
	bool host;
	std::uint64_t address;
	unsigned beats;
	const std::uint64_t *strobes;	/* writes: of each beat, its bytes that count */
};

class watcher {
public:
	virtual ~watcher() = default;

	/* A command has its slot. */
	virtual void taken(unsigned slot, const job &job) = 0;
	virtual void reads(const job_burst &burst) = 0;
	virtual void writes(const job_burst &burst) = 0;
	/*
	 * Nothing of the job is left but its completion. True: keep that, and do not go on to the
	 * next cycle, until core::release().
	 */
	virtual bool ended(unsigned slot, const job &job) = 0;
	/* Its completion is about to be written; or there is none, because its queue is off. */
	virtual void completed(unsigned slot, const tern_hw_completion *completion) = 0;
	/* A reset: no job is left. */
	virtual void lost() = 0;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_WATCHER_H */
