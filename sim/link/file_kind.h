/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERN_SIM_FILE_KIND_H
#define TERN_SIM_FILE_KIND_H

#include <fcntl.h>

namespace tern {

/*
 * Is a file's data always in memory: a memfd, or a file of tmpfs or hugetlbfs? Only those
 * have seals. The question goes to the kernel alone, where fstat() already asks the file's
 * file system, which may be a process of the client's that never answers.
 */
inline bool is_memory_file(int fd)
{
	return fcntl(fd, F_GET_SEALS) >= 0;
}

} /* namespace tern */

#endif /* TERN_SIM_FILE_KIND_H */
