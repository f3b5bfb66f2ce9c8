// SPDX-License-Identifier: Apache-2.0
/*
 * The fuzzer's target: one input is one session (session.h), said to the real server,
 * endpoint, link and memory over a real socket, with faults on demand. The device is a
 * stand-in or, with TERN_FUZZ_BODY=model, the simulator's model of it. After each session
 * the card must be as new.
 */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device/model/model_device.h"
#include "link/host_copy.h"
#include "link/link.h"
#include "memory/memory.h"
#include "platform/endpoint.h"
#include "platform/log.h"
#include "session.h"
#include "stand_in.h"
#include "tern_abi.h"

using namespace tern;

/* With few of them a session is over before it opens enough files to be refused one. */
static constexpr std::size_t max_steps = 512;
static constexpr unsigned sessions_a_census = 64;
/*
 * Of the model after each message: a client that gives it days of work does not get them.
 * Enough for some dozen commands.
 */
static constexpr std::uint64_t cycles_a_message = 20000;

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			std::fprintf(stderr, "after a session: not so: %s\n", #condition); \
			std::abort(); \
		} \
	} while (0)

namespace {

std::unique_ptr<device> make_body(const config &config)
{
	const char *const body = std::getenv("TERN_FUZZ_BODY");

	if (!body || !std::strcmp(body, "stand-in"))
		return std::make_unique<stand_in>("device");
	if (!std::strcmp(body, "model"))
		return make_model_device("device", config);
	std::fprintf(stderr, "TERN_FUZZ_BODY=%s: stand-in or model\n", body);
	std::exit(2);
}

/*
 * SystemC has started the body's process on a stack of its own, and the address sanitizer
 * takes that for this thread's from then on: it would see errors where an exception passes.
 */
void back_on_main_stack()
{
	pthread_attr_t attributes;
	void *bottom, *fake = nullptr;
	std::size_t bytes;

	MUST(!pthread_getattr_np(pthread_self(), &attributes));
	MUST(!pthread_attr_getstack(&attributes, &bottom, &bytes));
	pthread_attr_destroy(&attributes);
	__sanitizer_start_switch_fiber(&fake, bottom, bytes);
	__sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
}

struct card_under_test {
	class faults faults;
	class memory memory;
	class link link;
	std::unique_ptr<class device> device;
	class endpoint endpoint;
	server *host_side;

	explicit card_under_test(const config &config)
		: memory("memory", config, faults), link("link", config, faults),
		  device(make_body(config)), endpoint("endpoint", *device, memory, link, faults)
	{
		endpoint.registers.bind(device->registers);
		device->host.bind(link.port);
		device->memory.bind(memory.port);
		device->interrupts.bind(endpoint.interrupts);
		sc_core::sc_start(sc_core::SC_ZERO_TIME);
		host_side = &endpoint.power_on();
		/* There is no process here that would let SystemC's time pass. */
		device->detach();
		back_on_main_stack();
	}

	/* What a turn of the simulator's own loop does besides listening. */
	void turn()
	{
		faults.run_due();
		if (device->busy())
			device->work(cycles_a_message);
	}
	void write_command(const std::uint8_t *data, std::size_t bytes);
	void load_fault(const std::uint8_t *data, std::size_t bytes);
};

/* Where the client itself would write it: into its own memory, without a message. */
void card_under_test::write_command(const std::uint8_t *data, std::size_t bytes)
{
	const unsigned queue = TERN_QUEUE_BASE + data[0] % TERN_QUEUES_MAX * TERN_QUEUE_STRIDE;
	const std::uint64_t ring =
		endpoint.read_register(queue + TERN_QREG_SQ_BASE_LO) |
		static_cast<std::uint64_t>(endpoint.read_register(queue + TERN_QREG_SQ_BASE_HI))
			<< 32;
	std::uint8_t entry[TERN_ENTRY_BYTES] = {};
	std::size_t room = sizeof(entry);
	dma_table::fault fault;
	std::uint8_t *const host =
		link.table().find(ring + data[1] * sizeof(entry), &room, true, &fault);

	std::memcpy(entry, data + 2, std::min(sizeof(entry), bytes - 2));
	/* It may be gone, as any memory of a client's. */
	if (host && !host_write(host, entry, room, nullptr))
		return;
}

void card_under_test::load_fault(const std::uint8_t *data, std::size_t bytes)
{
	try {
		faults.add(parse_fault({ reinterpret_cast<const char *>(data), bytes }));
	} catch (const fault_error &) {
		/* As often as not: it is the grammar that is tried. */
	}
}

class client {
public:
	explicit client(server &server) : server_(server) { connect(); }
	~client() { die(); }

	void connect()
	{
		int fds[2];

		MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
		mine_ = unique_fd(fds[0]);
		server_.attach(unique_fd(fds[1]));
	}

	void die()
	{
		mine_.reset();
		while (server_.attached())
			server_.service();
	}

	void send(const session_step &step, const std::uint8_t *data);
	void serve()
	{
		server_.service();
		read_replies();
		/* The server may have had enough of us. */
		if (!server_.attached()) {
			mine_.reset();
			connect();
		}
	}
	/* Descriptors that come with them are closed by the kernel: there is no room for them. */
	void read_replies()
	{
		static std::uint8_t replies[1 << 16];

		while (mine_ && recv(mine_.get(), replies, sizeof(replies), MSG_DONTWAIT) > 0)
			;
	}

	void truncate(unsigned pages)
	{
		if (memory_ && ftruncate(memory_.get(), 4096l * pages))
			std::perror("ftruncate");
	}
	void fill(bool full)
	{
		const std::uint64_t most = UINT64_MAX - 1;
		pollfd any = { eventfd_.get(), POLLIN, 0 };
		std::uint64_t count;

		if (eventfd_ && poll(&any, 1, 0) == 1 && read(eventfd_.get(), &count, 8) != 8)
			std::perror("read");
		if (eventfd_ && full && write(eventfd_.get(), &most, 8) != 8)
			std::perror("write");
	}

private:
	server &server_;
	unique_fd mine_;
	unique_fd memory_, eventfd_;	/* the last ones sent */
};

client *reader;

void client::send(const session_step &step, const std::uint8_t *data)
{
	const session_file kind = session_file_kind(&step);
	alignas(cmsghdr) char control[CMSG_SPACE(SESSION_MAX_FILES * sizeof(int))] = {};
	iovec iov = { const_cast<std::uint8_t *>(data), step.bytes };
	std::vector<unique_fd> files;
	msghdr msg = {};

	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	for (unsigned i = 0; i < session_file_count(&step); i++)
		files.emplace_back(session_open(kind));
	if (!files.empty()) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));

		cmsghdr *c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
		for (std::size_t i = 0; i < files.size(); i++) {
			const int fd = files[i].get();

			std::memcpy(CMSG_DATA(c) + i * sizeof(fd), &fd, sizeof(fd));
		}
	}
	while (iov.iov_len) {
		const ssize_t sent = sendmsg(mine_.get(), &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0) {
			/* No room: what was held back is the server's to read now. */
			MUST(errno == EAGAIN);
			serve();
			/* Unless that was the end of this client, and of the message. */
			if (step.bytes != iov.iov_len)
				break;
			continue;
		}
		iov.iov_base = static_cast<std::uint8_t *>(iov.iov_base) + sent;
		iov.iov_len -= sent;
		msg.msg_control = nullptr;
		msg.msg_controllen = 0;
	}
	if (!files.empty() && (kind == SESSION_MEMORY || kind == SESSION_SMALL))
		memory_ = std::move(files.back());
	else if (!files.empty() && (kind == SESSION_EVENTFD || kind == SESSION_BLOCKING))
		eventfd_ = std::move(files.back());
}

card_under_test &the_card()
{
	static card_under_test *card;

	if (!card) {
		config config;

		/* Less to clear after each session. */
		config.memory.bytes = 64 << 20;
		log_set_level(log_level::error);
		setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
		sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
		card = new card_under_test(config);
	}
	return *card;
}

/* What each stands for; the number itself does not matter. */
std::map<std::string, unsigned> descriptors()
{
	std::map<std::string, unsigned> found;
	DIR *dir = opendir("/proc/self/fd");
	char target[256];

	MUST(dir);
	while (const dirent *entry = readdir(dir)) {
		const ssize_t length = readlinkat(dirfd(dir), entry->d_name, target,
						  sizeof(target));

		if (length > 0)
			/* Without the inode's number. */
			found[std::string(target, length).substr(0, std::string(target, length)
									     .find(":["))]++;
	}
	closedir(dir);
	return found;
}

/* Some are closed by a thread that may not have come to it yet. */
void count_descriptors()
{
	static std::map<std::string, unsigned> before;
	std::map<std::string, unsigned> now = descriptors();

	for (unsigned i = 0; !before.empty() && now != before && i < 1000; i++) {
		usleep(10000);
		now = descriptors();
	}
	for (const auto &[what, count] : now) {
		if (!before.empty() && count > before[what]) {
			std::fprintf(stderr, "%u descriptors of %s, and were %u\n", count,
				     what.c_str(), before[what]);
			std::abort();
		}
	}
	before = now;
}

void check_card(card_under_test &card)
{
	MUST(!card.host_side->attached());
	MUST(!card.link.table().size());
	MUST(!card.link.table().mapped_bytes());
	MUST(!card.memory.resident_bytes());
	MUST(!card.device->busy());
	for (unsigned i = 0; i < stand_in::vectors; i++)
		MUST(!card.endpoint.read_register(TERN_QUEUE_BASE + i * TERN_QUEUE_STRIDE));
}

} /* namespace */

/* SystemC's library wants one; there is no simulation to run here. */
int sc_main(int, char **)
{
	return 0;
}

/*
 * The server waits in poll() for a client that is slow to read. There is one thread here:
 * the client reads now. Linked with --wrap=poll.
 */
extern "C" int __real_poll(pollfd *fds, nfds_t count, int timeout);
extern "C" int __wrap_poll(pollfd *fds, nfds_t count, int timeout)
{
	if (reader && timeout)
		reader->read_replies();
	return __real_poll(fds, count, timeout);
}

/* Completions that the model has written, ever. The stand-in has no idea of a job. */
extern "C" std::uint64_t session_jobs()
{
	return dynamic_cast<stand_in *>(the_card().device.get()) ? 0 : the_card().endpoint.jobs();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t bytes)
{
	static unsigned sessions;
	card_under_test &card = the_card();
	const std::uint8_t *step_data;
	session_step step;
	std::size_t at = 0, steps = 0;

	{
		client client(*card.host_side);

		reader = &client;
		while (steps++ < max_steps && session_next(data, bytes, &at, &step, &step_data)) {
			switch (step.kind) {
			case SESSION_SEND:
			case SESSION_HOLD:
				client.send(step, step_data);
				if (step.kind == SESSION_SEND) {
					client.serve();
					card.turn();
				}
				break;
			case SESSION_DIE:
				client.die();
				client.connect();
				break;
			case SESSION_RAISE:
				if (step.bytes)
					card.endpoint.raise(step_data[0]);
				break;
			case SESSION_TRUNCATE:
				client.truncate(step.bytes ? step_data[0] : 0);
				break;
			case SESSION_COMMAND:
				if (step.bytes >= 2)
					card.write_command(step_data, step.bytes);
				break;
			case SESSION_FAULT:
				card.load_fault(step_data, step.bytes);
				break;
			default:
				client.fill(step.kind == SESSION_FILL);
				break;
			}
		}
		reader = nullptr;
		/* The next session's card has none, and is there. */
		card.faults.clear();
		card.faults.set_gone(false);
	}
	check_card(card);
	if (sessions++ % sessions_a_census == 0)
		count_descriptors();
	return 0;
}
