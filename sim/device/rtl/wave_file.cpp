// SPDX-License-Identifier: Apache-2.0
#include "device/rtl/wave_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/stat.h>

#include "platform/log.h"

namespace tern {

static std::uint64_t size_of(const std::string &path)
{
	struct stat st;

	return stat(path.c_str(), &st) ? 0 : st.st_size;
}

/* "run.fst" -> "run.before.fst" */
std::string wave_file::before() const
{
	const std::string &path = window_.wanted().file;
	const std::size_t dot = path.size() > 4 && path.substr(path.size() - 4) == ".fst" ?
				path.size() - 4 : path.size();

	return path.substr(0, dot) + ".before" + path.substr(dot);
}

bool wave_file::open()
{
	const std::string &path = window_.wanted().file;

	fst_.open(path.c_str());
	if (!fst_.isOpen()) {
		log(log_level::error, "can't write %s: %s", path.c_str(), std::strerror(errno));
		over_ = true;
		return false;
	}
	/* The signals' names lie here until the end, when they are compressed into the file. */
	names_bytes_ = size_of(path + ".hier") + (64 << 10);
	cycles_ = unflushed_ = bytes_ = most_ = 0;
	log(log_level::debug, "%s: signals are written from here on", path.c_str());
	return true;
}

void wave_file::close()
{
	if (fst_.isOpen())
		fst_.close();
}

void wave_file::finish(const char *why)
{
	over_ = true;
	if (!fst_.isOpen())
		return;
	close();
	log(log_level::info, "%s: %llu cycles, %llu bytes: %s", window_.wanted().file.c_str(),
	    static_cast<unsigned long long>(cycles_),
	    static_cast<unsigned long long>(size_of(window_.wanted().file)), why);
}

void wave_file::roll()
{
	close();
	if (std::rename(window_.wanted().file.c_str(), before().c_str()))
		log(log_level::error, "can't make %s: %s", before().c_str(), std::strerror(errno));
	open();
}

/*
 * The library keeps what it is told in memory, and writes it with the next cycle after
 * this; so the size is that of one flush ago, and what is to come can be livelier.
 */
void wave_file::flush()
{
	const bool two_files = window_.wanted().when == waves::around_assertion;
	const std::uint64_t part = two_files ? limit_ / 2 : limit_;

	fst_.flush();

	const std::uint64_t bytes = size_of(window_.wanted().file);

	unflushed_ = 0;
	most_ = std::max(most_, bytes - bytes_);
	bytes_ = bytes;
	if (bytes + std::max(4 * most_, part / 16) + names_bytes_ > part) {
		if (window_.rolling())
			roll();
		else
			finish("the limit of its size (--waves-limit)");
	} else if (window_.rolling() && cycles_ >= window_.wanted().first) {
		roll();
	}
}

} /* namespace tern */
