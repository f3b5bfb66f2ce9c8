// SPDX-License-Identifier: Apache-2.0
/*
 * Time of memory and link, through their TLM sockets: latency, bandwidth, two
 * directions, and what happens where nothing is.
 */
#include "sim_cmocka.h"

#include <cstring>

#include <sys/mman.h>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <unistd.h>

#include "link/link.h"
#include "memory/memory.h"
#include "platform/burst.h"
#include "platform/config.h"

using namespace tern;

struct master : sc_core::sc_module {
	tlm_utils::simple_initiator_socket<master, 512> memory, host;

	explicit master(const sc_core::sc_module_name &name)
		: sc_module(name), memory("memory"), host("host")
	{
	}
};

static master *initiator;
static memory *card_memory;
static tern::link *pcie;
static tlm::tlm_response_status status;

/* Times of a burst that is asked for at now_ps, from then on. */
template <typename socket>
static beat_times burst(socket &to, tlm::tlm_command command, std::uint64_t address, unsigned bytes,
			std::uint64_t now_ps, std::uint8_t *data = nullptr)
{
	static std::uint8_t scratch[4096];
	auto *timing = new burst_timing;	/* belongs to the payload */
	tlm::tlm_generic_payload payload;
	sc_core::sc_time delay = from_ps(now_ps);

	payload.set_extension(timing);
	payload.set_command(command);
	payload.set_address(address);
	payload.set_data_ptr(data ? data : scratch);
	payload.set_data_length(bytes);
	payload.set_streaming_width(bytes);
	payload.set_byte_enable_length(0);
	to->b_transport(payload, delay);
	status = payload.get_response_status();

	beat_times times = timing->times;

	assert_true(times.last_ps == to_ps(delay));
	times.first_ps -= now_ps;
	times.last_ps -= now_ps;
	return times;
}

static constexpr auto rd = tlm::TLM_READ_COMMAND;
static constexpr auto wr = tlm::TLM_WRITE_COMMAND;

/* base: 64 bytes a cycle of 1000 ps, 60 cycles of latency */
static void memory_latency_and_bandwidth(void **)
{
	beat_times t = burst(initiator->memory, rd, 0, 4096, 1'000'000);

	assert_true(status == tlm::TLM_OK_RESPONSE);
	assert_int_equal(t.first_ps, 61'000);
	assert_int_equal(t.interval_ps, 1000);
	assert_int_equal(t.last_ps, 60'000 + 64'000);
	/* The next one follows without a gap, however early it asks. */
	t = burst(initiator->memory, rd, 4096, 4096, 1'001'000);
	assert_int_equal(t.first_ps, 60'000 + 64'000 - 1000 + 1000);
	assert_int_equal(t.last_ps, 60'000 + 128'000 - 1000);
	/* Long after, there is only the latency. */
	t = burst(initiator->memory, wr, 0, 64, 9'000'000);
	assert_int_equal(t.last_ps, 61'000);
}

static void memory_holds_what_is_written(void **)
{
	std::uint8_t data[256], back[256] = {};

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = i ^ 0x5a;
	burst(initiator->memory, wr, 0x8000, sizeof(data), 20'000'000, data);
	burst(initiator->memory, rd, 0x8000, sizeof(back), 21'000'000, back);
	assert_memory_equal(data, back, sizeof(data));
	assert_true(card_memory->resident_bytes() <= 1 << 20);
	card_memory->clear();
	assert_int_equal(card_memory->resident_bytes(), 0);
	burst(initiator->memory, rd, 0x8000, sizeof(back), 22'000'000, back);
	for (std::uint8_t byte : back)
		assert_int_equal(byte, 0);
}

static void memory_ends_somewhere(void **)
{
	const std::uint64_t end = config().memory.bytes;

	burst(initiator->memory, rd, end - 64, 64, 30'000'000);
	assert_true(status == tlm::TLM_OK_RESPONSE);
	burst(initiator->memory, rd, end, 64, 30'000'000);
	assert_true(status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
	burst(initiator->memory, wr, end - 64, 128, 30'000'000);
	assert_true(status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
	burst(initiator->memory, wr, UINT64_MAX - 63, 64, 30'000'000);
	assert_true(status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
	assert_int_equal(card_memory->stats.errors, 3);
}

/* base: 16 bytes a ns, 400 ns to read, 200 ns to write */
static void link_time(void **)
{
	int fd = memfd_create("timing-test", MFD_CLOEXEC);
	beat_times t;

	assert_int_equal(ftruncate(fd, 0x10000), 0);
	assert_int_equal(pcie->table().map(0x10000, 0x10000, fd, 0, true, true), 0);
	close(fd);

	/* Bus mastering is off after power-on. */
	burst(initiator->host, rd, 0x10000, 64, 40'000'000);
	assert_true(status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
	pcie->set_bus_master(true);

	t = burst(initiator->host, rd, 0x10000, 1024, 50'000'000);
	assert_true(status == tlm::TLM_OK_RESPONSE);
	assert_int_equal(t.first_ps, 404'000);
	assert_int_equal(t.interval_ps, 4000);
	assert_int_equal(t.last_ps, 400'000 + 16 * 4000);
	/* The other direction is free meanwhile. */
	t = burst(initiator->host, wr, 0x10000, 64, 50'000'000);
	assert_int_equal(t.last_ps, 4000 + 200'000);
	t = burst(initiator->host, wr, 0x10000, 64, 50'000'000);
	assert_int_equal(t.last_ps, 8000 + 200'000);
}

static void link_errors(void **)
{
	const std::uint64_t before = pcie->stats.errors;

	burst(initiator->host, rd, 0x20000, 64, 60'000'000);
	assert_true(status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
	burst(initiator->host, wr, 0x1ffc0, 128, 60'000'000);
	assert_true(status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
	assert_int_equal(pcie->stats.errors, before + 2);
	burst(initiator->host, rd, 0x1ffc0, 64, 60'000'000);
	assert_true(status == tlm::TLM_OK_RESPONSE);
}

int sc_main(int, char **)
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(memory_latency_and_bandwidth),
		cmocka_unit_test(memory_holds_what_is_written),
		cmocka_unit_test(memory_ends_somewhere),
		cmocka_unit_test(link_time),
		cmocka_unit_test(link_errors),
	};
	const config config = config_load("base");
	master m("master");
	memory d("memory", config);
	tern::link l("link", config);

	initiator = &m;
	card_memory = &d;
	pcie = &l;
	m.memory.bind(d.port);
	m.host.bind(l.port);
	sc_core::sc_start(sc_core::SC_ZERO_TIME);
	return SIM_RUN(tests);
}

int main(int argc, char **argv)
{
	setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
	return sc_core::sc_elab_and_sim(argc, argv);
}
