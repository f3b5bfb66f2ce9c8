// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gguf.h"

#define VERSION		3
#define PAIR_MIN	13	/* bytes of the smallest pair: empty key, type, u8 */
#define TENSOR_MIN	32	/* bytes of the smallest tensor entry */
#define ALIGNMENT	32	/* of the data section, unless the file says else */
#define ALIGNMENT_MAX	65536

/* Where the parser stands. Everything is read through take(). */
struct cursor {
	const uint8_t *base;
	size_t bytes;
	size_t at;
	struct error *err;
};

static int take(struct cursor *in, uint64_t bytes, const char *what, const uint8_t **start)
{
	if (bytes > in->bytes - in->at)
		return bail(in->err, EXIT_FAILED,
			    "%s needs %" PRIu64 " bytes at offset %zu, but the file ends at %zu: it is truncated or damaged, get it again",
			    what, bytes, in->at, in->bytes);
	*start = in->base + in->at;
	in->at += bytes;
	return 0;
}

static int take_u32(struct cursor *in, const char *what, uint32_t *value)
{
	const uint8_t *p;
	int rc = take(in, sizeof(*value), what, &p);

	if (!rc)
		memcpy(value, p, sizeof(*value));
	return rc;
}

static int take_u64(struct cursor *in, const char *what, uint64_t *value)
{
	const uint8_t *p;
	int rc = take(in, sizeof(*value), what, &p);

	if (!rc)
		memcpy(value, p, sizeof(*value));
	return rc;
}

static int take_string(struct cursor *in, const char *what, struct gguf_string *string)
{
	const uint8_t *p;
	uint64_t length;
	int rc = take_u64(in, what, &length);

	if (!rc)
		rc = take(in, length, what, &p);
	if (!rc) {
		string->data = (const char *)p;
		string->length = length;
	}
	return rc;
}

int gguf_string_is(struct gguf_string string, const char *text)
{
	return string.length == strlen(text) && !memcmp(string.data, text, string.length);
}

const char *gguf_printable(struct gguf_string string, char buffer[80])
{
	size_t length = string.length < 64 ? string.length : 64;
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char c = string.data[i];

		buffer[i] = c >= 0x20 && c < 0x7f ? c : '?';
	}
	strcpy(buffer + length, string.length > 64 ? "..." : "");
	return buffer;
}

static int compare_strings(struct gguf_string a, struct gguf_string b)
{
	size_t length = a.length < b.length ? a.length : b.length;
	int order = length ? memcmp(a.data, b.data, length) : 0;

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_pairs(const void *a, const void *b)
{
	return compare_strings(((const struct gguf_pair *)a)->key,
			       ((const struct gguf_pair *)b)->key);
}

static int compare_tensors(const void *a, const void *b)
{
	return compare_strings(((const struct gguf_tensor *)a)->name,
			       ((const struct gguf_tensor *)b)->name);
}

static int compare_places(const void *a, const void *b)
{
	uint64_t x = (*(const struct gguf_tensor *const *)a)->offset;
	uint64_t y = (*(const struct gguf_tensor *const *)b)->offset;

	return (x > y) - (x < y);
}

/* Bytes of a value; 0 for those that have no fixed size, or none at all. */
static unsigned int value_bytes(uint32_t type)
{
	static const unsigned char bytes[GGUF_VALUES] = {
		[GGUF_U8] = 1, [GGUF_I8] = 1, [GGUF_U16] = 2, [GGUF_I16] = 2,
		[GGUF_U32] = 4, [GGUF_I32] = 4, [GGUF_F32] = 4, [GGUF_BOOL] = 1,
		[GGUF_U64] = 8, [GGUF_I64] = 8, [GGUF_F64] = 8,
	};

	return type < GGUF_VALUES ? bytes[type] : 0;
}

static int parse_value(struct cursor *in, struct gguf_pair *pair, const char *key)
{
	uint64_t i;
	int rc;

	if (pair->type == GGUF_STRING) {
		struct gguf_string string;

		if (pair->count > (in->bytes - in->at) / sizeof(uint64_t))
			return bail(in->err, EXIT_FAILED,
				    "key '%s' counts %" PRIu64 " strings, more than the file has room for: it is truncated or damaged, get it again",
				    key, pair->count);
		pair->value = in->base + in->at;
		for (i = 0; i < pair->count; i++) {
			rc = take_string(in, key, &string);
			if (rc)
				return rc;
		}
		return 0;
	}
	if (!value_bytes(pair->type))
		return bail(in->err, EXIT_FAILED,
			    "key '%s' has value type %" PRIu32 ", which GGUF does not know%s",
			    key, pair->type, pair->is_array ? " in arrays" : "");
	if (pair->count > (in->bytes - in->at) / value_bytes(pair->type))
		return bail(in->err, EXIT_FAILED,
			    "key '%s' counts %" PRIu64 " values, more than the file has room for: it is truncated or damaged, get it again",
			    key, pair->count);
	rc = take(in, pair->count * value_bytes(pair->type), key, &pair->value);
	if (rc)
		return rc;
	for (i = 0; pair->type == GGUF_BOOL && i < pair->count; i++)
		if (pair->value[i] > 1)
			return bail(in->err, EXIT_FAILED, "key '%s' has the boolean %u, not 0 or 1",
				    key, pair->value[i]);
	return 0;
}

static int parse_pair(struct cursor *in, struct gguf_pair *pair)
{
	char name[80];
	int rc;

	rc = take_string(in, "a key", &pair->key);
	if (rc)
		return rc;
	gguf_printable(pair->key, name);
	rc = take_u32(in, name, &pair->type);
	if (rc)
		return rc;
	pair->count = 1;
	if (pair->type == GGUF_ARRAY) {
		pair->is_array = 1;
		rc = take_u32(in, name, &pair->type);
		if (!rc)
			rc = take_u64(in, name, &pair->count);
		if (rc)
			return rc;
	}
	return parse_value(in, pair, name);
}

const char *ggml_type_name(uint32_t type)
{
	static const char *const names[] = {
		[0] = "F32", [1] = "F16", [2] = "Q4_0", [3] = "Q4_1", [6] = "Q5_0",
		[7] = "Q5_1", [8] = "Q8_0", [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K",
		[12] = "Q4_K", [13] = "Q5_K", [14] = "Q6_K", [15] = "Q8_K",
		[16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S",
		[20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS",
		[24] = "I8", [25] = "I16", [26] = "I32", [27] = "I64", [28] = "F64",
		[29] = "IQ1_M", [30] = "BF16", [34] = "TQ1_0", [35] = "TQ2_0",
		[36] = "I2_S", [38] = "TL1", [39] = "MXFP4 or TL2", [41] = "Q1_0",
		[42] = "Q2_0",
	};

	if (type < sizeof(names) / sizeof(names[0]) && names[type])
		return names[type];
	return "unknown";
}

static int type_block(uint32_t type, uint64_t *weights, uint64_t *bytes)
{
	switch (type) {
	case GGML_F32:
		*weights = 1;
		*bytes = 4;
		return 0;
	case GGML_F16:
		*weights = 1;
		*bytes = 2;
		return 0;
	case GGML_TQ2_0:
		*weights = TQ2_0_WEIGHTS;
		*bytes = TQ2_0_BYTES;
		return 0;
	}
	return -1;
}

static int parse_tensor(struct cursor *in, struct gguf_tensor *tensor)
{
	uint64_t elements = 1;
	uint64_t weights;
	uint64_t bytes;
	char name[80];
	uint32_t i;
	int rc;

	rc = take_string(in, "a tensor's name", &tensor->name);
	if (rc)
		return rc;
	gguf_printable(tensor->name, name);
	rc = take_u32(in, name, &tensor->dimensions);
	if (rc)
		return rc;
	if (tensor->dimensions < 1 || tensor->dimensions > 4)
		return bail(in->err, EXIT_FAILED, "tensor '%s' has %" PRIu32 " dimensions, not 1 to 4",
			    name, tensor->dimensions);
	for (i = 0; i < 4; i++) {
		tensor->size[i] = 1;
		if (i >= tensor->dimensions)
			continue;
		rc = take_u64(in, name, &tensor->size[i]);
		if (rc)
			return rc;
		if (!tensor->size[i] ||
		    __builtin_mul_overflow(elements, tensor->size[i], &elements))
			return bail(in->err, EXIT_FAILED,
				    "tensor '%s' has no elements or too many: size %" PRIu64
				    " in dimension %" PRIu32 ": the file is damaged, get it again",
				    name, tensor->size[i], i);
	}
	rc = take_u32(in, name, &tensor->type);
	if (!rc)
		rc = take_u64(in, name, &tensor->offset);
	if (rc)
		return rc;
	if (type_block(tensor->type, &weights, &bytes))
		return bail(in->err, EXIT_FAILED,
			    "tensor '%s' is of type %s (%" PRIu32 "); ternlm reads F32, F16 and TQ2_0: convert the model to TQ2_0 with `llama-quantize --token-embedding-type f16 IN OUT TQ2_0`",
			    name, ggml_type_name(tensor->type), tensor->type);
	if (tensor->size[0] % weights)
		return bail(in->err, EXIT_FAILED,
			    "tensor '%s' has rows of %" PRIu64
			    " weights, but %s comes in blocks of %" PRIu64,
			    name, tensor->size[0], ggml_type_name(tensor->type), weights);
	if (__builtin_mul_overflow(elements / weights, bytes, &tensor->bytes))
		return bail(in->err, EXIT_FAILED, "tensor '%s' has %" PRIu64 " elements, which cannot be right",
			    name, elements);
	return 0;
}

/* Every tensor aligned, in the file, and none on top of another. */
static int place_tensors(struct gguf *file, struct cursor *in, uint32_t alignment)
{
	uint64_t data = (in->at + alignment - 1) / alignment * alignment;
	struct gguf_tensor **order;
	char name[80];
	size_t i;
	int rc = 0;

	order = calloc(file->tensor_count + 1, sizeof(*order));
	if (!order)
		return bail_memory(in->err, "the table of tensors");
	for (i = 0; i < file->tensor_count; i++) {
		struct gguf_tensor *tensor = &file->tensors[i];
		uint64_t relative = tensor->offset;
		uint64_t end;

		gguf_printable(tensor->name, name);
		if (relative % alignment) {
			rc = bail(in->err, EXIT_FAILED,
				  "tensor '%s' has offset %" PRIu64
				  ", no multiple of the file's alignment %" PRIu32,
				  name, relative, alignment);
			goto out;
		}
		if (__builtin_add_overflow(data, relative, &tensor->offset) ||
		    __builtin_add_overflow(tensor->offset, tensor->bytes, &end) ||
		    end > in->bytes) {
			rc = bail(in->err, EXIT_FAILED,
				  "tensor '%s' has %" PRIu64 " bytes at %" PRIu64 " of the data, but the file ends at %zu: it is truncated or damaged, get it again",
				  name, tensor->bytes, relative, in->bytes);
			goto out;
		}
		tensor->data = in->base + tensor->offset;
		order[i] = tensor;
	}
	qsort(order, file->tensor_count, sizeof(*order), compare_places);
	for (i = 1; i < file->tensor_count; i++) {
		if (order[i - 1]->offset + order[i - 1]->bytes > order[i]->offset) {
			rc = bail(in->err, EXIT_FAILED,
				  "tensor '%s' at offset %" PRIu64 " lies on top of another: the file is damaged, get it again",
				  gguf_printable(order[i]->name, name), order[i]->offset);
			break;
		}
	}
out:
	free(order);
	return rc;
}

static int parse_counts(struct cursor *in, uint64_t *tensors, uint64_t *pairs)
{
	const uint8_t *magic;
	uint32_t version;
	int rc;

	rc = take(in, 4, "the header", &magic);
	if (rc)
		return rc;
	if (memcmp(magic, "GGUF", 4))
		return bail(in->err, EXIT_FAILED,
			    "the file starts with %02x %02x %02x %02x, not with \"GGUF\": it is no GGUF file",
			    magic[0], magic[1], magic[2], magic[3]);
	rc = take_u32(in, "the header", &version);
	if (rc)
		return rc;
	if (version != VERSION)
		return bail(in->err, EXIT_FAILED,
			    "the file is of GGUF version %" PRIu32 "; ternlm reads version %u: convert it with a newer llama.cpp",
			    version, VERSION);
	rc = take_u64(in, "the header", tensors);
	if (!rc)
		rc = take_u64(in, "the header", pairs);
	if (rc)
		return rc;
	if (*tensors > (in->bytes - in->at) / TENSOR_MIN ||
	    *pairs > (in->bytes - in->at) / PAIR_MIN)
		return bail(in->err, EXIT_FAILED,
			    "the header counts %" PRIu64 " tensors and %" PRIu64 " keys, more than %zu bytes hold: the file is truncated or damaged, get it again",
			    *tensors, *pairs, in->bytes);
	return 0;
}

int gguf_parse(struct gguf *file, const void *base, size_t bytes, struct error *err)
{
	struct cursor in = { .base = base, .bytes = bytes, .err = err };
	uint32_t alignment = ALIGNMENT;
	uint64_t tensors;
	uint64_t pairs;
	char name[80];
	size_t i;
	int rc;

	rc = parse_counts(&in, &tensors, &pairs);
	if (rc)
		return rc;
	file->pairs = calloc(pairs + 1, sizeof(*file->pairs));
	file->tensors = calloc(tensors + 1, sizeof(*file->tensors));
	if (!file->pairs || !file->tensors)
		return bail_memory(err, "the file's tables");
	for (; file->pair_count < pairs; file->pair_count++) {
		rc = parse_pair(&in, &file->pairs[file->pair_count]);
		if (rc)
			return rc;
	}
	qsort(file->pairs, pairs, sizeof(*file->pairs), compare_pairs);
	for (i = 1; i < pairs; i++)
		if (!compare_pairs(&file->pairs[i - 1], &file->pairs[i]))
			return bail(err, EXIT_FAILED, "key '%s' comes twice: the file is damaged",
				    gguf_printable(file->pairs[i].key, name));
	for (; file->tensor_count < tensors; file->tensor_count++) {
		rc = parse_tensor(&in, &file->tensors[file->tensor_count]);
		if (rc)
			return rc;
	}
	qsort(file->tensors, tensors, sizeof(*file->tensors), compare_tensors);
	for (i = 1; i < tensors; i++)
		if (!compare_tensors(&file->tensors[i - 1], &file->tensors[i]))
			return bail(err, EXIT_FAILED, "tensor '%s' comes twice: the file is damaged",
				    gguf_printable(file->tensors[i].name, name));
	rc = gguf_get_u32(file, "general.alignment", 1, &alignment, err);
	if (rc)
		return rc;
	if (alignment < 8 || alignment > ALIGNMENT_MAX || (alignment & (alignment - 1)))
		return bail(err, EXIT_FAILED,
			    "general.alignment is %" PRIu32 ", not a power of two from 8 to %u",
			    alignment, ALIGNMENT_MAX);
	return place_tensors(file, &in, alignment);
}

int gguf_open(struct gguf *file, const char *path, struct error *err)
{
	struct error inner;
	struct stat st;
	void *base;
	int fd;
	int rc;

	memset(file, 0, sizeof(*file));
	/* Does not wait for a writer where the path names a FIFO. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return bail(err, EXIT_FAILED, "%s: cannot open the model: %s", path,
			    strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		return bail(err, EXIT_FAILED, "%s: not a regular file, or an empty one", path);
	}
	base = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	rc = errno;
	close(fd);
	if (base == MAP_FAILED)
		return bail(err, EXIT_FAILED, "%s: cannot map the model: %s", path, strerror(rc));
	file->base = base;
	file->bytes = st.st_size;
	rc = gguf_parse(file, base, file->bytes, &inner);
	if (rc) {
		bail(err, rc, "%s: %s", path, inner.text);
		gguf_close(file);
	}
	return rc;
}

void gguf_close(struct gguf *file)
{
	free(file->pairs);
	free(file->tensors);
	if (file->base)
		munmap((void *)file->base, file->bytes);
	memset(file, 0, sizeof(*file));
}

const struct gguf_pair *gguf_find(const struct gguf *file, const char *key)
{
	struct gguf_pair wanted = { .key = { key, strlen(key) } };

	return bsearch(&wanted, file->pairs, file->pair_count, sizeof(wanted), compare_pairs);
}

const struct gguf_tensor *gguf_tensor(const struct gguf *file, const char *name)
{
	struct gguf_tensor wanted = { .name = { name, strlen(name) } };

	return bsearch(&wanted, file->tensors, file->tensor_count, sizeof(wanted), compare_tensors);
}

/* Finds a scalar of one type; *value is NULL when it is absent and may be. */
static int get(const struct gguf *file, const char *key, int optional, uint32_t type,
	       int is_array, const struct gguf_pair **pair, struct error *err)
{
	*pair = gguf_find(file, key);
	if (!*pair)
		return optional ? 0 : bail(err, EXIT_FAILED, "the key '%s' is missing", key);
	if ((*pair)->type != type || (*pair)->is_array != is_array)
		return bail(err, EXIT_FAILED,
			    "key '%s' is of type %" PRIu32 "%s, not %" PRIu32 "%s", key,
			    (*pair)->type, (*pair)->is_array ? " (array)" : "", type,
			    is_array ? " (array)" : "");
	return 0;
}

int gguf_get_u32(const struct gguf *file, const char *key, int optional,
		 uint32_t *value, struct error *err)
{
	const struct gguf_pair *pair;
	int rc = get(file, key, optional, GGUF_U32, 0, &pair, err);

	if (!rc && pair)
		memcpy(value, pair->value, sizeof(*value));
	return rc;
}

int gguf_get_f32(const struct gguf *file, const char *key, int optional,
		 float *value, struct error *err)
{
	const struct gguf_pair *pair;
	int rc = get(file, key, optional, GGUF_F32, 0, &pair, err);

	if (!rc && pair)
		memcpy(value, pair->value, sizeof(*value));
	return rc;
}

int gguf_get_bool(const struct gguf *file, const char *key, int optional,
		  int *value, struct error *err)
{
	const struct gguf_pair *pair;
	int rc = get(file, key, optional, GGUF_BOOL, 0, &pair, err);

	if (!rc && pair)
		*value = pair->value[0];
	return rc;
}

/* The string at *at, which moves on behind it. Checked when the file was opened. */
static struct gguf_string next_string(const uint8_t **at)
{
	struct gguf_string string;
	uint64_t length;

	memcpy(&length, *at, sizeof(length));
	string.data = (const char *)*at + sizeof(length);
	string.length = length;
	*at += sizeof(length) + length;
	return string;
}

int gguf_get_string(const struct gguf *file, const char *key, int optional,
		    struct gguf_string *value, struct error *err)
{
	const struct gguf_pair *pair;
	int rc = get(file, key, optional, GGUF_STRING, 0, &pair, err);

	if (!rc && pair) {
		const uint8_t *at = pair->value;

		*value = next_string(&at);
	}
	return rc;
}

int gguf_get_strings(const struct gguf *file, const char *key,
		     struct gguf_string **table, size_t *count, struct error *err)
{
	const struct gguf_pair *pair;
	const uint8_t *at;
	size_t i;
	int rc;

	rc = get(file, key, 0, GGUF_STRING, 1, &pair, err);
	if (rc)
		return rc;
	*table = calloc(pair->count + 1, sizeof(**table));
	if (!*table)
		return bail_memory(err, key);
	at = pair->value;
	for (i = 0; i < pair->count; i++)
		(*table)[i] = next_string(&at);
	*count = pair->count;
	return 0;
}
