// SPDX-License-Identifier: Apache-2.0
/*
 * BitLinears on a Tern device, through libtern. The weights are packed once and
 * lie in one buffer of device memory. Activations and sums are in host buffers,
 * which the device reads and writes in place; nothing is copied on the way.
 * The jobs of a group (one input, several BitLinears) go in one submit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "report.h"
#include "tern_label.h"
#include "ternary.h"

#define BEAT		64		/* bytes: alignment of operands */
#define TIMEOUT_NS	(600 * 1000000000ll)	/* the driver gives up on a hung job long before */
#define PLACE_BYTES	4096	/* weights begin at multiples: a burst never crosses one */
#define STAGING_BYTES	(1u << 20)
#define PROBE_BYTES	4096u
#define SLOW_SECONDS	1e-3		/* for the probe: a mapping that is no memory */

struct tern {
	struct tern_device *device;
	struct tern_info info;
	const struct tern_packing *packing;
	struct tern_bo *weights;
	struct tern_bo *x;
	struct tern_bo *y[GROUP_MAX];
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static int device_error(const struct tern *tern, enum exit_code code, const char *doing,
			int errnum, struct error *err)
{
	const char *story = tern_error(tern->device);

	return bail(err, code, "%s: %s", doing, *story ? story : strerror(-errnum));
}

int backend_tern_open(struct backend *backend, const struct backend_options *options,
		      struct error *err)
{
	struct tern *tern = calloc(1, sizeof(*tern));
	const char *spec = options->device;
	int rc;

	backend->ops = &backend_tern;
	backend->data = tern;
	backend->is_device = 1;
	if (!tern)
		return bail_memory(err, "the device");
	tern->packing = options->packing;
	rc = tern_open(spec, &tern->device);
	if (rc) {
		const char *story = tern->device ? tern_error(tern->device) : "";

		return bail(err, rc == -EINVAL ? EXIT_USAGE : EXIT_ENVIRONMENT,
			    "cannot open device '%s': %s; --device cpu needs none", spec,
			    *story ? story : strerror(-rc));
	}
	tern->info.size = sizeof(tern->info);
	rc = tern_get_info(tern->device, &tern->info);
	if (rc)
		return device_error(tern, EXIT_ENVIRONMENT, "asking the device what it is", rc,
				    err);
	if (!(tern->info.caps & tern->packing->caps))
		return bail(err, EXIT_ENVIRONMENT,
			    "device '%s' cannot read weights packed as %s: choose another --packing",
			    spec, tern->packing->name);
	return 0;
}

static int make_buffer(struct tern *tern, enum tern_bo_kind kind, uint64_t bytes,
		       struct tern_bo **bo, void **map, const char *what, struct error *err)
{
	int rc = tern_bo_create(tern->device, kind, bytes, bo);

	if (rc)
		return device_error(tern, EXIT_ENVIRONMENT, what, rc, err);
	if (!map)
		return 0;
	*map = tern_bo_map(*bo);
	return *map ? 0 : device_error(tern, EXIT_ENVIRONMENT, what, -ENOMEM, err);
}

/* ------------------------------------------------------------ weights */

/* Where packed rows go: into the mapping, or through staging and COPY. */
struct upload {
	struct tern *tern;
	uint8_t *map;			/* of device memory, or NULL */
	struct tern_bo *staging;
	uint8_t *staged;
	uint64_t start;			/* place in device memory of what is staged */
	uint64_t filled;		/* bytes of it */
	struct error *err;
};

static int flush(struct upload *upload)
{
	struct tern *tern = upload->tern;
	struct tern_cmd copy = {
		.op = TERN_OP_COPY,
		.src.handle = tern_bo_handle(upload->staging),
		.dst = { .handle = tern_bo_handle(tern->weights), .offset = upload->start },
		.length = upload->filled,
	};
	int rc;

	if (!upload->filled)
		return 0;
	rc = tern_run(tern->device, &copy, 1, TIMEOUT_NS, NULL);
	if (rc)
		return device_error(tern, EXIT_FAILED, "copying the weights to the device", rc,
				    upload->err);
	upload->start += upload->filled;
	upload->filled = 0;
	return 0;
}

/*
 * A mapping of device memory can be memory, or something that traps on every
 * access (a BAR that the hypervisor forwards): one page tells.
 */
static int open_upload(struct upload *upload)
{
	struct tern *tern = upload->tern;
	uint8_t page[PROBE_BYTES] = { 0 };
	uint64_t bytes = tern_bo_size(tern->weights);
	double start;

	upload->map = tern_bo_map(tern->weights);
	if (upload->map) {
		start = seconds_now();
		memcpy(upload->map, page, bytes < PROBE_BYTES ? bytes : PROBE_BYTES);
		if (seconds_now() - start < SLOW_SECONDS)
			return 0;
	}
	upload->map = NULL;
	return make_buffer(tern, TERN_BO_HOST, STAGING_BYTES, &upload->staging,
			   (void **)&upload->staged, "making a buffer to send the weights through",
			   upload->err);
}

/* At the end of what was uploaded so far. */
static int add_bytes(struct upload *upload, const void *data, uint64_t bytes)
{
	const uint8_t *row = data;
	int rc = 0;

	if (upload->map) {
		memcpy(upload->map + upload->start, row, bytes);
		upload->start += bytes;
		return 0;
	}
	while (!rc && bytes) {
		uint64_t part = STAGING_BYTES - upload->filled;

		part = part < bytes ? part : bytes;
		memcpy(upload->staged + upload->filled, row, part);
		upload->filled += part;
		row += part;
		bytes -= part;
		if (upload->filled == STAGING_BYTES)
			rc = flush(upload);
	}
	return rc;
}

static int add_row(struct upload *upload, const int8_t *trits, uint32_t k, uint8_t *row)
{
	const struct tern_packing *packing = upload->tern->packing;

	if (packing->pack_row(trits, k, row))
		return bail(upload->err, EXIT_FAILED, "a weight is no trit: the model is damaged");
	return add_bytes(upload, row, packing->row_bytes(k));
}

/* Zeros up to where the weights begin, and their name right in front of them. */
static int add_label(struct upload *upload, const struct linear *linear)
{
	static const uint8_t zeros[PLACE_BYTES];
	struct tern_label label = {
		.magic = TERN_LABEL_MAGIC,
		.n = linear->n,
		.k = linear->k,
	};
	uint64_t gap = linear->place - sizeof(label) - (upload->start + upload->filled);
	int rc;

	snprintf(label.name, sizeof(label.name), "blk.%" PRIu32 ".%s", linear->layer,
		 linear_kind_name(linear->kind));
	rc = add_bytes(upload, zeros, gap);
	return rc ? rc : add_bytes(upload, &label, sizeof(label));
}

static int load_weights(struct backend *backend, struct error *err)
{
	struct tern *tern = backend->data;
	struct upload upload = { .tern = tern, .err = err };
	uint32_t widest = backend_widest(backend, 1);
	int8_t *trits = malloc(widest);
	uint8_t *packed = malloc(tern->packing->row_bytes(widest));
	unsigned int i;
	uint32_t row;
	int rc;

	if (!trits || !packed)
		rc = bail_memory(err, "packing the weights");
	else
		rc = open_upload(&upload);
	for (i = 0; !rc && i < backend->linear_count; i++) {
		const struct linear *linear = &backend->linears[i];

		rc = add_label(&upload, linear);
		for (row = 0; !rc && row < linear->n; row++) {
			ternary_row(linear->tensor, row, trits);
			rc = add_row(&upload, trits, linear->k, packed);
		}
	}
	if (!rc && !upload.map)
		rc = flush(&upload);
	tern_bo_destroy(upload.staging);
	free(packed);
	free(trits);
	return rc;
}

/* ------------------------------------------------------------ backend */

/* Host buffers are contiguous and so bounded; a job takes as many tokens as fit. */
static int make_host_buffers(struct backend *backend, struct error *err)
{
	static const char what[] = "making host buffers for the device";
	struct tern *tern = backend->data;
	uint64_t x_row = trit_blocks(backend_widest(backend, 1)) * TRIT_BLOCK;
	uint64_t y_row = round_up(backend_widest(backend, 0) * sizeof(int32_t), BEAT);
	uint64_t row = x_row > y_row ? x_row : y_row;
	unsigned int i;
	int rc;

	if (row * TOKENS_MAX > tern->info.host_bo_max)
		return bail(err, EXIT_ENVIRONMENT,
			    "the model needs host buffers of %" PRIu64
			    " bytes, the device's driver gives %" PRIu64 " at most",
			    row * TOKENS_MAX, (uint64_t)tern->info.host_bo_max);
	rc = make_buffer(tern, TERN_BO_HOST, x_row * TOKENS_MAX, &tern->x, (void **)&backend->x,
			 what, err);
	for (i = 0; !rc && i < GROUP_MAX; i++)
		rc = make_buffer(tern, TERN_BO_HOST, y_row * TOKENS_MAX, &tern->y[i],
				 (void **)&backend->y[i], what, err);
	backend->x_stride = x_row;
	backend->y_stride = y_row / sizeof(int32_t);
	return rc;
}

static int tern_load(struct backend *backend, struct error *err)
{
	struct tern *tern = backend->data;
	uint64_t bytes = 0;
	unsigned int i;
	int rc;

	for (i = 0; i < backend->linear_count; i++) {
		backend->linears[i].place = round_up(bytes + sizeof(struct tern_label),
						     PLACE_BYTES);
		bytes = backend->linears[i].place +
			backend->linears[i].n * tern->packing->row_bytes(backend->linears[i].k);
	}
	if (bytes > tern->info.mem_free)
		return bail(err, EXIT_ENVIRONMENT,
			    "the model's weights take %" PRIu64
			    " bytes of device memory, but %" PRIu64
			    " are free: use a smaller model, or a device with more",
			    bytes, (uint64_t)tern->info.mem_free);
	rc = make_buffer(tern, TERN_BO_DEVICE, bytes, &tern->weights, NULL,
			 "taking device memory for the weights", err);
	if (!rc)
		rc = make_host_buffers(backend, err);
	if (!rc)
		rc = load_weights(backend, err);
	return rc;
}

static void count(struct cost *cost, const struct tern_result *result)
{
	const struct cost more = {
		.cycles = result->cycles,
		.array = result->array,
		.stall_weights = result->stall_weights,
		.stall_activations = result->stall_activations,
		.stall_results = result->stall_results,
		.stall_commands = result->stall_commands,
		.stall_link = result->stall_link,
		.mem_read = result->mem_read,
		.mem_written = result->mem_written,
		.host_read = result->host_read,
		.host_written = result->host_written,
		.adds = result->adds,
		.adds_skipped = result->adds_skipped,
	};

	cost_add(cost, &more);
}

static int tern_multiply(struct backend *backend, struct linear *const *group,
			 unsigned int group_count, unsigned int tokens, struct error *err)
{
	struct tern *tern = backend->data;
	struct tern_cmd cmds[GROUP_MAX] = { 0 };
	struct tern_result results[GROUP_MAX];
	unsigned int i;
	int rc;

	for (i = 0; i < group_count; i++)
		cmds[i] = (struct tern_cmd){
			.op = TERN_OP_GEMM,
			.packing = tern->packing->number,
			.src = { .handle = tern_bo_handle(tern->x), .stride = backend->x_stride },
			.dst = {
				.handle = tern_bo_handle(tern->y[i]),
				.stride = backend->y_stride * sizeof(int32_t),
			},
			.weights = {
				.handle = tern_bo_handle(tern->weights),
				.offset = group[i]->place,
			},
			.n = group[i]->n,
			.k = group[i]->k,
			.t = tokens,
		};
	rc = tern_run(tern->device, cmds, group_count, TIMEOUT_NS, results);
	if (rc)
		return device_error(tern, rc == -ENODEV ? EXIT_ENVIRONMENT : EXIT_FAILED,
				    "a job failed", rc, err);
	for (i = 0; i < group_count; i++)
		count(&backend->cost[backend->phase][group[i]->kind], &results[i]);
	return 0;
}

static void tern_backend_close(struct backend *backend)
{
	struct tern *tern = backend->data;

	if (tern)
		tern_close(tern->device);
	free(tern);
}

const struct backend_ops backend_tern = {
	.name = "tern",
	.load = tern_load,
	.multiply = tern_multiply,
	.close = tern_backend_close,
};
