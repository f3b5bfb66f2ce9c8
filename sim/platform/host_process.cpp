// SPDX-License-Identifier: Apache-2.0
#include "platform/host_process.h"

namespace tern {

host_process::host_process(const sc_core::sc_module_name &name, host_loop &host,
			   const std::vector<std::unique_ptr<platform>> &cards)
	: sc_module(name), host_(host)
{
	for (const auto &card : cards)
		cards_.push_back({ *card, false });
	SC_HAS_PROCESS(host_process);
	SC_THREAD(serve);
	set_stack_size(1 << 20);
}

bool host_process::working() const
{
	for (const card &card : cards_) {
		if (card.started || card.platform.device().busy())
			return true;
	}
	return false;
}

void host_process::start_devices()
{
	for (card &card : cards_) {
		if (card.started || !card.platform.device().busy())
			continue;
		card.platform.device().start();
		card.started = true;
	}
}

/* Until the first one yields, so that each card keeps its own pace. */
void host_process::wait_for_devices()
{
	sc_core::sc_event_or_list yielded;

	for (const card &card : cards_) {
		if (card.started)
			yielded |= card.platform.device().yielded();
	}
	wait(yielded);
	for (card &card : cards_) {
		if (card.platform.device().yielded().triggered())
			card.started = false;
	}
}

void host_process::serve()
{
	for (const card &card : cards_)
		host_.add(card.platform.endpoint().power_on());
	if (on_ready)
		on_ready();
	for (;;) {
		switch (host_.turn(!working())) {
		case host_loop::event::stop:
			sc_core::sc_stop();
			return;
		case host_loop::event::statistics:
			if (on_statistics)
				on_statistics();
			break;
		case host_loop::event::nothing:
			break;
		}
		for (const card &card : cards_) {
			if (card.platform.faults().armed(fault_place::itself))
				card.platform.faults().run_due();
		}
		if (working()) {
			start_devices();
			wait_for_devices();
		}
	}
}

} /* namespace tern */
