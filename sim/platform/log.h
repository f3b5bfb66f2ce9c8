/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on stderr, one line each.
 */
#ifndef TERN_SIM_LOG_H
#define TERN_SIM_LOG_H

#include <cstdint>

namespace tern {

enum class log_level { unset = -1, error, warning, info, debug };

/* Lines above this level are not printed. */
void log_set_level(log_level level);

/* Returns false if the name is not one of error, warning, info, debug. */
bool log_parse_level(const char *name, log_level &level);

[[gnu::format(printf, 2, 3)]] void log(log_level level, const char *format, ...);

/*
 * For lines that a client can cause at will: the first ones of each second are
 * printed, the others counted, and the count printed with the next line.
 */
class log_limit {
public:
	/* Is a line welcome now? Says how many were left out before it. */
	bool allow();

private:
	static constexpr unsigned lines_per_second = 10;
	std::uint64_t second_ = 0;
	unsigned printed_ = 0;
	std::uint64_t suppressed_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_LOG_H */
