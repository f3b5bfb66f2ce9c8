/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the server says no: thrown by whatever checks a message, answered with the
 * errno and logged with the text.
 */
#ifndef TERN_SIM_REFUSED_H
#define TERN_SIM_REFUSED_H

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "vfio_user/connection.h"

namespace tern {

struct refused {
	int error;
	char text[256];

	[[gnu::format(printf, 3, 4)]] refused(int error, const char *format, ...) : error(error)
	{
		va_list args;

		va_start(args, format);
		std::vsnprintf(text, sizeof(text), format, args);
		va_end(args);
	}
};

/* The head of a payload; bytes behind it are the command's business. */
template <typename type> type payload_as(const message &message)
{
	type value;

	if (message.payload.size() < sizeof(value))
		throw refused(EINVAL, "%zu bytes of payload where %zu are needed",
				      message.payload.size(), sizeof(value));
	std::memcpy(&value, message.payload.data(), sizeof(value));
	return value;
}

/* For messages and logs. */
const char *command_name(unsigned command);

} /* namespace tern */

#endif /* TERN_SIM_REFUSED_H */
