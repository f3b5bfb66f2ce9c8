// SPDX-License-Identifier: Apache-2.0
/*
 * Plays every session of the folders that it is given to the fuzzer's target, with
 * whatever sanitizers it was compiled with. TAP.
 */
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t bytes);
extern "C" std::uint64_t session_jobs();

static bool play(const std::filesystem::path &path)
{
	std::ifstream file(path, std::ios::binary);
	const std::vector<char> data{ std::istreambuf_iterator<char>(file), {} };

	if (!file)
		return false;
	file.close();
	/* A session that does harm ends the process here. */
	LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(data.data()), data.size());
	return true;
}

int main(int argc, char **argv)
{
	bool failed = false;

	if (argc < 2) {
		std::fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
		return 2;
	}
	std::printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		unsigned played = 0, unread = 0;
		const std::uint64_t jobs = session_jobs();

		/* All names first: descriptors are counted, and an open folder is one. */
		std::vector<std::filesystem::path> files;

		for (const auto &entry : std::filesystem::directory_iterator(argv[i]))
			files.push_back(entry.path());
		std::sort(files.begin(), files.end());
		for (const auto &file : files) {
			if (play(file))
				played++;
			else
				unread++;
		}
		failed |= unread || !played;
		std::printf("%sok %d - %u sessions of %s, %llu jobs\n",
			    unread || !played ? "not " : "", i, played, argv[i],
			    static_cast<unsigned long long>(session_jobs() - jobs));
		std::fflush(stdout);
	}
	return failed;
}
