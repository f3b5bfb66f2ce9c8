// SPDX-License-Identifier: Apache-2.0
/*
 * The link's time: headers, tags and credits, against sums done by hand.
 */
#include "sim_cmocka.h"

#include "link/packets.h"
#include "platform/config.h"

using namespace tern;

/* 16 bytes a ns. A write of 256 bytes takes 280 / 16 = 17.5 ns, a request 1.5 ns, and
 * completions of 512 bytes 552 / 16 = 34.5 ns.
 */
static link_parameters packet_link()
{
	link_parameters p;

	p.payload_bytes = 256;
	return p;
}

static void reads(void **)
{
	packets link(packet_link());
	beat_times t = link.read(0, 1024);

	/* Asked for at 1.5 and 3; there from 401.5 to 436, and to 470.5. */
	assert_int_equal(t.last_ps, 470500);
	/* The first beat has one header in front: 84 bytes. */
	assert_int_equal(t.interval_ps, (470500 - 406750) / 15);
	assert_true(t.first_ps >= 406750 && t.first_ps < 406750 + 15);
	assert_int_equal(link.read_busy_ps(), 69000);
	assert_int_equal(link.write_busy_ps(), 3000);
}

static void one_tag(void **)
{
	link_parameters p = packet_link();

	p.read_tags = 1;

	packets link(p);

	/* The second request goes when the first is answered: 436 + 1.5 + 400 + 34.5 */
	assert_int_equal(link.read(0, 1024).last_ps, 872000);
}

static void writes(void **)
{
	packets link(packet_link());
	beat_times t = link.write(0, 512);

	assert_int_equal(t.last_ps, 2 * 17500 + 200000);
	/* A request that comes now waits for the wire. */
	assert_int_equal(link.read(0, 64).last_ps, 35000 + 1500 + 400000 + 84000 / 16);
}

static void one_credit(void **)
{
	link_parameters p = packet_link();

	p.write_credits = 1;

	packets link(p);

	assert_int_equal(link.write(0, 512).last_ps, 17500 + 200000 + 17500 + 200000);
}

static void bare_pipes(void **)
{
	packets link(link_parameters{});
	beat_times t = link.read(0, 1024);

	assert_int_equal(t.first_ps, 404000);
	assert_int_equal(t.interval_ps, 4000);
	assert_int_equal(t.last_ps, 464000);
}

/* What a stream of 4 KiB reads gets: 512 of 552 bytes on the wire are data. */
static void presets(void **)
{
	for (const std::string &name : config_preset_names("link")) {
		config c;
		std::uint64_t last = 0;

		config_apply_override(c, "link.preset=" + name);
		config_check(c);

		packets link(c.link);

		for (unsigned i = 0; i < 1000; i++)
			last = link.read(last > 2000000 ? last - 2000000 : 0, 4096).last_ps;

		const double use = 4096e3 / (1e-3 * last) / c.link.bytes_per_ns;

		print_message("# %s: %.4f of %.3f bytes/ns\n", name.c_str(), use,
			      c.link.bytes_per_ns);
		assert_true(use > 0.75 && use < 0.93);
	}
	assert_int_equal(config_preset_names("link").size(), 9);
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(one_tag),
		cmocka_unit_test(writes),
		cmocka_unit_test(one_credit),
		cmocka_unit_test(bare_pipes),
		cmocka_unit_test(presets),
	};

	return SIM_RUN(tests);
}
