// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the edges between the device's states, as README.md draws them.
 */
#include "tern_kunit.h"

#define STATES	(TERN_DEAD + 1)

static const bool tern_edges[STATES][STATES] = {
	[TERN_INIT] = { [TERN_LIVE] = true, [TERN_DEAD] = true },
	[TERN_LIVE] = { [TERN_RESETTING] = true, [TERN_DEAD] = true },
	[TERN_RESETTING] = { [TERN_LIVE] = true, [TERN_SUSPENDED] = true, [TERN_DEAD] = true },
	[TERN_SUSPENDED] = { [TERN_RESETTING] = true, [TERN_DEAD] = true },
	[TERN_DEAD] = { false },
};

/* All of them: those that exist lead where they say, and the others leave the state alone. */
static void tern_state_edges(struct kunit *test)
{
	struct tern_device *tdev = test->priv;
	enum tern_state from, to;

	for (from = 0; from < STATES; from++) {
		for (to = 0; to < STATES; to++) {
			tdev->state = from;
			KUNIT_EXPECT_EQ_MSG(test, tern_edges[from][to], tern_set_state(tdev, to),
					    "%s to %s", tern_state_name(from), tern_state_name(to));
			KUNIT_EXPECT_EQ(test, tern_edges[from][to] ? to : from,
					tern_get_state(tdev));
		}
	}
	tdev->state = TERN_INIT;
}

/* Nobody owns what is dead. */
static void tern_state_owner(struct kunit *test)
{
	struct tern_device *tdev = test->priv;

	tdev->state = TERN_DEAD;
	KUNIT_EXPECT_FALSE(test, tern_reset_own(tdev, TERN_RESET_PM, true));
	KUNIT_EXPECT_EQ(test, TERN_DEAD, tern_get_state(tdev));
	tdev->state = TERN_INIT;
}

/* Causes add up until somebody may serve them. */
static void tern_state_causes(struct kunit *test)
{
	struct tern_device *tdev = test->priv;

	tern_reset_request(tdev, TERN_RESET_TIMEOUT);
	tern_reset_request(tdev, TERN_RESET_ERROR);
	tern_reset_request(tdev, TERN_RESET_ERROR);
	flush_work(&tdev->reset_work);
	KUNIT_EXPECT_EQ(test, (int)(BIT(TERN_RESET_TIMEOUT) | BIT(TERN_RESET_ERROR)),
			atomic_read(&tdev->reset_causes));
	KUNIT_EXPECT_EQ(test, TERN_INIT, tern_get_state(tdev));
}

static struct kunit_case tern_state_cases[] = {
	KUNIT_CASE(tern_state_edges),
	KUNIT_CASE(tern_state_owner),
	KUNIT_CASE(tern_state_causes),
	{}
};

struct kunit_suite tern_state_suite = {
	.name = "tern_state",
	.init = tern_kunit_init,
	.exit = tern_kunit_exit,
	.test_cases = tern_state_cases,
};
