/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One simulator for a test program, a fresh client for each test.
 */
#ifndef SIM_FIXTURE_H
#define SIM_FIXTURE_H

#include "sim_client.h"

/* Of the preset `base`. */
#define SIM_MEMORY_BYTES	(256ull << 20)
#define SIM_VECTORS		8

extern struct sim sim;
extern int client;

int start_simulator(void **state);
/* It must end well and leave no socket. */
int stop_simulator(void **state);

int connect_client(void **state);
/* After each test the simulator must still serve another client. */
int disconnect_client(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_client, disconnect_client)

#endif /* SIM_FIXTURE_H */
