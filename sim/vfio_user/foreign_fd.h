/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be done with a descriptor that a client sent, who can have chosen it, or
 * changed what it stands for, so that the simulator would wait for ever.
 */
#ifndef TERN_SIM_FOREIGN_FD_H
#define TERN_SIM_FOREIGN_FD_H

#include <vector>

#include "vfio_user/unique_fd.h"

namespace tern {

/* Any other kind of file could block us when we write to it, or swallow the write. */
bool is_eventfd(int fd);

/*
 * Once, before post_event(), in the thread that will call it. Throws std::runtime_error with
 * a sentence.
 */
void post_event_init();

/*
 * Add 1 to an eventfd, if that takes less than some 20 ms. False if not: its counter is
 * full, and stays so.
 */
bool post_event(int fd);

/*
 * Close descriptors of any kind. Closing can block (a file system in a process of the
 * client's is asked first), so what is not known for certain is closed in a thread. False if
 * that was behind already.
 */
bool close_foreign(std::vector<unique_fd> &fds);
/* The same for a socket of a client's, in which more of them may lie unread. */
void close_client(unique_fd socket);

/*
 * Is that thread behind? As long, no new client is taken, and one that goes on sending what
 * does not close is let go: so the descriptors that wait have a limit.
 */
bool closing_is_behind();

} /* namespace tern */

#endif /* TERN_SIM_FOREIGN_FD_H */
