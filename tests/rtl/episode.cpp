// SPDX-License-Identifier: Apache-2.0
/*
 * Checked: every completion comes once, in its queue's order, with a status that
 * the command may have and the counters that follow from it; the interrupts
 * asked for and no others; the sums of the jobs' counters are the device's
 * totals; at rest both memories hold what the reference makes of the commands,
 * and nothing else was written.
 */
#include "episode.h"

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>

#include "commands.h"

std::string Seen::text() const
{
	char line[200];
	uint64_t jobs = 0, refused = 0, errors = 0;

	for (unsigned i = 0; i < 16; i++) {
		jobs += ended[i];
		refused += i && i < TERN_STATUS_MEM_ERROR ? ended[i] : 0;
		errors += i == TERN_STATUS_MEM_ERROR || i == TERN_STATUS_HOST_ERROR ? ended[i] : 0;
	}
	snprintf(line, sizeof(line),
		 "%" PRIu64 " jobs in %" PRIu64 " cycles, %" PRIu64 " refused, %" PRIu64
		 " met errors, %" PRIu64 " aborted of %" PRIu64 ", %" PRIu64 " queues stopped, %"
		 PRIu64 " resets", jobs, cycles, refused, errors, ended[TERN_STATUS_ABORTED], aborts,
		 stops, resets);
	return line;
}

/* High address bits are there to be used. */
static uint64_t somewhere(Random &rng)
{
	uint64_t addr = (uint64_t)rng.next() << 32 | rng.next();

	return (addr >> rng.below(40)) & ~0xfffull;
}

Episode::Episode(uint64_t seed, Seen &seen, const Options &options)
	: Episode(seed, seen, options, Random(seed))
{
}

Episode::Episode(uint64_t seed, Seen &seen, const Options &options, Random rng)
	: rng_(rng), seen_(seen), log_(options.log),
	  dut_(seed, Traffic::MEM_BYTES, Traffic::HOST_BYTES,
	       rng_.below(2) ? 0 : somewhere(rng_) / 2, 4096 + somewhere(rng_)),
	  device_(dut_), stuck_cycles_(400000000 / device_.lanes), traffic_(dut_, device_, rng_, rng_.percent(40)), shadow_(dut_)
{
	AxiMemory *memories[] = {&dut_.mem, &dut_.host};

	dut_.gated = options.gated;
	dut_.trace = options.trace;
	for (AxiMemory *m : memories) {
		m->latency = 1 + rng_.below(rng_.percent(50) ? 20 : 150);
		m->jitter = rng_.percent(50) ? 0 : rng_.below(100);
		m->idle_percent = rng_.percent(50) ? 0 : rng_.below(60);
		m->late = rng_.percent(50);
	}
	dut_.device_on();
	for (unsigned q = 0; q < device_.queues; q++) {
		/* Often few queues, so that one alone has the device. */
		queues_[q].left = rng_.percent(70) ? rng_.below(60) : 0;
		start(q);
	}
}

void Episode::fail(const char *format, ...)
{
	char text[300];
	va_list args;

	if (!wrong_.empty())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	wrong_ = text;
}

void Episode::log(const char *what, unsigned q, const tern_hw_command &cmd)
{
	static const char *const names[] = {"NOP", "COPY", "FILL", "GEMM", "BARRIER"};

	fprintf(stderr, "# %8" PRIu64 " queue %u: %s id %u %s", dut_.now, q, what, cmd.id,
		cmd.opcode < 5 ? names[cmd.opcode] : "?");
	if (cmd.opcode == TERN_HW_OP_GEMM)
		fprintf(stderr, " N %u K %u T %u packing %u W 0x%llx strides %u %u", cmd.n, cmd.k, cmd.t,
			cmd.packing, cmd.weights, cmd.src_stride, cmd.dst_stride);
	fprintf(stderr, " %s 0x%llx -> %s 0x%llx, %llu bytes\n", cmd.src_space ? "host" : "mem",
		cmd.src, cmd.dst_space ? "host" : "mem", cmd.dst, cmd.length);
}

uint32_t Episode::qreg(unsigned q, uint32_t reg)
{
	return dut_.reg_read(TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE + reg);
}

bool Episode::open() const
{
	for (auto &u : queues_)
		if (!u.open.empty())
			return true;
	return false;
}

bool Episode::over() const
{
	for (auto &u : queues_)
		if (u.left)
			return false;
	return !open();
}

void Episode::start(unsigned q)
{
	Queue &u = queues_[q];

	u.log2 = 1 + rng_.below(Traffic::LOG2_MAX);
	u.tail = u.head = 0;
	u.irq = rng_.percent(70);
	dut_.queue_on(q, u.log2, traffic_.sq(q), traffic_.cq(q), u.irq);
	shadow_.wrote(TERN_SPACE_HOST, traffic_.cq(q), (size_t)TERN_ENTRY_BYTES << u.log2);
}

void Episode::submit(unsigned q)
{
	Queue &u = queues_[q];
	Job job = traffic_.next(q, u.next_id++);

	if (log_)
		log("put", q, job.cmd);
	dut_.put(q, job.cmd);
	shadow_.wrote(TERN_SPACE_HOST, traffic_.sq(q) + u.tail * TERN_ENTRY_BYTES, TERN_ENTRY_BYTES);
	u.tail = (u.tail + 1) & ((1u << u.log2) - 1);
	u.open.push_back(job);
	u.left--;
	progress_ = dut_.now;
}

/* A block of rows at a time; two streams share it in parts of whole words of 16 results. */
uint64_t Episode::array_cycles(const Job &job) const
{
	const tern_hw_command &cmd = job.cmd;
	unsigned lanes = device_.lanes / device_.streams;
	uint64_t passes = (cmd.t + device_.cols - 1) / device_.cols, rows = 0;

	for (uint32_t left = cmd.n; left;) {
		uint32_t block = std::min(left, device_.rows_tile);

		rows += device_.streams == 1 ? block : std::min(block, ((block + 1) / 2 + 15) & ~15u);
		left -= block;
	}
	return rows * ((cmd.k + lanes - 1) / lanes) * passes;
}

void Episode::check_gemm(const Job &job, const tern_hw_completion &cpl)
{
	const tern_hw_command &cmd = job.cmd;
	uint64_t passes = (cmd.t + device_.cols - 1) / device_.cols;
	uint64_t w_beats = job.cmd.n * (job.w->row_bytes / TERN_BEAT_BYTES) * passes;
	uint64_t x_beats = cmd.t * (((uint64_t)cmd.k + 63) / 64);
	uint64_t y_beats = cmd.t * (((uint64_t)cmd.n + 15) / 16);
	bool x_host = cmd.src_space == TERN_SPACE_HOST, y_host = cmd.dst_space == TERN_SPACE_HOST;

	/* Of weights that aren't, because what was to bring them failed, nothing can be said. */
	if (shadow_.weights_known(job)) {
		uint64_t adds = shadow_.nonzeros(job) * cmd.t;

		if (cpl.adds != adds ||
		    cpl.adds + cpl.adds_skipped != (uint64_t)cmd.n * cmd.k * cmd.t)
			fail("adds %llu and %llu, not %" PRIu64 " of N K T", cpl.adds,
			     cpl.adds_skipped, adds);
	}
	if (cpl.mem_read < w_beats + (x_host ? 0 : x_beats) || cpl.host_read < (x_host ? x_beats : 0) ||
	    (x_host && cpl.mem_read != w_beats) || (!x_host && cpl.host_read))
		fail("read %u and %u beats", cpl.mem_read, cpl.host_read);
	if (cpl.array != array_cycles(job))
		fail("array %u, not %" PRIu64, cpl.array, array_cycles(job));
	if (cpl.mem_written != (y_host ? 0 : y_beats) || cpl.host_written != (y_host ? y_beats : 0))
		fail("wrote %u and %u beats", cpl.mem_written, cpl.host_written);
}

void Episode::check(unsigned q, const Job &job, const tern_hw_completion &cpl)
{
	const tern_hw_command &cmd = job.cmd;
	uint64_t beats = (cmd.length + TERN_BEAT_BYTES - 1) / TERN_BEAT_BYTES;
	uint64_t moved[2][2] = {}; /* [space][written] */

	if (cpl.id != cmd.id)
		return fail("queue %u: completion of %u, not %u", q, cpl.id, cmd.id);
	if (cpl.status > 15 || !(job.statuses >> cpl.status & 1) || cpl.phase > 1)
		fail("status %u, not one of 0x%x; phase byte %u", cpl.status, job.statuses, cpl.phase);
	if (cpl.cycles != cpl.array + cpl.stall_weights + cpl.stall_activations + cpl.stall_results +
			     cpl.stall_commands + cpl.stall_link)
		fail("%u cycles, and the counters make %u", cpl.cycles,
		     cpl.array + cpl.stall_weights + cpl.stall_activations + cpl.stall_results +
		     cpl.stall_commands + cpl.stall_link);
	if (cpl.status == TERN_STATUS_OK && cmd.opcode == TERN_HW_OP_GEMM) {
		check_gemm(job, cpl);
	} else if (cpl.status < TERN_STATUS_MEM_ERROR) {
		if (cpl.status == TERN_STATUS_OK && cmd.opcode == TERN_HW_OP_COPY)
			moved[cmd.src_space][0] = beats;
		if (cpl.status == TERN_STATUS_OK && cmd.length)
			moved[cmd.dst_space][1] = beats;
		if (cpl.mem_read != moved[0][0] || cpl.mem_written != moved[0][1] ||
		    cpl.host_read != moved[1][0] || cpl.host_written != moved[1][1] ||
		    cpl.adds || cpl.adds_skipped || cpl.array)
			fail("beats that it has no use for");
	}
	if (!wrong_.empty())
		log("wrong", q, cmd);
}

void Episode::collect(unsigned q)
{
	Queue &u = queues_[q];
	tern_hw_completion cpl;

	while (wrong_.empty() && dut_.poll(q, cpl)) {
		if (u.open.empty())
			return fail("queue %u: completion of %u, which is not open", q, cpl.id);
		Job job = u.open.front();

		u.open.pop_front();
		if (log_) {
			log("done", q, job.cmd);
			fprintf(stderr, "#          status %u, cycles %u, array %u, stalls W %u X %u Y %u "
				"commands %u link %u\n", cpl.status, cpl.cycles, cpl.array,
				cpl.stall_weights, cpl.stall_activations, cpl.stall_results,
				cpl.stall_commands, cpl.stall_link);
		}
		check(q, job, cpl);
		shadow_.wrote(TERN_SPACE_HOST, traffic_.cq(q) + u.head * TERN_ENTRY_BYTES,
			      TERN_ENTRY_BYTES);
		u.head = (u.head + 1) & ((1u << u.log2) - 1);
		shadow_.ended(job, cpl.status);
		u.irqs += u.irq && (job.cmd.flags & TERN_COMMAND_FLAG_IRQ);
		seen_.ended[cpl.status & 15]++;
		if (cpl.status && !u.failed) {
			u.failed = true;
			u.first = (uint32_t)cpl.id << TERN_JOB_ERROR_ID_SHIFT |
				  (uint32_t)cpl.status << TERN_JOB_ERROR_STATUS_SHIFT |
				  q << TERN_JOB_ERROR_QUEUE_SHIFT;
		}
		jobs_++;
		sums_.cycles += cpl.cycles;
		sums_.array += cpl.array;
		sums_.mem_read += cpl.mem_read;
		sums_.mem_written += cpl.mem_written;
		sums_.host_read += cpl.host_read;
		sums_.host_written += cpl.host_written;
		progress_ = dut_.now;
	}
}

void Episode::abort_one(unsigned q)
{
	Queue &u = queues_[q];

	if (u.open.empty())
		return;
	Job &job = u.open[rng_.percent(60) ? 0 : rng_.below((uint32_t)u.open.size())];

	job.statuses |= 1u << TERN_STATUS_ABORTED;
	dut_.reg_write(TERN_REG_ABORT, TERN_ABORT_GO_MASK | q << TERN_ABORT_QUEUE_SHIFT |
		       (uint32_t)job.cmd.id << TERN_ABORT_ID_SHIFT);
	seen_.aborts++;
}

/* What was open will never complete, and an interrupt may have been on its way. */
void Episode::drop(unsigned q)
{
	Queue &u = queues_[q];

	collect(q);
	for (auto &job : u.open)
		shadow_.ended(job, TERN_STATUS_ABORTED);
	lost_ |= !u.open.empty();
	dropped_ |= !u.open.empty();
	u.open.clear();
	if (dut_.irqs[q] < u.irqs)
		u.irqs = dut_.irqs[q];
}

void Episode::stop(unsigned q)
{
	dut_.queue_off(q);
	for (uint64_t end = dut_.now + stuck_cycles_; dut_.now < end;) {
		if (!(qreg(q, TERN_QREG_STATUS) & TERN_Q_STATUS_BUSY_MASK)) {
			dut_.run(3);
			drop(q);
			start(q);
			seen_.stops++;
			return;
		}
		dut_.run(rng_.below(100));
	}
	fail("queue %u: turned off, and busy for ever", q);
}

void Episode::reset()
{
	dut_.reg_write(TERN_REG_CTRL, TERN_CTRL_RESET_MASK | TERN_CTRL_ENABLE_MASK);
	for (unsigned i = 0; i < 200 && (dut_.reg_read(TERN_REG_CTRL) & TERN_CTRL_RESET_MASK); i++)
		dut_.step();
	bool on = dut_.reg_read(TERN_REG_CTRL) != 0;

	dut_.run(4);
	if (on || dut_.busy() ||
	    dut_.reg_read64(TERN_REG_COUNT_CYCLES) != 0 || dut_.reg_read(TERN_REG_ERROR) != 0)
		fail("not as after reset");
	for (unsigned q = 0; q < device_.queues; q++) {
		if (qreg(q, TERN_QREG_CTRL) || qreg(q, TERN_QREG_SQ_HEAD) ||
		    qreg(q, TERN_QREG_CQ_TAIL) || qreg(q, TERN_QREG_STATUS))
			fail("queue %u is not as after reset", q);
		drop(q);
		start(q);
		queues_[q].failed = false;
	}
	/* What was open, or found only now, is not in totals that began anew. */
	sums_ = {};
	jobs_ = 0;
	lost_ = dropped_ = false;
	dut_.mem.reads = dut_.mem.writes = dut_.host.reads = dut_.host.writes = 0;
	dut_.device_on();
	seen_.resets++;
}

void Episode::disturb()
{
	unsigned q = rng_.below(device_.queues);

	switch (rng_.below(400)) {
	case 0:
		return stop(q);
	case 1:
		if (rng_.percent(30))
			reset();
		return;
	case 2:
	case 3:
	case 4:
		return abort_one(q);
	case 5:
		dut_.reg_write(TERN_REG_CTRL, 0);
		dut_.run(rng_.below(500));
		return dut_.device_on();
	}
}

/* Nothing is open: all is at rest, and as the reference says. */
void Episode::settle()
{
	std::string where;

	for (uint64_t end = dut_.now + 10000; dut_.busy() && dut_.now < end;)
		dut_.step();
	dut_.run(3);
	if (dut_.busy())
		return fail("nothing is open, and it is busy for ever");
	for (unsigned q = 0; q < device_.queues; q++) {
		tern_hw_completion cpl;

		if (dut_.irqs[q] != queues_[q].irqs)
			fail("queue %u: %" PRIu64 " interrupts, not %" PRIu64, q, dut_.irqs[q],
			     queues_[q].irqs);
		if (dut_.poll(q, cpl))
			fail("queue %u: a completion of nothing, id %u", q, cpl.id);
		if (qreg(q, TERN_QREG_STATUS))
			fail("queue %u: status 0x%x at rest", q, qreg(q, TERN_QREG_STATUS));
		if (qreg(q, TERN_QREG_SQ_HEAD) != queues_[q].tail ||
		    qreg(q, TERN_QREG_CQ_TAIL) != queues_[q].head)
			fail("queue %u: head %u and tail %u, not %u and %u", q,
			     qreg(q, TERN_QREG_SQ_HEAD), qreg(q, TERN_QREG_CQ_TAIL),
			     queues_[q].tail, queues_[q].head);
	}
	if (!shadow_.same(where))
		fail("%s", where.c_str());
	errors();
	totals();
}

/* ERROR and JOB_ERROR; of jobs in different queues either may have been the first. */
void Episode::errors()
{
	uint32_t error = dut_.reg_read(TERN_REG_ERROR), job = dut_.reg_read(TERN_REG_JOB_ERROR);
	bool any = false, known = false;

	for (auto &u : queues_) {
		any |= u.failed;
		known |= u.failed && u.first == job;
		u.failed = false;
	}
	if (!dropped_ && (error != (any ? TERN_ERROR_JOB_MASK : 0) || (any && !known)))
		fail("ERROR 0x%x, JOB_ERROR 0x%08x", error, job);
	dut_.reg_write(TERN_REG_ERROR, error);
	if (dut_.reg_read(TERN_REG_ERROR))
		fail("ERROR stays");
	dropped_ = false;
}

void Episode::totals()
{
	struct {
		const char *name;
		uint32_t reg;
		uint64_t want;
		bool exact;
	} const list[] = {
		{"jobs", TERN_REG_COUNT_JOBS, jobs_, true},
		{"cycles", TERN_REG_COUNT_CYCLES, sums_.cycles, false},
		{"array", TERN_REG_COUNT_ARRAY, sums_.array, !lost_},
		{"mem_read", TERN_REG_COUNT_MEM_READ, sums_.mem_read, !lost_},
		{"mem_written", TERN_REG_COUNT_MEM_WRITTEN, sums_.mem_written, !lost_},
		{"host_read", TERN_REG_COUNT_HOST_READ, sums_.host_read + jobs_, !lost_},
		{"host_written", TERN_REG_COUNT_HOST_WRITTEN, sums_.host_written + jobs_, !lost_},
		{"mem_read", TERN_REG_COUNT_MEM_READ, dut_.mem.reads, true},
		{"mem_written", TERN_REG_COUNT_MEM_WRITTEN, dut_.mem.writes, true},
		{"host_read", TERN_REG_COUNT_HOST_READ, dut_.host.reads, true},
		{"host_written", TERN_REG_COUNT_HOST_WRITTEN, dut_.host.writes, true},
	};

	for (auto &l : list) {
		uint64_t got = dut_.reg_read64(l.reg);

		if (l.exact ? got != l.want : got < l.want)
			fail("total %s: %" PRIu64 ", not %" PRIu64, l.name, got, l.want);
	}
}

void Episode::dump()
{
	fprintf(stderr, "# cycle %" PRIu64 ", STATUS %x, ERROR %x, counts: jobs %" PRIu64 " array %"
		PRIu64 " stalls W %" PRIu64 " X %" PRIu64 " Y %" PRIu64 "\n", dut_.now,
		dut_.reg_read(TERN_REG_STATUS), dut_.reg_read(TERN_REG_ERROR),
		dut_.reg_read64(TERN_REG_COUNT_JOBS), dut_.reg_read64(TERN_REG_COUNT_ARRAY),
		dut_.reg_read64(TERN_REG_COUNT_STALL_WEIGHTS),
		dut_.reg_read64(TERN_REG_COUNT_STALL_ACTIVATIONS),
		dut_.reg_read64(TERN_REG_COUNT_STALL_RESULTS));
	for (unsigned q = 0; q < device_.queues; q++) {
		if (queues_[q].open.empty())
			continue;
		fprintf(stderr, "# queue %u: status %x, sq %u..%u, cq %u..%u, %zu open\n", q,
			qreg(q, TERN_QREG_STATUS), qreg(q, TERN_QREG_SQ_HEAD),
			qreg(q, TERN_QREG_SQ_TAIL), qreg(q, TERN_QREG_CQ_HEAD),
			qreg(q, TERN_QREG_CQ_TAIL), queues_[q].open.size());
		log("first", q, queues_[q].open.front().cmd);
	}
}

std::string Episode::run()
{
	progress_ = dut_.now;
	while (wrong_.empty() && !over()) {
		unsigned q = rng_.below(device_.queues);
		bool rung = false;

		while (queues_[q].left && dut_.room(q) && rng_.percent(75)) {
			submit(q);
			rung |= rng_.percent(50);
			if (rung && rng_.percent(50))
				dut_.ring(q);
		}
		/* Sometimes nobody says that there is more, until later. */
		if (rung || rng_.percent(40))
			dut_.ring(q);
		dut_.run(rng_.below(rng_.percent(80) ? 60 : 1500));
		disturb();
		q = rng_.below(device_.queues);
		collect(q);
		if (rng_.percent(60))
			dut_.give_back(q);
		if (!open()) {
			settle();
			progress_ = dut_.now;
		}
		if (dut_.now - progress_ > stuck_cycles_)
			fail("stuck: nothing completed for %" PRIu64 " cycles", stuck_cycles_);
	}
	for (auto *m : {&dut_.mem, &dut_.host})
		if (!m->broken.empty())
			fail("%s", m->broken.c_str());
	if (!wrong_.empty())
		dump();
	seen_.cycles += dut_.now;
	return wrong_;
}
