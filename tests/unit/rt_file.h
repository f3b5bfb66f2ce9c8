/* SPDX-License-Identifier: Apache-2.0 */
/* Builds GGUF files in memory: what the runtime's tests read. */
#ifndef RT_FILE_H
#define RT_FILE_H

#include <stddef.h>
#include <stdint.h>

struct rt_file {
	uint8_t *bytes;
	size_t count;
	size_t room;
};

void rt_put(struct rt_file *file, const void *bytes, size_t count);
void rt_u32(struct rt_file *file, uint32_t value);
void rt_u64(struct rt_file *file, uint64_t value);
void rt_string(struct rt_file *file, const char *text);

/* "GGUF", version, counts */
void rt_header(struct rt_file *file, uint64_t tensors, uint64_t pairs);

void rt_pair_u32(struct rt_file *file, const char *key, uint32_t value);
void rt_pair_f32(struct rt_file *file, const char *key, float value);
void rt_pair_string(struct rt_file *file, const char *key, const char *value);

/* a tensor's entry; its data comes later, at @offset of the data section */
void rt_tensor(struct rt_file *file, const char *name, uint64_t size0, uint64_t size1,
	       uint32_t type, uint64_t offset);

/* zeros up to the next multiple of @unit */
void rt_align(struct rt_file *file, size_t unit);

void rt_free(struct rt_file *file);

/*
 * A whole model, as small as one can be: one layer of width 256, two heads, two
 * merges, random trits of scale 0.5, context 16.
 */
void rt_small_model(struct rt_file *file);

/* Writes into a new temporary file; returns its path, which the caller frees. */
char *rt_write(const uint8_t *bytes, size_t count);

#endif /* RT_FILE_H */
