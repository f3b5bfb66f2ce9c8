// SPDX-License-Identifier: Apache-2.0
#include "platform/nearest.h"

#include <algorithm>

namespace tern {

/* Number of single-character edits that turn a into b. */
static std::size_t distance(std::string_view a, std::string_view b)
{
	std::vector<std::size_t> row(b.size() + 1);

	for (std::size_t j = 0; j <= b.size(); j++)
		row[j] = j;
	for (std::size_t i = 1; i <= a.size(); i++) {
		std::size_t diagonal = row[0];

		row[0] = i;
		for (std::size_t j = 1; j <= b.size(); j++) {
			std::size_t above = row[j];

			row[j] = std::min({ above + 1, row[j - 1] + 1,
					    diagonal + (a[i - 1] != b[j - 1]) });
			diagonal = above;
		}
	}
	return row[b.size()];
}

/* The beginning of a name is nearer to it than any misspelling. */
static std::size_t strangeness(std::string_view name, std::string_view known)
{
	return known.substr(0, name.size()) == name ? 0 : distance(name, known);
}

std::string nearest(std::string_view name, const std::vector<std::string> &known)
{
	return *std::min_element(known.begin(), known.end(),
				 [&](const std::string &a, const std::string &b) {
					 return strangeness(name, a) < strangeness(name, b);
				 });
}

} /* namespace tern */
