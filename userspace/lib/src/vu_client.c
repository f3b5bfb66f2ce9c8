// SPDX-License-Identifier: Apache-2.0
/* vfio-user messages over a UNIX socket; the protocol is QEMU's docs/interop/vfio-user.rst. */
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"
#include "vu_client.h"

#define FDS_MAX		2
/* The greatest reply that is read: a data transfer's default limit is 1 MiB. */
#define REPLY_MAX	(64 * 1024u)

#define NS_PER_MS	1000000ll

static const char capabilities[] = "{\"capabilities\":{\"max_msg_fds\":8}}";

/* A request: the payload in two parts, the descriptors that go with it, and what comes back. */
struct vu_request {
	uint16_t command;
	bool posted;
	const void *head;
	size_t head_bytes;
	const void *data;
	size_t data_bytes;
	const int *fds;
	unsigned int fd_count;
	void *reply;
	size_t reply_bytes;
	int *reply_fd;
};

static int dead(struct vu_client *client, const char *why)
{
	client->dead = true;
	return tern_fail(client->dev, -ENODEV, "the simulator is gone: %s", why);
}

int vu_connect(struct vu_client *client, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return tern_fail(client->dev, -ENAMETOOLONG,
				 "the socket's path %s has more than %zu bytes", path,
				 sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		return tern_fail(client->dev, -errno, "cannot make a socket: %s", strerror(errno));
	if (!connect(client->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return 0;
	switch (errno) {
	case ENOENT:
		return tern_fail(client->dev, -ENOENT,
				 "there is no socket %s: start `ternsim --socket %s` first", path,
				 path);
	case ECONNREFUSED:
		return tern_fail(client->dev, -ECONNREFUSED,
				 "nobody listens on %s: it is no socket, or its simulator has ended",
				 path);
	case EACCES:
		return tern_fail(client->dev, -EACCES,
				 "no permission to use the socket %s: be the user who started the simulator",
				 path);
	case EAGAIN:
		return tern_fail(client->dev, -EBUSY,
				 "too many programs wait for the simulator at %s, which serves only one at a time",
				 path);
	default:
		return tern_fail(client->dev, -errno, "cannot connect to %s: %s", path,
				 strerror(errno));
	}
}

void vu_disconnect(struct vu_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	client->dead = true;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static void start_clock(struct vu_client *client)
{
	client->deadline_ns = now_ns() + VU_REPLY_MS * NS_PER_MS;
}

static int too_late(struct vu_client *client)
{
	return dead(client, "it did not answer for 30 s");
}

static int wait_for(struct vu_client *client, short events)
{
	struct pollfd pfd = { .fd = client->fd, .events = events };
	int64_t left_ns;
	int ret;

	do {
		left_ns = client->deadline_ns - now_ns();
		if (left_ns <= 0)
			return too_late(client);
		ret = poll(&pfd, 1, (int)(left_ns / NS_PER_MS) + 1);
	} while (!ret || (ret < 0 && errno == EINTR));
	return ret < 0 ? dead(client, strerror(errno)) : 0;
}

static int send_all(struct vu_client *client, struct iovec *iov, unsigned int iov_count,
		    const int *fds, unsigned int fd_count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = {};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = iov_count };
	ssize_t sent;
	int ret;

	if (fd_count) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, fd_count * sizeof(int));
	}
	while (msg.msg_iovlen) {
		sent = sendmsg(client->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			ret = wait_for(client, POLLOUT);
			if (ret)
				return ret;
			continue;
		}
		if (sent < 0)
			return dead(client, errno == EPIPE || errno == ECONNRESET ?
				    "it closed the connection" : strerror(errno));
		/* The descriptors went with the first byte. */
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		while (msg.msg_iovlen && (size_t)sent >= msg.msg_iov->iov_len) {
			sent -= msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen) {
			msg.msg_iov->iov_base = (char *)msg.msg_iov->iov_base + sent;
			msg.msg_iov->iov_len -= sent;
		}
	}
	return 0;
}

/* Keep the first descriptor that comes along in *@fd, close all others. */
static void take_fds(struct msghdr *msg, int *fd)
{
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		unsigned int count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (unsigned int i = 0; i < count; i++) {
			int got;

			memcpy(&got, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			if (*fd < 0)
				*fd = got;
			else
				close(got);
		}
	}
}

static int receive_all(struct vu_client *client, void *data, size_t bytes, int *fd)
{
	char control[CMSG_SPACE(FDS_MAX * sizeof(int))] __attribute__((aligned(8)));
	ssize_t got;
	int ret;

	while (bytes) {
		struct iovec iov = { .iov_base = data, .iov_len = bytes };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};

		got = recvmsg(client->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			ret = wait_for(client, POLLIN);
			if (ret)
				return ret;
			continue;
		}
		if (got <= 0)
			return dead(client, !got || errno == ECONNRESET ?
				    "it closed the connection" : strerror(errno));
		take_fds(&msg, fd);
		data = (char *)data + got;
		bytes -= got;
	}
	return 0;
}

/* This client serves no commands: memory is shared by descriptor, interrupts are eventfds. */
static int refuse(struct vu_client *client, const struct vfu_header *command)
{
	struct vfu_header reply = {
		.id = command->id,
		.command = command->command,
		.size = sizeof(reply),
		.flags = VFU_FLAG_REPLY | VFU_FLAG_ERROR,
		.error = ENOTSUP,
	};
	struct iovec iov = { .iov_base = &reply, .iov_len = sizeof(reply) };

	if (command->flags & VFU_FLAG_NO_REPLY)
		return 0;
	return send_all(client, &iov, 1, NULL, 0);
}

/*
 * Read one message. Its payload goes to @reply as far as it fits, the rest is
 * dropped. @mine: it is the reply to request @id.
 */
static int receive(struct vu_client *client, uint16_t id, struct vfu_header *header,
		   void *reply, size_t reply_bytes, size_t *got, int *fd, bool *mine)
{
	char rest[512];
	size_t left;
	int ret;

	ret = receive_all(client, header, sizeof(*header), fd);
	if (ret)
		return ret;
	if (header->size < sizeof(*header) || header->size > sizeof(*header) + REPLY_MAX)
		return dead(client, "it sent a message of an impossible size");
	left = header->size - sizeof(*header);
	*mine = (header->flags & VFU_FLAG_TYPE) == VFU_FLAG_REPLY && header->id == id;
	*got = 0;
	if (*mine && reply_bytes) {
		*got = left < reply_bytes ? left : reply_bytes;
		ret = receive_all(client, reply, *got, fd);
		left -= *got;
	}
	while (!ret && left) {
		size_t part = left < sizeof(rest) ? left : sizeof(rest);

		ret = receive_all(client, rest, part, fd);
		left -= part;
	}
	if (!ret && (header->flags & VFU_FLAG_TYPE) == VFU_FLAG_COMMAND)
		ret = refuse(client, header);
	return ret;
}

static int request(struct vu_client *client, const struct vu_request *req)
{
	struct vfu_header header = {
		.id = ++client->id,
		.command = req->command,
		.size = sizeof(header) + req->head_bytes + req->data_bytes,
		.flags = VFU_FLAG_COMMAND | (req->posted ? VFU_FLAG_NO_REPLY : 0),
	};
	struct iovec iov[] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)req->head, .iov_len = req->head_bytes },
		{ .iov_base = (void *)req->data, .iov_len = req->data_bytes },
	};
	bool mine = false;
	size_t got = 0;
	int fd = -1;
	int ret;

	if (client->dead)
		return tern_fail(client->dev, -ENODEV, "the simulator is gone");
	start_clock(client);
	ret = send_all(client, iov, req->data_bytes ? 3 : 2, req->fds, req->fd_count);
	if (ret || req->posted)
		return ret;
	while (!ret && !mine)
		ret = now_ns() > client->deadline_ns ? too_late(client) :
		      receive(client, client->id, &header, req->reply, req->reply_bytes, &got,
			      &fd, &mine);
	if (!ret && header.flags & VFU_FLAG_ERROR) {
		ret = header.error && header.error < 4096 ? -(int)header.error : -EIO;
		tern_fail(client->dev, ret, "the simulator refuses vfio-user request %u: %s",
			  req->command, strerror(-ret));
	} else if (!ret && (header.command != req->command || got < req->reply_bytes)) {
		ret = dead(client, "its answer does not fit the question");
	}
	if (!ret && req->reply_fd)
		*req->reply_fd = fd;
	else if (fd >= 0)
		close(fd);
	return ret;
}

int vu_version(struct vu_client *client)
{
	struct vfu_version version = { .major = VFU_MAJOR, .minor = VFU_MINOR };
	struct vfu_version answer;
	struct vu_request req = {
		.command = VFU_VERSION,
		.head = &version,
		.head_bytes = sizeof(version),
		.data = capabilities,
		.data_bytes = sizeof(capabilities),
		.reply = &answer,
		.reply_bytes = sizeof(answer),
	};
	int ret;

	ret = request(client, &req);
	if (ret == -EBUSY)
		ret = tern_fail(client->dev, -EBUSY,
				"the simulator serves another program, and only one at a time: start one of your own");
	if (!ret && answer.major != VFU_MAJOR)
		ret = tern_fail(client->dev, -EPROTO,
				"the simulator speaks vfio-user %u.%u, this library %u.%u",
				answer.major, answer.minor, VFU_MAJOR, VFU_MINOR);
	return ret;
}

int vu_dma_map(struct vu_client *client, int fd, uint64_t address, uint64_t bytes)
{
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFU_DMA_READABLE | VFU_DMA_WRITEABLE,
		.address = address,
		.size = bytes,
	};
	struct vu_request req = {
		.command = VFU_DMA_MAP,
		.head = &map,
		.head_bytes = sizeof(map),
		.fds = &fd,
		.fd_count = 1,
	};

	return request(client, &req);
}

int vu_region_info(struct vu_client *client, uint32_t index, struct vu_region *region)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };
	struct vu_request req = {
		.command = VFU_DEVICE_GET_REGION_INFO,
		.head = &info,
		.head_bytes = sizeof(info),
		.reply = &info,
		.reply_bytes = sizeof(info),
		.reply_fd = &region->fd,
	};
	int ret;

	region->fd = -1;
	ret = request(client, &req);
	if (ret)
		return ret;
	region->bytes = info.size;
	region->offset = info.offset;
	if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP) && region->fd >= 0) {
		close(region->fd);
		region->fd = -1;
	}
	return 0;
}

int vu_region_read(struct vu_client *client, uint32_t region, uint64_t offset,
		   void *data, uint32_t count)
{
	struct vfu_region_access access = { .offset = offset, .region = region, .count = count };
	struct {
		struct vfu_region_access access;
		uint8_t data[8];
	} answer;
	struct vu_request req = {
		.command = VFU_REGION_READ,
		.head = &access,
		.head_bytes = sizeof(access),
		.reply = &answer,
		.reply_bytes = sizeof(answer.access) + count,
	};
	int ret;

	if (count > sizeof(answer.data))
		return tern_fail(client->dev, -EINVAL, "a register has at most 8 bytes, not %u",
				 count);
	ret = request(client, &req);
	if (!ret)
		memcpy(data, answer.data, count);
	return ret;
}

static int write_region(struct vu_client *client, uint32_t region, uint64_t offset,
			const void *data, uint32_t count, bool posted)
{
	struct vfu_region_access access = { .offset = offset, .region = region, .count = count };
	struct vu_request req = {
		.command = VFU_REGION_WRITE,
		.posted = posted,
		.head = &access,
		.head_bytes = sizeof(access),
		.data = data,
		.data_bytes = count,
	};

	return request(client, &req);
}

int vu_region_write(struct vu_client *client, uint32_t region, uint64_t offset,
		    const void *data, uint32_t count)
{
	return write_region(client, region, offset, data, count, false);
}

int vu_region_post(struct vu_client *client, uint32_t region, uint64_t offset,
		   const void *data, uint32_t count)
{
	return write_region(client, region, offset, data, count, true);
}

int vu_set_msix(struct vu_client *client, const int *fds, uint32_t count)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = count,
	};
	struct vu_request req = {
		.command = VFU_DEVICE_SET_IRQS,
		.head = &set,
		.head_bytes = sizeof(set),
		.fds = fds,
		.fd_count = count,
	};

	if (count > FDS_MAX)
		return tern_fail(client->dev, -EINVAL, "%u vectors, at most %u", count, FDS_MAX);
	return request(client, &req);
}

int vu_reset(struct vu_client *client)
{
	struct vu_request req = { .command = VFU_DEVICE_RESET };

	return request(client, &req);
}

int vu_poll(struct vu_client *client, const int wakes[VU_WAKES], int timeout_ms)
{
	struct pollfd pfds[VU_WAKES + 1];
	struct vfu_header header;
	uint64_t events;
	size_t got;
	bool mine;
	int fd = -1;
	int woken = 0;
	int ret;

	if (client->dead)
		return -ENODEV;
	for (int i = 0; i < VU_WAKES; i++)
		pfds[i] = (struct pollfd){ .fd = wakes[i], .events = POLLIN };
	pfds[VU_WAKES] = (struct pollfd){ .fd = client->fd, .events = POLLIN };
	ret = poll(pfds, VU_WAKES + 1, timeout_ms);
	if (ret < 0)
		return errno == EINTR ? 0 : dead(client, strerror(errno));
	for (int i = 0; i < VU_WAKES; i++)
		if (pfds[i].revents && read(wakes[i], &events, sizeof(events)) > 0)
			woken |= 1 << i;
	if (!pfds[VU_WAKES].revents)
		return woken;
	start_clock(client);
	/* Nothing was asked: a hang-up, or a message that nobody waits for. */
	ret = receive(client, client->id, &header, NULL, 0, &got, &fd, &mine);
	if (fd >= 0)
		close(fd);
	return ret ? ret : woken;
}
