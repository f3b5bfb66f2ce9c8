/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: what a client of the simulator did, as bytes that can be recorded, played
 * again and mutated. Any bytes are a session; what is left of one at its end counts as
 * far as it goes.
 */
#ifndef TERN_FUZZ_SESSION_H
#define TERN_FUZZ_SESSION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The head of a step; `bytes` of data follow. */
struct session_step {
	uint8_t kind;		/* enum session_kind, modulo SESSION_KINDS */
	uint8_t files;		/* how many (low 4 bits) of which enum session_file (next 3) */
	uint16_t bytes;
};

enum session_kind {
	SESSION_SEND,		/* the data, with the files; the server answers */
	SESSION_HOLD,		/* the same, but more follows before the server gets its turn */
	SESSION_DIE,		/* the client closes its socket; the next one connects */
	SESSION_RAISE,		/* the card raises the vector data[0] */
	SESSION_TRUNCATE,	/* the client's last file of memory is now data[0] pages long */
	SESSION_FILL,		/* the client's last eventfd is full */
	SESSION_DRAIN,		/* and empty */
	SESSION_COMMAND,	/* entry data[1] of queue data[0]'s ring is the rest of the data */
	SESSION_FAULT,		/* a line of the control socket's grammar: a fault is loaded */
	SESSION_KINDS
};

enum session_file {
	SESSION_MEMORY,		/* 4 GiB, of which nothing is there yet */
	SESSION_EVENTFD,	/* not blocking */
	SESSION_BLOCKING,	/* an eventfd that blocks */
	SESSION_SMALL,		/* 64 KiB of memory */
	SESSION_READ_ONLY,	/* the same, opened for reading */
	SESSION_PIPE,		/* its end to write to */
	SESSION_SOCKET,
	SESSION_FULL,		/* an eventfd that blocks and is full */
};

#define SESSION_MEMORY_BYTES	(4ull << 30)
#define SESSION_SMALL_BYTES	(64u << 10)
/* A count of 15 stands for more than the server takes with one message. */
#define SESSION_MAX_FILES	20

/*
 * The step at *at, and where its data is; *at moves behind it. False at the end.
 * step->bytes is what is there, step->kind is inside the enum.
 */
int session_next(const uint8_t *session, size_t bytes, size_t *at, struct session_step *step,
		 const uint8_t **data);

/* Number of the step's files, and their kind. */
unsigned int session_file_count(const struct session_step *step);
enum session_file session_file_kind(const struct session_step *step);

/* A new descriptor of a kind, close-on-exec; -1 and errno. */
int session_open(enum session_file kind);

#ifdef __cplusplus
}
#endif

#endif /* TERN_FUZZ_SESSION_H */
