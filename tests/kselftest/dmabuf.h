/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports and imports, and descriptors on their way to another process.
 */
#ifndef TERN_TEST_DMABUF_H
#define TERN_TEST_DMABUF_H

#include <sys/socket.h>

#include "calls.h"

static inline int do_export(int fd, uint32_t handle, int *dmabuf)
{
	struct tern_bo_export args = { .size = sizeof(args), .handle = handle };
	int ret = do_call(fd, TERN_IOCTL_BO_EXPORT, &args);

	*dmabuf = args.fd;
	return ret;
}

static inline int do_import(int fd, int dmabuf, struct tern_bo_import *args)
{
	*args = (struct tern_bo_import){ .size = sizeof(*args), .fd = dmabuf };
	return do_call(fd, TERN_IOCTL_BO_IMPORT, args);
}

/* A message of one byte with room for a descriptor. */
struct fd_message {
	char byte;
	struct iovec iov;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr header;
};

static inline void fd_message_init(struct fd_message *message)
{
	memset(message, 0, sizeof(*message));
	message->iov = (struct iovec){ .iov_base = &message->byte, .iov_len = 1 };
	message->header = (struct msghdr){
		.msg_iov = &message->iov,
		.msg_iovlen = 1,
		.msg_control = message->control.bytes,
		.msg_controllen = sizeof(message->control.bytes),
	};
}

static inline int send_fd(int socket, int fd)
{
	struct fd_message message;
	struct cmsghdr *cmsg;

	fd_message_init(&message);
	cmsg = CMSG_FIRSTHDR(&message.header);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(socket, &message.header, 0) == 1 ? 0 : -errno;
}

/* A descriptor or a negative errno. */
static inline int receive_fd(int socket)
{
	struct fd_message message;
	struct cmsghdr *cmsg;
	int fd;

	fd_message_init(&message);
	if (recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC) != 1)
		return -EIO;
	cmsg = CMSG_FIRSTHDR(&message.header);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

#endif /* TERN_TEST_DMABUF_H */
