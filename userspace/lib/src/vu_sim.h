/* SPDX-License-Identifier: Apache-2.0 */
/* A simulator of our own: found, started on one end of a socket pair, and reaped. */
#ifndef TERN_VU_SIM_H
#define TERN_VU_SIM_H

#include <sys/types.h>

#include "backend.h"

/*
 * Start a ternsim with this configuration ("" for its default). *@pid and *@fd
 * (our end of the socket) are valid on success.
 */
int vu_sim_start(struct tern_device *dev, const char *config, pid_t *pid, int *fd);

/* Our end is closed: let it finish, at most 2 s, then kill it. Leaves no zombie. */
void vu_sim_stop(pid_t pid);

/*
 * It did not shake hands: say how it ended, if it has; returns @ret or what is nearer
 * to the truth. Its pid stays to be stopped.
 */
int vu_sim_explain(struct tern_device *dev, pid_t pid, int ret);

#endif /* TERN_VU_SIM_H */
