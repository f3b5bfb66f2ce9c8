// SPDX-License-Identifier: Apache-2.0
/*
 * Jobs through the whole simulator: rings in shared memory, doorbells over the
 * socket, completions and interrupts back; and what becomes of it all when memory is
 * not mapped, the device is reset, or the client dies in the middle.
 *
 * Golden GEMMs come from tests/vectors; everything compares for equality.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <cmocka.h>

#include "sim_fixture.h"
#include "tern_abi.h"
#include "vectors.h"

#define CONFIG		VFIO_PCI_CONFIG_REGION_INDEX
#define SHARED		0x40000000ull	/* bus address of the shared memory */
#define SHARED_BYTES	(16u << 20)
#define SQ		0x0000u		/* in it */
#define CQ		0x1000u
#define DATA		0x10000u
#define RING_LOG2	4
#define RING		(1u << RING_LOG2)
#define UNMAPPED	0x7f0000000ull
#define JOB_TIMEOUT_MS	20000

static uint8_t *shared;
static int irq = -1;
static unsigned int tail, head;		/* entries pushed and completions taken, ever */
static unsigned int queue;

static uint64_t bus(uint32_t offset)
{
	return SHARED + offset;
}

static uint32_t qreg(uint32_t reg)
{
	return TERN_QUEUE_BASE + queue * TERN_QUEUE_STRIDE + reg;
}

static void config_write(uint32_t offset, uint16_t value)
{
	assert_int_equal(sim_write(client, CONFIG, offset, &value, 2), 0);
}

static void queue_on(unsigned int number)
{
	queue = number;
	tail = 0;
	head = 0;
	memset(shared + CQ, 0, RING * TERN_ENTRY_BYTES);
	sim_set(client, qreg(TERN_QREG_SQ_BASE_LO), bus(SQ) & 0xffffffff);
	sim_set(client, qreg(TERN_QREG_SQ_BASE_HI), bus(SQ) >> 32);
	sim_set(client, qreg(TERN_QREG_CQ_BASE_LO), bus(CQ) & 0xffffffff);
	sim_set(client, qreg(TERN_QREG_CQ_BASE_HI), bus(CQ) >> 32);
	sim_set(client, qreg(TERN_QREG_SIZE), RING_LOG2);
	sim_set(client, qreg(TERN_QREG_CTRL), TERN_Q_CTRL_ENABLE_MASK | TERN_Q_CTRL_IRQ_MASK);
	sim_set(client, TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
}

static int setup(void **state)
{
	(void)state;
	client = sim_session(&sim);
	shared = sim_share(client, SHARED, SHARED_BYTES);
	irq = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	config_write(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	assert_int_equal(sim_set_irqs(client, VFIO_IRQ_SET_DATA_EVENTFD |
				      VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_MSIX_IRQ_INDEX, 1, 1,
				      NULL, 0, &irq, 1), 0);
	queue_on(1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	munmap(shared, SHARED_BYTES);
	close(irq);
	close(client);
	assert_true(sim_alive(&sim));
	return 0;
}

static void push(const struct tern_hw_command *command)
{
	memcpy(shared + SQ + tail++ % RING * TERN_ENTRY_BYTES, command, sizeof(*command));
}

static void ring_doorbell(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
	sim_set(client, TERN_QUEUE_DOORBELL_BASE + queue * TERN_QUEUE_DOORBELL_STRIDE, tail % RING);
}

static bool completed(void)
{
	const uint8_t *phase = shared + CQ + head % RING * TERN_ENTRY_BYTES +
			       offsetof(struct tern_hw_completion, phase);

	return (__atomic_load_n(phase, __ATOMIC_ACQUIRE) & 1) == !(head / RING & 1);
}

static struct tern_hw_completion completion(void)
{
	struct tern_hw_completion done;
	struct timespec pause = { 0, 200000 };

	for (unsigned int i = 0; !completed(); i++) {
		assert_true(i < JOB_TIMEOUT_MS * 5);
		nanosleep(&pause, NULL);
	}
	memcpy(&done, shared + CQ + head++ % RING * TERN_ENTRY_BYTES, sizeof(done));
	sim_set(client, TERN_QUEUE_DOORBELL_BASE + queue * TERN_QUEUE_DOORBELL_STRIDE + 4,
		head % RING);
	return done;
}

static struct tern_hw_completion run(const struct tern_hw_command *command)
{
	push(command);
	ring_doorbell();
	return completion();
}

static struct tern_hw_command copy(uint8_t from, uint64_t src, uint8_t to, uint64_t dst,
				   uint64_t bytes)
{
	return (struct tern_hw_command){
		.opcode = TERN_HW_OP_COPY,
		.flags = TERN_COMMAND_FLAG_IRQ,
		.id = 0x1234,
		.src_space = from,
		.dst_space = to,
		.src = src,
		.dst = dst,
		.length = bytes,
	};
}

static bool interrupted(int timeout_ms)
{
	struct pollfd fd = { irq, POLLIN, 0 };
	uint64_t count;

	return poll(&fd, 1, timeout_ms) == 1 && read(irq, &count, sizeof(count)) == sizeof(count);
}

/* ---------------------------------------------------------------- jobs */

static void nop_completes(void **state)
{
	const struct tern_hw_command nop = { .opcode = TERN_HW_OP_NOP, .id = 77, .flags = 1 };
	struct tern_hw_completion done;

	(void)state;
	/* More than once round the ring: the phase changes. */
	for (unsigned int i = 0; i < 3 * RING + 1; i++) {
		done = run(&nop);
		assert_int_equal(done.status, TERN_STATUS_OK);
		assert_int_equal(done.id, 77);
		assert_true(interrupted(JOB_TIMEOUT_MS));
	}
	assert_false(interrupted(0));
}

static void copies_go_everywhere(void **state)
{
	static const uint32_t sizes[] = { 1, 63, 64, 65, 4096, 100000, 1 << 20 };
	struct tern_hw_command command;

	(void)state;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const uint32_t bytes = sizes[i];
		uint8_t *from = shared + DATA, *to = shared + DATA + (2 << 20);

		for (uint32_t j = 0; j < bytes; j++)
			from[j] = j * 2654435761u >> 21;
		memset(to, 0xee, bytes + 64);
		command = copy(TERN_SPACE_HOST, bus(DATA), TERN_SPACE_MEM, 0x100000, bytes);
		assert_int_equal(run(&command).status, TERN_STATUS_OK);
		command = copy(TERN_SPACE_MEM, 0x100000, TERN_SPACE_MEM, 0x400000, bytes);
		assert_int_equal(run(&command).status, TERN_STATUS_OK);
		command = copy(TERN_SPACE_MEM, 0x400000, TERN_SPACE_HOST, bus(DATA + (2 << 20)),
			       bytes);
		assert_int_equal(run(&command).status, TERN_STATUS_OK);
		assert_memory_equal(from, to, bytes);
		/* and not a byte more */
		for (unsigned int j = 0; j < 64; j++)
			assert_int_equal(to[bytes + j], 0xee);
	}
}

static void gemms_are_exact(void **state)
{
	FILE *file = fopen(TERN_VECTORS_FILE, "re");
	struct tern_vector v;
	unsigned int count = 0;

	(void)state;
	assert_non_null(file);
	while (tern_vector_read(file, &v) == 1) {
		const uint32_t x_stride = (v.k + 63) / 64 * 64, y_stride = (4 * v.n + 63) / 64 * 64;
		const uint32_t y_at = DATA + (4 << 20);
		const struct tern_hw_command gemm = {
			.opcode = TERN_HW_OP_GEMM,
			.id = count,
			.src_space = TERN_SPACE_HOST,
			.dst_space = TERN_SPACE_HOST,
			.packing = TERN_PACKING_P2,
			.src = bus(DATA),
			.dst = bus(y_at),
			.weights = 0x10000,
			.n = v.n,
			.k = v.k,
			.t = v.t,
			.src_stride = x_stride,
			.dst_stride = y_stride,
		};
		struct tern_hw_completion done;

		for (size_t at = 0; at < v.n * v.row_bytes; at += 1 << 20) {
			const size_t left = v.n * v.row_bytes - at;

			assert_int_equal(sim_write(client, 4, 0x10000 + at, v.p2 + at,
						   left < 1 << 20 ? left : 1 << 20), 0);
		}
		memset(shared + y_at, 0xa5, v.t * y_stride);
		for (uint32_t t = 0; t < v.t; t++)
			memcpy(shared + DATA + t * x_stride, v.x + (size_t)t * v.k, v.k);
		done = run(&gemm);
		assert_int_equal(done.status, TERN_STATUS_OK);
		assert_int_equal(done.id, count);
		for (uint32_t t = 0; t < v.t; t++)
			assert_memory_equal(shared + y_at + t * y_stride, v.y + (size_t)t * v.n,
					    4 * v.n);
		tern_vector_free(&v);
		count++;
	}
	fclose(file);
	assert_true(count > 0);
	print_message("# %u golden GEMMs\n", count);
}

/* Many jobs of one queue pass a long one of another. */
static void queues_pass_each_other(void **state)
{
	static const uint32_t small = 150, small_log2 = 8;
	const uint32_t sq = DATA, cq = DATA + 0x10000;
	const uint32_t x_at = DATA + (1 << 20), y_at = DATA + (4 << 20);
	const uint32_t n = 1280, k = 2560, t = 64;
	const struct tern_hw_command weights = {
		.opcode = TERN_HW_OP_FILL,
		.dst_space = TERN_SPACE_MEM,
		.dst = 0x10000,
		.length = n * k / 4,
		.pattern = 0xffffffff,	/* both planes: -1 */
	};
	const struct tern_hw_command gemm = {
		.opcode = TERN_HW_OP_GEMM,
		.src_space = TERN_SPACE_HOST,
		.dst_space = TERN_SPACE_HOST,
		.packing = TERN_PACKING_P2,
		.src = bus(x_at),
		.dst = bus(y_at),
		.weights = weights.dst,
		.n = n,
		.k = k,
		.t = t,
		.src_stride = k,
		.dst_stride = 4 * n,
	};
	/* Of the last completion: its phase. */
	const uint8_t *last = shared + cq + small * TERN_ENTRY_BYTES - 1;
	struct tern_hw_completion done;

	(void)state;
	assert_int_equal(run(&weights).status, TERN_STATUS_OK);
	memset(shared + x_at, 3, k * t);
	memset(shared + y_at, 0xa5, 4 * n * t);
	memset(shared + cq, 0, TERN_ENTRY_BYTES << small_log2);
	for (uint32_t i = 0; i < small; i++) {
		const struct tern_hw_command command = {
			.opcode = TERN_HW_OP_NOP,
			.id = i,
		};

		memcpy(shared + sq + i * TERN_ENTRY_BYTES, &command, sizeof(command));
	}
	/* All are there when the first one is fetched. */
	sim_set(client, TERN_REG_CTRL, 0);
	push(&gemm);
	ring_doorbell();
	queue = 0;
	sim_set(client, qreg(TERN_QREG_SQ_BASE_LO), bus(sq) & 0xffffffff);
	sim_set(client, qreg(TERN_QREG_SQ_BASE_HI), bus(sq) >> 32);
	sim_set(client, qreg(TERN_QREG_CQ_BASE_LO), bus(cq) & 0xffffffff);
	sim_set(client, qreg(TERN_QREG_CQ_BASE_HI), bus(cq) >> 32);
	sim_set(client, qreg(TERN_QREG_SIZE), small_log2);
	sim_set(client, qreg(TERN_QREG_CTRL), TERN_Q_CTRL_ENABLE_MASK);
	sim_set(client, TERN_QUEUE_DOORBELL_BASE, small);
	sim_set(client, TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
	queue = 1;
	assert_int_equal(completion().status, TERN_STATUS_OK);
	for (uint32_t i = 0; i < n * t; i++)
		assert_int_equal(((int32_t *)(shared + y_at))[i], -3 * (int32_t)k);
	for (uint32_t waits = 0; !__atomic_load_n(last, __ATOMIC_ACQUIRE); waits++) {
		assert_true(waits < JOB_TIMEOUT_MS);
		usleep(1000);
	}
	for (uint32_t i = 0; i < small; i++) {
		memcpy(&done, shared + cq + i * TERN_ENTRY_BYTES, sizeof(done));
		assert_int_equal(done.phase & 1, 1);
		assert_int_equal(done.id, i);
		assert_int_equal(done.status, TERN_STATUS_OK);
	}
}

/* ---------------------------------------------------------------- errors */

static void unmapped_memory_is_an_error(void **state)
{
	struct tern_hw_command command;

	(void)state;
	command = copy(TERN_SPACE_HOST, UNMAPPED, TERN_SPACE_MEM, 0, 4096);
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	assert_true(interrupted(JOB_TIMEOUT_MS));
	command = copy(TERN_SPACE_MEM, 0, TERN_SPACE_HOST, UNMAPPED, 4096);
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	/* half of it is there */
	command = copy(TERN_SPACE_MEM, 0, TERN_SPACE_HOST, SHARED + SHARED_BYTES - 4096, 8192);
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	command = (struct tern_hw_command){
		.opcode = TERN_HW_OP_GEMM,
		.src_space = TERN_SPACE_HOST,
		.dst_space = TERN_SPACE_HOST,
		.src = UNMAPPED,
		.dst = bus(DATA),
		.n = 64,
		.k = 2560,
		.t = 4,
		.src_stride = 2560,
		.dst_stride = 256,
	};
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	command.src = bus(DATA);
	command.dst = UNMAPPED;
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	/* The next one is none the worse for it. */
	command.dst = bus(DATA + 0x10000);
	assert_int_equal(run(&command).status, TERN_STATUS_OK);
	assert_true(sim_logged(&sim, "0x7f0000000 is not mapped"));
}

/* The file is there, and becomes shorter behind the simulator's back: bus errors, no SIGBUS. */
static void memory_that_is_truncated(void **state)
{
	const uint64_t at = 0x80000000, bytes = 1 << 20;
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFU_DMA_READABLE | VFU_DMA_WRITEABLE,
		.address = at,
		.size = bytes,
	};
	int file = memfd_create("sim-test", MFD_CLOEXEC);
	struct tern_hw_command command;
	uint32_t error = 0;

	(void)state;
	/* Of the errors of one second only the first ones are logged. */
	sleep(1);
	assert_int_equal(ftruncate(file, (off_t)bytes), 0);
	assert_int_equal(sim_call(client, VFU_DMA_MAP, &map, sizeof(map), &file, 1, NULL, NULL,
				  NULL), 0);
	assert_int_equal(ftruncate(file, 0), 0);
	command = copy(TERN_SPACE_HOST, at, TERN_SPACE_MEM, 0, 65536);
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	command = copy(TERN_SPACE_MEM, 0, TERN_SPACE_HOST, at, 65536);
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	command = copy(TERN_SPACE_MEM, 0, TERN_SPACE_HOST, at + 4096, 1);
	assert_int_equal(run(&command).status, TERN_STATUS_HOST_ERROR);
	/* in the middle of a job */
	assert_int_equal(ftruncate(file, (off_t)bytes), 0);
	command = copy(TERN_SPACE_HOST, at, TERN_SPACE_MEM, 0, bytes);
	push(&command);
	ring_doorbell();
	assert_int_equal(ftruncate(file, (off_t)bytes - 4096), 0);
	assert_int_equal(completion().status, TERN_STATUS_HOST_ERROR);
	assert_true(sim_logged(&sim, "became shorter"));

	/* rings in it; the jobs that failed are an error of their own */
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(sim_get(client, TERN_REG_ERROR), TERN_ERROR_JOB_MASK);
	sim_set(client, TERN_REG_ERROR, TERN_ERROR_JOB_MASK);
	sim_set(client, qreg(TERN_QREG_CTRL), 0);
	sim_set(client, qreg(TERN_QREG_SQ_BASE_LO), at);
	sim_set(client, qreg(TERN_QREG_SQ_BASE_HI), at >> 32);
	sim_set(client, qreg(TERN_QREG_CTRL), TERN_Q_CTRL_ENABLE_MASK);
	tail = 1;
	ring_doorbell();
	for (unsigned int i = 0; !error && i < 10000; i++)
		error = sim_get(client, TERN_REG_ERROR);
	assert_int_equal(error, TERN_ERROR_FETCH_MASK);
	close(file);
}

static void memory_is_unmapped_in_mid_job(void **state)
{
	struct tern_hw_command command = copy(TERN_SPACE_MEM, 0, TERN_SPACE_HOST, 0, 8 << 20);
	struct vfu_dma_unmap unmap = { sizeof(unmap), 0, 0x80000000, 16 << 20 };
	uint8_t *other = sim_share(client, unmap.address, unmap.size);

	(void)state;
	command.dst = unmap.address;
	push(&command);
	ring_doorbell();
	assert_int_equal(sim_say(client, VFU_DMA_UNMAP, &unmap, sizeof(unmap)), 0);
	assert_int_equal(completion().status, TERN_STATUS_HOST_ERROR);
	munmap(other, unmap.size);
}

static void device_memory_has_an_end(void **state)
{
	struct tern_hw_command command;

	(void)state;
	command = copy(TERN_SPACE_MEM, 256 << 20, TERN_SPACE_HOST, bus(DATA), 64);
	assert_int_equal(run(&command).status, TERN_STATUS_RANGE);
	command = copy(TERN_SPACE_HOST, bus(DATA), TERN_SPACE_MEM, (256 << 20) - 64, 128);
	assert_int_equal(run(&command).status, TERN_STATUS_RANGE);
}

static void rings_that_are_not_mapped(void **state)
{
	uint32_t error = 0;

	(void)state;
	sim_set(client, qreg(TERN_QREG_CTRL), 0);
	sim_set(client, qreg(TERN_QREG_SQ_BASE_LO), 0x55550000);
	sim_set(client, qreg(TERN_QREG_CTRL), TERN_Q_CTRL_ENABLE_MASK);
	tail = 1;
	ring_doorbell();
	for (unsigned int i = 0; !error && i < 10000; i++)
		error = sim_get(client, TERN_REG_ERROR);
	assert_int_equal(error, TERN_ERROR_FETCH_MASK);
	assert_int_equal(sim_get(client, TERN_REG_ERROR_QUEUE), 1);
	assert_int_equal(sim_get(client, TERN_REG_ERROR_ADDR_LO), 0x55550000);
	assert_true(sim_get(client, qreg(TERN_QREG_STATUS)) & TERN_Q_STATUS_STOPPED_MASK);
}

static void bus_mastering_is_asked_for(void **state)
{
	struct tern_hw_command command = { .opcode = TERN_HW_OP_NOP };
	uint32_t error = 0;

	(void)state;
	config_write(PCI_COMMAND, PCI_COMMAND_MEMORY);
	push(&command);
	ring_doorbell();
	for (unsigned int i = 0; !error && i < 10000; i++)
		error = sim_get(client, TERN_REG_ERROR);
	assert_int_equal(error, TERN_ERROR_FETCH_MASK);
}

/* ---------------------------------------------------------------- resets */

/* A job of some 10 ms of the host's time, and proof that it has begun. */
static void start_long_job(void)
{
	const struct tern_hw_command command = copy(TERN_SPACE_HOST, bus(DATA), TERN_SPACE_MEM,
						    0x2000000, 8 << 20);

	push(&command);
	ring_doorbell();
	while (!(sim_get(client, TERN_REG_STATUS) & TERN_STATUS_BUSY_MASK))
		assert_false(completed());
	assert_false(completed());
}

static void expect_as_new(void)
{
	const struct tern_hw_command nop = { .opcode = TERN_HW_OP_NOP, .id = 5 };

	assert_int_equal(sim_get(client, TERN_REG_CTRL), 0);
	assert_int_equal(sim_get(client, TERN_REG_STATUS), TERN_STATUS_READY_MASK);
	assert_int_equal(sim_get(client, qreg(TERN_QREG_SQ_BASE_LO)), 0);
	queue_on(queue);
	assert_int_equal(run(&nop).id, 5);
}

static void reset_in_mid_job(void **state)
{
	uint16_t value;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		start_long_job();
		assert_int_equal(sim_say(client, VFU_DEVICE_RESET, NULL, 0), 0);
		expect_as_new();
		assert_int_equal(sim_read(client, CONFIG, PCI_COMMAND, &value,
					  2), 0);
		assert_int_equal(value, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	}
}

static void flr_in_mid_job(void **state)
{
	uint8_t express;
	uint16_t value;

	(void)state;
	assert_int_equal(sim_read(client, CONFIG, PCI_CAPABILITY_LIST, &express,
				  1), 0);
	for (;;) {
		assert_int_equal(sim_read(client, CONFIG, express, &value, 2), 0);
		if ((value & 0xff) == PCI_CAP_ID_EXP)
			break;
		express = value >> 8;
		assert_int_not_equal(express, 0);
	}
	start_long_job();
	config_write(express + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
	/* An FLR clears the command register as well. */
	assert_int_equal(sim_read(client, CONFIG, PCI_COMMAND, &value, 2), 0);
	assert_int_equal(value, 0);
	config_write(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	expect_as_new();
}

static void soft_reset_in_mid_job(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		start_long_job();
		sim_set(client, TERN_REG_CTRL, TERN_CTRL_RESET_MASK);
		while (sim_get(client, TERN_REG_CTRL) & TERN_CTRL_RESET_MASK)
			;
		expect_as_new();
	}
}

static void clients_die_in_mid_job(void **state)
{
	for (unsigned int i = 0; i < 3; i++) {
		start_long_job();
		teardown(state);
		setup(state);
		assert_int_equal(sim_get(client, TERN_REG_COUNT_JOBS), 0);
		nop_completes(state);
	}
}

/* ---------------------------------------------------------------- time */

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return 1e6 * now.tv_sec + 1e-3 * now.tv_nsec;
}

static void round_trips_are_short(void **state)
{
	const struct tern_hw_command nop = { .opcode = TERN_HW_OP_NOP, .flags = 1 };
	double best = 1e9;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		double before = now_us();

		push(&nop);
		ring_doorbell();
		assert_true(interrupted(JOB_TIMEOUT_MS));
		if (now_us() - before < best)
			best = now_us() - before;
		assert_int_equal(completion().status, TERN_STATUS_OK);
	}
	print_message("# doorbell to interrupt: %.0f us at best\n", best);
	/* A busy machine is slower; this only catches a sleep in the way. */
	assert_true(best < 2000);
}

static void idle_costs_nothing(void **state)
{
	double before;

	nop_completes(state);
	before = sim_cpu_ms(&sim);
	sleep(1);
	assert_in_range((unsigned int)(sim_cpu_ms(&sim) - before), 0, 5);
}

#define JOB(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB(nop_completes),
		JOB(copies_go_everywhere),
		JOB(gemms_are_exact),
		JOB(queues_pass_each_other),
		JOB(unmapped_memory_is_an_error),
		JOB(memory_that_is_truncated),
		JOB(memory_is_unmapped_in_mid_job),
		JOB(device_memory_has_an_end),
		JOB(rings_that_are_not_mapped),
		JOB(bus_mastering_is_asked_for),
		JOB(reset_in_mid_job),
		JOB(flr_in_mid_job),
		JOB(soft_reset_in_mid_job),
		JOB(clients_die_in_mid_job),
		JOB(round_trips_are_short),
		JOB(idle_costs_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
