/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of the simulation that the host speaks through. It takes turns with the
 * cards' devices: while one of them works it looks at the sockets between two batches,
 * and sleeps on them otherwise.
 */
#ifndef TERN_SIM_HOST_PROCESS_H
#define TERN_SIM_HOST_PROCESS_H

#include <functional>
#include <memory>
#include <vector>

#include <systemc>

#include "platform/host_loop.h"
#include "platform/platform.h"

namespace tern {

class host_process : public sc_core::sc_module {
public:
	/* The cards in the order of the loop's sockets. */
	host_process(const sc_core::sc_module_name &name, host_loop &host,
		     const std::vector<std::unique_ptr<platform>> &cards);

	/* Called with the servers ready, and on a request for statistics. */
	std::function<void()> on_ready;
	std::function<void()> on_statistics;

private:
	struct card {
		tern::platform &platform;
		bool started;		/* and has not yielded yet */
	};

	void serve();
	bool working() const;
	void start_devices();
	void wait_for_devices();

	host_loop &host_;
	std::vector<card> cards_;
};

} /* namespace tern */

#endif /* TERN_SIM_HOST_PROCESS_H */
