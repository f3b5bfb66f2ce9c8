/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An FST file of a traced model, that never grows past its limit. With a window that
 * rolls there are two: the one before, and the newest.
 */
#ifndef TERN_SIM_WAVE_FILE_H
#define TERN_SIM_WAVE_FILE_H

#include <cstdint>
#include <string>

#include "trace/window.h"
#include "verilated_fst_c.h"

namespace tern {

class wave_file {
public:
	explicit wave_file(window &window) : window_(window), limit_(window.wanted().limit) {}
	~wave_file() { close(); }

	/* For the model's trace(), once and before anything is open. */
	VerilatedFstC *sink() { return &fst_; }

	bool over() const { return over_; }

	/*
	 * The signals after a rising edge at ps, if the window is open; falling() lets the
	 * clocks down for what is written half a period later.
	 */
	template <class function>
	void cycle(std::uint64_t number, std::uint64_t ps, std::uint64_t period_ps,
		   function &&falling)
	{
		switch (window_.at(number)) {
		case window::state::before:
			return;
		case window::state::over:
			finish("the window is over");
			return;
		case window::state::open:
			break;
		}
		if (!fst_.isOpen() && !open())
			return;
		fst_.dump(ps);
		falling();
		fst_.dump(ps + period_ps / 2);
		cycles_++;
		if (++unflushed_ >= flush_cycles)
			flush();
	}

	/* Ends the file, whatever the window says. */
	void finish(const char *why);

private:
	bool open();
	void close();
	void flush();
	void roll();
	std::string before() const;

	window &window_;
	const std::uint64_t limit_;
	VerilatedFstC fst_;
	bool over_ = false;
	std::uint64_t cycles_ = 0;	/* in the file */
	std::uint64_t unflushed_ = 0;
	std::uint64_t bytes_ = 0;	/* of the file, when it was last looked at */
	std::uint64_t most_ = 0;	/* bytes that flush_cycles have taken */
	std::uint64_t names_bytes_ = 0;	/* that its end will need */

	static constexpr std::uint64_t flush_cycles = 256;
};

} /* namespace tern */

#endif /* TERN_SIM_WAVE_FILE_H */
