/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outcomes that are kept, a file each, so that no finished point is run again. A folder holds
 * those of one body as it is now: its name is a hash of what the body's cycles depend on.
 */
#ifndef TERN_TESTS_MODEL_STORE_H
#define TERN_TESTS_MODEL_STORE_H

#include <stdbool.h>

#include "block.h"

/* false: it isn't there, or not whole. */
bool store_load(const char *folder, const struct cell *cell, struct outcome *outcome);

/*
 * All of it or nothing, as of a configuration that is named by its path; ends the process with 3
 * where it can't be written.
 */
void store_save(const char *folder, const struct cell *cell, const struct outcome *outcome);

#endif /* TERN_TESTS_MODEL_STORE_H */
