// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim_fixture.h"
#include "tern_abi.h"

struct sim sim;
int client = -1;

int start_simulator(void **state)
{
	(void)state;
	sim_start(&sim, NULL);
	return 0;
}

int stop_simulator(void **state)
{
	(void)state;
	assert_int_equal(sim_stop(&sim), 0);
	assert_int_not_equal(access(sim.socket, F_OK), 0);
	return 0;
}

int connect_client(void **state)
{
	(void)state;
	client = sim_session(&sim);
	return 0;
}

int disconnect_client(void **state)
{
	(void)state;
	close(client);
	client = sim_session(&sim);
	assert_int_equal(sim_get(client, TERN_REG_ID), TERN_MAGIC);
	close(client);
	assert_true(sim_alive(&sim));
	return 0;
}
