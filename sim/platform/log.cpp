// SPDX-License-Identifier: Apache-2.0
#include "platform/log.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace tern {

static log_level max_level = log_level::info;

static const char *const level_names[] = { "error", "warning", "info", "debug" };

void log_set_level(log_level level)
{
	max_level = level;
}

bool log_parse_level(const char *name, log_level &level)
{
	for (unsigned i = 0; i < 4; i++) {
		if (!std::strcmp(name, level_names[i])) {
			level = static_cast<log_level>(i);
			return true;
		}
	}
	return false;
}

void log(log_level level, const char *format, ...)
{
	char line[512];
	va_list args;

	if (level > max_level)
		return;
	va_start(args, format);
	std::vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* Part of it may be a client's, which must not command the terminal or begin a line. */
	for (char *c = line; *c; c++) {
		if (static_cast<unsigned char>(*c) < ' ' || *c == 0x7f)
			*c = '?';
	}
	/* One call a line, so that lines of several processes do not mix. */
	std::fprintf(stderr, "ternsim: %s: %s\n", level_names[static_cast<int>(level)], line);
}

bool log_limit::allow()
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (second_ != static_cast<std::uint64_t>(now.tv_sec)) {
		second_ = now.tv_sec;
		printed_ = 0;
	}
	if (printed_ >= lines_per_second) {
		suppressed_++;
		return false;
	}
	printed_++;
	if (suppressed_) {
		log(log_level::warning, "%llu similar messages were left out",
		    static_cast<unsigned long long>(suppressed_));
		suppressed_ = 0;
	}
	return true;
}

} /* namespace tern */
