// SPDX-License-Identifier: Apache-2.0
/* The vfio-user backends: a simulator that runs, or one of our own. The rest is in vu_*.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vu.h"
#include "vu_sim.h"

static struct vu_device *new_device(struct tern_device *dev)
{
	struct vu_device *vu = calloc(1, sizeof(*vu));

	if (!vu) {
		tern_fail(dev, -ENOMEM, "no memory left");
		return NULL;
	}
	vu->dev = dev;
	vu->client.dev = dev;
	vu->client.fd = -1;
	vu->arena_fd = -1;
	for (int i = 0; i < VU_WAKES; i++)
		vu->wakes[i] = -1;
	dev->priv = vu;
	return vu;
}

static int open_socket(struct tern_device *dev, const char *arg)
{
	struct vu_device *vu = new_device(dev);
	int ret;

	if (!vu)
		return -ENOMEM;
	ret = vu_connect(&vu->client, arg);
	return ret ? ret : vu_attach(vu);
}

static int open_sim(struct tern_device *dev, const char *arg)
{
	struct vu_device *vu = new_device(dev);
	int ret;

	if (!vu)
		return -ENOMEM;
	ret = vu_sim_start(dev, arg, &vu->sim, &vu->client.fd);
	if (ret)
		return ret;
	ret = vu_attach(vu);
	return ret ? vu_sim_explain(dev, vu->sim, ret) : 0;
}

static void close_device(struct tern_device *dev)
{
	struct vu_device *vu = to_vu(dev);

	if (!vu)
		return;
	vu_detach(vu);
	if (vu->sim)
		vu_sim_stop(vu->sim);
	free(vu);
	dev->priv = NULL;
}

static int info(struct tern_device *dev, struct tern_info *arg)
{
	struct vu_device *vu = to_vu(dev);

	if (vu->gone)
		return vu_fail_gone(vu, "information");
	*arg = vu->info;
	arg->mem_free = vu->mem_ranges.free_bytes;
	return 0;
}

/* Mappings are of the whole memory and stay. */
static void bo_unmap(struct tern_device *dev, const struct tern_bo *bo)
{
	(void)dev;
	(void)bo;
}

static const char *why_gone(struct tern_device *dev)
{
	return to_vu(dev)->gone ? to_vu(dev)->why : NULL;
}

/* The two differ in how they come by the socket, and in nothing else. */
#define VFIO_USER_OPS					\
	.close = close_device,				\
	.info = info,					\
	.bo_create = vu_bo_create,			\
	.bo_destroy = vu_bo_destroy,			\
	.bo_map = vu_bo_map,				\
	.bo_unmap = bo_unmap,				\
	.submit = vu_submit,				\
	.wait = vu_wait,				\
	.why_gone = why_gone

const struct tern_backend tern_backend_vfio_user = {
	.open = open_socket,
	VFIO_USER_OPS,
};

const struct tern_backend tern_backend_sim = {
	.open = open_sim,
	VFIO_USER_OPS,
};
