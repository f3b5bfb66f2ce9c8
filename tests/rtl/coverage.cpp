// SPDX-License-Identifier: Apache-2.0
#include "coverage.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

static const char ROSE = 1, FELL = 2;

/* $TERN_COVERAGE/PID-NUMBER.KIND */
static std::string file_of(const char *kind)
{
	static unsigned number;
	const char *dir = getenv("TERN_COVERAGE");

	if (!dir) {
		fprintf(stderr, "TERN_COVERAGE is not set: it names the directory for what was reached\n");
		_Exit(2);
	}
	return std::string(dir) + "/" + std::to_string(getpid()) + "-" + std::to_string(number++) +
	       "." + kind;
}

Toggles &Coverage::toggles()
{
	static Toggles all;

	return all;
}

Coverage::~Coverage()
{
	waves_.close();
	/* The counters are the model's, which is about to go. */
	context_->coveragep()->write(file_of("lines").c_str());
	context_->coveragep()->clear();
}

/* A model begins: what its bits were before is not known. */
bool Toggles::open(const std::string &)
{
	for (auto &n : nets_)
		n.last.clear();
	known_ = !nets_.empty();
	header_ = true;
	line_.clear();
	scopes_.clear();
	return true;
}

/* VCD's code of a net: digits of 94, from '!' on. */
Toggles::Net &Toggles::net(const char *code)
{
	size_t index = 0, place = 1;

	for (; *code; code++, place *= 94)
		index += (size_t)(*code - '!' + (place > 1)) * place;
	if (index >= nets_.size())
		nets_.resize(index + 1);
	return nets_[index];
}

void Toggles::declaration(const std::string &line)
{
	char word[200], code[16], name[200];
	unsigned width;
	int lsb = 0;

	if (line.find("$enddefinitions") != std::string::npos) {
		header_ = false;
	} else if (sscanf(line.c_str(), " $scope module %199s $end", word) == 1) {
		scopes_.push_back(word);
	} else if (line.find("$upscope") != std::string::npos) {
		scopes_.pop_back();
	} else if (!known_ && sscanf(line.c_str(), " $var wire %u %15s %199s", &width, code, name) == 3) {
		const char *range = strrchr(line.c_str(), ':');
		std::string full;

		if (range)
			lsb = atoi(range + 1);
		full = std::to_string(width) + ":" + std::to_string(lsb);
		for (auto &scope : scopes_)
			full += " " + scope;
		full += " ";
		full += name;
		net(code).names.push_back(full);
		net(code).seen.resize(width);
	}
}

/* "0CODE", "1CODE" or "bBITS CODE". */
void Toggles::change(const std::string &line)
{
	size_t begin = 0, bits = 1;

	if (line[0] == 'b') {
		begin = 1;
		bits = line.find(' ') - 1;
	} else if (line[0] != '0' && line[0] != '1') {
		return;
	}

	Net &n = net(line.c_str() + begin + bits + begin);

	if (bits != n.seen.size())
		return;
	if (!n.last.empty())
		for (size_t i = 0; i < bits; i++)
			if (line[begin + i] != n.last[i])
				n.seen[i] |= n.last[i] == '0' ? ROSE : FELL;
	n.last.assign(line, begin, bits);
}

ssize_t Toggles::write(const char *text, ssize_t length)
{
	const char *end = text + length;

	for (const char *at = text; at < end;) {
		const char *stop = (const char *)memchr(at, '\n', (size_t)(end - at));

		line_.append(at, stop ? stop : end);
		if (!stop)
			break;
		if (line_.empty())
			;
		else if (header_)
			declaration(line_);
		else
			change(line_);
		line_.clear();
		at = stop + 1;
	}
	return length;
}

/* A line a signal: width, lowest index, where, and of each bit what it did, the highest first. */
Toggles::~Toggles()
{
	FILE *f = fopen(file_of("toggles").c_str(), "w");

	if (!f) {
		perror("coverage: cannot write");
		_Exit(1);
	}
	for (auto &n : nets_) {
		for (auto &name : n.names) {
			for (char bit : n.seen)
				fputc('0' + bit, f);
			fprintf(f, " %s\n", name.c_str());
		}
	}
	fclose(f);
}
