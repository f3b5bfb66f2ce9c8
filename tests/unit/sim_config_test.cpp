// SPDX-License-Identifier: Apache-2.0
/*
 * Configurations of the simulator: presets, files, overrides, and the errors.
 */
#include "sim_cmocka.h"

#include <cstring>
#include <string>

#include "platform/config.h"

using namespace tern;

static std::string error_of(void (*f)(config &))
{
	config c;

	try {
		f(c);
	} catch (const config_error &error) {
		return error.what();
	}
	return "";
}

static bool has(const std::string &text, const char *part)
{
	if (text.find(part) != std::string::npos)
		return true;
	print_message("# '%s' is not in '%s'\n", part, text.c_str());
	return false;
}

#define ERROR_OF(statement) error_of([](config &c) { (void)c; statement; })

static void base_is_the_default(void **)
{
	assert_string_equal(config_text(config_load("base")).c_str(),
			    config_text(config()).c_str());
}

static void presets_are_complete(void **)
{
	const auto names = config_preset_names();

	assert_true(names.size() >= 2);
	for (const std::string &name : names) {
		const config c = config_load(name);

		config_check(c);
		assert_true(c.clock_ps() > 0);
	}
	assert_true(config_load("ideal").memory.latency_cycles == 0);
}

static void text_is_read(void **)
{
	config c;

	config_apply_text(c, "[memory]\nbytes = \"2 GiB\"\nbytes_per_cycle = 12.5\n"
			  "[link]\nread_latency_ns = 700\n", "test");
	assert_true(c.memory.bytes == 2ull << 30);
	assert_true(c.memory.bytes_per_cycle == 12.5);
	assert_true(c.link.read_latency_ns == 700);
	assert_true(c.link.write_latency_ns == config().link.write_latency_ns);
	/* What is printed can be read again. */
	config again;

	config_apply_text(again, config_text(c), "printed");
	assert_string_equal(config_text(c).c_str(), config_text(again).c_str());
}

static void overrides(void **)
{
	config c;

	config_apply_override(c, "memory.bytes_per_cycle=128");
	config_apply_override(c, "memory.bytes=1 GiB");
	config_apply_override(c, "memory.outstanding=3");
	assert_true(c.memory.bytes_per_cycle == 128);
	assert_true(c.memory.bytes == 1ull << 30);
	assert_int_equal(c.memory.outstanding, 3);
	config_apply_override(c, "memory.bytes=4194304");
	assert_int_equal(c.memory.bytes, 4 << 20);
}

/* A card is asked for by its memory's name or its link's as well. */
static void section_presets_as_cards(void **)
{
	for (const char *section : { "memory", "link" }) {
		for (const std::string &name : config_preset_names(section)) {
			const std::string full = std::string(section) + "/" + name;
			config expected;

			config_apply_override(expected, std::string(section) + ".preset=" + name);
			assert_string_equal(config_text(config_load(full)).c_str(),
					    config_text(expected).c_str());
			/* The card of this name comes first. */
			if (name == "ideal")
				continue;
			assert_string_equal(config_text(config_load(name)).c_str(),
					    config_text(expected).c_str());
		}
	}
	assert_true(has(ERROR_OF(config_load("lpddr6")), "did you mean 'lpddr5'"));
	assert_true(has(ERROR_OF(config_load("pcie4x8")), "did you mean 'pcie4-x8'"));
}

static void section_presets(void **)
{
	config c;

	/* The preset comes first, wherever it is written. */
	config_apply_text(c, "[memory]\nbanks = 4\npreset = \"hbm2e\"\n"
			  "[link]\npreset = \"pcie3-x4\"\n", "test");
	assert_int_equal(c.memory.banks, 4);
	assert_int_equal(c.memory.channels, 4);
	assert_true(c.dram().bytes_per_ns == 102.4);
	assert_int_equal(c.link.payload_bytes, 256);
	/* A rate in the device's cycles takes the place of one in time, and the other way. */
	config_apply_override(c, "memory.bytes_per_cycle=128");
	config_apply_override(c, "device.clock_mhz=500");
	assert_true(c.dram().bytes_per_ns == 64);
	config_apply_override(c, "memory.bytes_per_ns=20");
	assert_true(c.dram().bytes_per_ns == 20);
	config_apply_override(c, "memory.preset=lpddr5");
	config_apply_override(c, "memory.per_bank_refresh=false");
	assert_true(c.dram().bytes_per_ns == 51.2);
	assert_false(c.dram().per_bank_refresh);
	config_apply_override(c, "device.config=server");
	assert_string_equal(c.device.config.c_str(), "server");

	config again;

	config_apply_text(again, config_text(c), "printed");
	assert_string_equal(config_text(c).c_str(), config_text(again).c_str());
}

static void section_errors(void **)
{
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.preset=hbm2")),
			"memory preset is called 'hbm2'; did you mean 'hbm2e'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "link.preset=pcie4-x9")),
			"did you mean 'pcie4-x"));
	assert_true(has(ERROR_OF(config_apply_override(c, "device.preset=x")),
			"unknown key 'device.preset'"));
	assert_true(has(ERROR_OF(config_apply_text(c, "[memory]\nprest = \"hbm2e\"\n", "f")),
			"unknown key 'memory.prest'; did you mean 'memory.preset'"));
	assert_true(has(ERROR_OF(config_apply_text(c, "[memroy]\n", "f")),
			"f: unknown section 'memroy'; did you mean 'memory'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.banks=many")),
			"--set memory.banks=many: 'many' is not an integer"));
	assert_true(has(ERROR_OF(config_apply_text(c, "[link]\npreset = 3\n", "f")),
			"f: link.preset must be the name"));
	assert_true(has(ERROR_OF(config_apply_override(c, "link.preset=/nonexistent")),
			"can't read /nonexistent"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.preset=/dev/null")),
			"must have a section [memory]"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.t_rcdd_ns=3")),
			"did you mean 'memory.t_rcd_ns'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "device.config=sever")),
			"no hardware configuration is called 'sever'; did you mean 'server'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.per_bank_refresh=1")),
			"must be true or false"));
	assert_true(has(ERROR_OF(c.memory.banks = 3; config_check(c)), "memory.banks = 3"));
	assert_true(has(ERROR_OF(c.memory.row_bytes = 128; config_check(c)),
			"memory.interleave_bytes = 256 is more than memory.row_bytes = 128"));
	assert_true(has(ERROR_OF(c.memory.bytes_per_cycle = 0; config_check(c)),
			"memory.bytes_per_ns = 0"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.preset=hbm2e");
				 c.memory.t_rfc_ns = 3000; config_check(c)),
			"leaves less than half"));
}

static void errors_name_what_is_wrong(void **)
{
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.bytes_per_cycel=1")),
			"did you mean 'memory.bytes_per_cycle'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.latency=1")),
			"did you mean 'memory.latency_cycles'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "lnik.outstanding=1")),
			"did you mean 'link.outstanding'"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.bytes")), "SECTION.KEY=VALUE"));
	assert_true(has(ERROR_OF(config_apply_override(c, "=3")), "SECTION.KEY=VALUE"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.outstanding=0")),
			"memory.outstanding = 0 is out of range; it can be 1 to 64"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.outstanding=2.5")),
			"must be an integer"));
	assert_true(has(ERROR_OF(config_apply_override(c, "memory.bytes=12 parsecs")),
			"'12 parsecs' is not a size"));
	assert_true(has(ERROR_OF(config_apply_override(c, "link.bytes_per_ns=nan")),
			"out of range"));
	assert_true(has(ERROR_OF(config_apply_override(c, "link.bytes_per_ns=1\nx=2")),
			"KEY=VALUE"));
	assert_true(has(ERROR_OF(config_apply_override(c, "link.bytes_per_ns=fast")), "--set"));
	assert_true(has(ERROR_OF(config_apply_text(c, "[memory]\nbytes = \n", "file.toml")),
			"file.toml:2"));
	assert_true(has(ERROR_OF(config_apply_text(c, "[memory.bytes]\n", "f")), "must be bytes"));
	assert_true(has(ERROR_OF(config_apply_text(c, "clock = 1\n", "f")), "unknown key 'clock'"));
	assert_true(has(ERROR_OF(config_load("bsae")), "did you mean 'base'"));
	assert_true(has(ERROR_OF(config_load("/nonexistent/x.toml")), "can't read /nonexistent"));
	assert_true(has(ERROR_OF(config_load("/")), "can't read /: Is a directory"));
	/* An empty file changes nothing. */
	assert_true(config_text(config_load("/dev/null")) == config_text(config()));
	assert_true(has(ERROR_OF(c.memory.bytes = 3 << 20; config_check(c)), "power of two"));
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(base_is_the_default),
		cmocka_unit_test(presets_are_complete),
		cmocka_unit_test(text_is_read),
		cmocka_unit_test(overrides),
		cmocka_unit_test(section_presets),
		cmocka_unit_test(section_presets_as_cards),
		cmocka_unit_test(section_errors),
		cmocka_unit_test(errors_name_what_is_wrong),
	};

	return SIM_RUN(tests);
}
