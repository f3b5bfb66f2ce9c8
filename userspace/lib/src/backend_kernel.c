// SPDX-License-Identifier: Apache-2.0
/* The kernel backend: tern.ko's ioctls. The kernel checks and decides; this file passes on. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend.h"

struct kernel_device {
	int fd;
};

static struct kernel_device *to_kernel(struct tern_device *dev)
{
	return dev->priv;
}

/* Every ioctl of the uapi can be called again after a signal: WAIT's deadline is absolute. */
static int tern_ioctl(struct tern_device *dev, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(to_kernel(dev)->fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

static const char *common_text(int ret)
{
	switch (-ret) {
	case ENODEV:
		return "the device is gone";
	case EIO:
		return "the device could not be brought back by a reset";
	case ENOMEM:
		return "no host memory left";
	case ENOSPC:
		return "no device memory left";
	default:
		return strerror(-ret);
	}
}

static int fail_access(struct tern_device *dev, const char *path, const struct stat *st)
{
	struct group *group = NULL;
	struct group entry;
	char names[1024];

	/* A group too large for the buffer goes without its name. */
	getgrgid_r(st->st_gid, &entry, names, sizeof(names), &group);
	if (st->st_gid && st->st_mode & S_IWGRP)
		return tern_fail(dev, -EACCES,
				 "no permission to open %s: run as root, or join its group with `usermod -aG %s $USER`",
				 path, group ? group->gr_name : "GROUP");
	return tern_fail(dev, -EACCES,
			 "no permission to open %s (mode %03o): run as root, or let a udev rule give it a group",
			 path, st->st_mode & 0777u);
}

static int open_file(struct tern_device *dev, const char *path)
{
	struct stat st;
	int fd;

	/* Opening a file of another kind can have effects or block. */
	if (stat(path, &st)) {
		if (errno == ENOENT)
			return tern_fail(dev, -ENOENT,
					 "%s does not exist: is there a Tern device, and is tern.ko loaded?",
					 path);
		return tern_fail(dev, -errno, "%s: %s", path, strerror(errno));
	}
	if (!S_ISCHR(st.st_mode))
		return tern_fail(dev, -ENOTTY, "%s is not a device", path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return fail_access(dev, path, &st);
	if (fd < 0)
		return tern_fail(dev, -errno, "%s: %s", path,
				 errno == ENODEV || errno == ENXIO ? "the device is gone" :
				 strerror(errno));
	return fd;
}

static int kernel_info(struct tern_device *dev, struct tern_info *arg)
{
	int ret = tern_ioctl(dev, TERN_IOCTL_INFO, arg);

	return ret ? tern_fail(dev, ret, "cannot ask what the device is: %s", common_text(ret)) : 0;
}

static int kernel_open(struct tern_device *dev, const char *arg)
{
	struct tern_info info = { .size = sizeof(info) };
	struct kernel_device *kernel;
	int ret;

	kernel = calloc(1, sizeof(*kernel));
	if (!kernel)
		return tern_fail(dev, -ENOMEM, "no memory left");
	dev->priv = kernel;
	kernel->fd = open_file(dev, arg);
	if (kernel->fd < 0)
		return kernel->fd;
	ret = tern_ioctl(dev, TERN_IOCTL_INFO, &info);
	if (ret == -ENODEV || ret == -EIO)
		return tern_fail(dev, ret, "%s: %s", arg, common_text(ret));
	if (ret)
		return tern_fail(dev, -ENOTTY, "%s is not a Tern device", arg);
	return tern_check_abi(dev, &info);
}

static void kernel_close(struct tern_device *dev)
{
	struct kernel_device *kernel = to_kernel(dev);

	if (kernel && kernel->fd >= 0)
		close(kernel->fd);
	free(kernel);
	dev->priv = NULL;
}

static int kernel_bo_create(struct tern_device *dev, struct tern_bo_create *arg)
{
	int ret = tern_ioctl(dev, TERN_IOCTL_BO_CREATE, arg);

	if (!ret || tern_check_bo_create(dev, arg) == ret)
		return ret;
	return tern_fail(dev, ret, "cannot make a buffer of %llu bytes: %s",
			 (unsigned long long)arg->bytes, common_text(ret));
}

static void kernel_bo_destroy(struct tern_device *dev, uint32_t handle)
{
	struct tern_bo_destroy arg = { .size = sizeof(arg), .handle = handle };

	/* It can only fail for a device that is gone, and the handle with it. */
	tern_ioctl(dev, TERN_IOCTL_BO_DESTROY, &arg);
}

static int kernel_bo_map(struct tern_device *dev, const struct tern_bo *bo, void **map)
{
	struct tern_bo_mmap arg = { .size = sizeof(arg), .handle = bo->handle };
	void *addr;
	int ret;

	ret = tern_ioctl(dev, TERN_IOCTL_BO_MMAP, &arg);
	if (ret)
		return tern_fail(dev, ret, "cannot map buffer %u: %s", bo->handle,
				 common_text(ret));
	addr = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, to_kernel(dev)->fd,
		    (off_t)arg.offset);
	if (addr == MAP_FAILED)
		return tern_fail(dev, -errno, "cannot map buffer %u of %llu bytes: %s", bo->handle,
				 (unsigned long long)bo->size, strerror(errno));
	*map = addr;
	return 0;
}

static void kernel_bo_unmap(struct tern_device *dev, const struct tern_bo *bo)
{
	(void)dev;
	munmap(bo->map, bo->size);
}

static int kernel_submit(struct tern_device *dev, struct tern_submit *arg)
{
	const struct tern_cmd *cmds = (const struct tern_cmd *)(uintptr_t)arg->cmds;
	int ret = tern_ioctl(dev, TERN_IOCTL_SUBMIT, arg);

	if (!ret)
		return 0;
	if (ret == -EAGAIN)
		return tern_fail(dev, ret, "%u jobs have not been waited for: collect some first",
				 TERN_JOBS_MAX);
	for (uint32_t i = 0; i < arg->count; i++)
		if (tern_check_cmd(dev, UINT32_MAX, i, &cmds[i]) == ret)
			return ret;
	return tern_fail(dev, ret, "the kernel refuses the commands: %s", common_text(ret));
}

static int kernel_wait(struct tern_device *dev, struct tern_wait *arg)
{
	int ret = tern_ioctl(dev, TERN_IOCTL_WAIT, arg);

	if (ret == -ENOENT)
		return tern_fail(dev, ret,
				 "one of the %u jobs was never submitted or was already collected",
				 arg->count);
	return ret ? tern_fail(dev, ret, "cannot wait for a job: %s", common_text(ret)) : 0;
}

/* The kernel's log knows. */
static const char *kernel_why_gone(struct tern_device *dev)
{
	(void)dev;
	return NULL;
}

const struct tern_backend tern_backend_kernel = {
	.open = kernel_open,
	.close = kernel_close,
	.info = kernel_info,
	.bo_create = kernel_bo_create,
	.bo_destroy = kernel_bo_destroy,
	.bo_map = kernel_bo_map,
	.bo_unmap = kernel_bo_unmap,
	.submit = kernel_submit,
	.wait = kernel_wait,
	.why_gone = kernel_why_gone,
};
