/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GGUF version 3, read through a mapping of the file. All little-endian:
 *
 *   "GGUF"  u32 version  u64 tensors  u64 pairs
 *   pair:   string key, u32 value type, value       string: u64 length, bytes
 *   tensor: string name, u32 dimensions, u64 each (innermost first),
 *           u32 type, u64 offset into the data section
 *   data:   starts at the next multiple of `general.alignment` (32 if absent)
 *
 * gguf_open() checks everything that the structure itself promises, so that the
 * readers behind it need no checks of bounds: every string, array and tensor
 * lies in the file, no two tensors share a byte, no key or name comes twice.
 */
#ifndef RUNTIME_GGUF_H
#define RUNTIME_GGUF_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum gguf_value {
	GGUF_U8, GGUF_I8, GGUF_U16, GGUF_I16, GGUF_U32, GGUF_I32, GGUF_F32,
	GGUF_BOOL, GGUF_STRING, GGUF_ARRAY, GGUF_U64, GGUF_I64, GGUF_F64,
	GGUF_VALUES
};

/* Tensor types, by ggml's numbers: those that ternlm reads. */
enum ggml_type {
	GGML_F32 = 0,
	GGML_F16 = 1,
	GGML_TQ2_0 = 35,
};

/* TQ2_0: 256 weights in 66 bytes, see ternary.h. */
#define TQ2_0_WEIGHTS	256
#define TQ2_0_BYTES	66

struct gguf_string {
	const char *data;	/* in the file: no zero at the end */
	size_t length;
};

struct gguf_pair {
	struct gguf_string key;
	uint32_t type;		/* enum gguf_value; an array's: of its elements */
	int is_array;
	uint64_t count;		/* elements; 1 if no array */
	const uint8_t *value;
};

struct gguf_tensor {
	struct gguf_string name;
	uint32_t type;		/* enum ggml_type */
	uint32_t dimensions;
	uint64_t size[4];	/* innermost first; 1 beyond dimensions */
	uint64_t offset;	/* from the file's start */
	uint64_t bytes;
	const void *data;
};

struct gguf {
	const uint8_t *base;
	size_t bytes;
	struct gguf_pair *pairs;	/* sorted by key */
	size_t pair_count;
	struct gguf_tensor *tensors;	/* sorted by name */
	size_t tensor_count;
};

/** gguf_open() - map a file and check all of its structure */
int gguf_open(struct gguf *file, const char *path, struct error *err);

/** gguf_parse() - the same for a file that is already in memory */
int gguf_parse(struct gguf *file, const void *base, size_t bytes, struct error *err);

/** gguf_close() - unmap; good for a zeroed struct and after failure too */
void gguf_close(struct gguf *file);

/** gguf_find() - the pair with this key, or NULL */
const struct gguf_pair *gguf_find(const struct gguf *file, const char *key);

/** gguf_tensor() - the tensor with this name, or NULL */
const struct gguf_tensor *gguf_tensor(const struct gguf *file, const char *name);

/*
 * Scalars. A key that is absent leaves *value as it is when @optional, else it is
 * an error; so is a value of another type.
 */
int gguf_get_u32(const struct gguf *file, const char *key, int optional,
		 uint32_t *value, struct error *err);
int gguf_get_f32(const struct gguf *file, const char *key, int optional,
		 float *value, struct error *err);
int gguf_get_bool(const struct gguf *file, const char *key, int optional,
		  int *value, struct error *err);
int gguf_get_string(const struct gguf *file, const char *key, int optional,
		    struct gguf_string *value, struct error *err);

/** gguf_get_strings() - an array of strings, as a table that the caller frees */
int gguf_get_strings(const struct gguf *file, const char *key,
		     struct gguf_string **table, size_t *count, struct error *err);

/** gguf_string_is() - compare with a C string */
int gguf_string_is(struct gguf_string string, const char *text);

/** gguf_printable() - at most 64 bytes of a file's string, made safe to print */
const char *gguf_printable(struct gguf_string string, char buffer[80]);

/** ggml_type_name() - "Q4_K" and so on; "unknown" for a number without a name */
const char *ggml_type_name(uint32_t type);

#endif /* RUNTIME_GGUF_H */
