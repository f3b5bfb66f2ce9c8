// SPDX-License-Identifier: Apache-2.0
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "options.h"

#define COUNT_MAX	(1u << 20)
#define THREADS_MAX	256

enum key {
	KEY_TEMP = 0x100, KEY_TOP_K, KEY_TOP_P, KEY_SEED, KEY_IGNORE_EOS, KEY_DEVICE,
	KEY_CHECK, KEY_ISA, KEY_THREADS, KEY_JSON, KEY_LAYERS, KEY_PERPLEXITY, KEY_LIMIT,
	KEY_PACKING,
};

static const struct argp_option table[] = {
	{ "model", 'm', "FILE", 0, "the model, a GGUF file", 1 },
	{ "prompt", 'p', "TEXT", 0, "what to go on from (none: from nothing)", 1 },
	{ "count", 'n', "N", 0, "generate at most N tokens (128)", 1 },
	{ NULL, 0, NULL, 0, "Choosing the next token:", 2 },
	{ "temp", KEY_TEMP, "T", 0, "temperature; 0 always takes the likeliest token (0)", 2 },
	{ "top-k", KEY_TOP_K, "K", 0, "only the K likeliest tokens; 0 is all (40)", 2 },
	{ "top-p", KEY_TOP_P, "P", 0,
	  "of these the fewest that have probability P together (0.95)", 2 },
	{ "seed", KEY_SEED, "N", 0, "seed of the random numbers (1)", 2 },
	{ "ignore-eos", KEY_IGNORE_EOS, NULL, 0, "go on behind the end of a text", 2 },
	{ NULL, 0, NULL, 0, "Where to compute:", 3 },
	{ "device", KEY_DEVICE, "DEVICE", 0,
	  "cpu, sim, sim:CONFIG, vfio-user:SOCKET or /dev/ternN (cpu)", 3 },
	{ "packing", KEY_PACKING, "PACKING", 0,
	  "how the device's weights are packed: p2 (2 bits each) or b5 (1.6 bits) (p2)", 3 },
	{ "check", KEY_CHECK, NULL, 0,
	  "compare the result of every BitLinear with the C reference, bit for bit", 3 },
	{ "threads", KEY_THREADS, "N", 0, "threads (all CPUs with cpu, else 1)", 3 },
	{ "isa", KEY_ISA, "NAME", 0,
	  "instruction set: base, avx2 or avx512 (the best one of this CPU); or $TERNLM_ISA", 3 },
	{ NULL, 0, NULL, 0, "What to print:", 4 },
	{ "json", KEY_JSON, NULL, 0, "one JSON object on stdout, nothing else", 4 },
	{ "layers", KEY_LAYERS, NULL, 0, "a table of the kinds of BitLinear too", 4 },
	{ "perplexity", KEY_PERPLEXITY, "FILE", 0,
	  "do not generate: tokens, nll and perplexity of a text, in windows of 512 tokens; "
	  "documents in it are separated by a line with the end token", 4 },
	{ "limit", KEY_LIMIT, "N", 0, "score only the first N tokens of it", 4 },
	{ 0 }
};

static const char doc[] =
	"Run a ternary (BitNet b1.58) language model, its BitLinears on a Tern device or on the CPU."
	"\vThe text goes to stdout as it comes, a table of figures to stderr. Joules are an estimate: "
	"counted additions and bytes of device memory times published energies, see runtime/README.md.\n"
	"\n"
	"Exit status: 0 done; 1 the model is missing, damaged or of an unknown kind, a job failed, a "
	"result was wrong, or output cannot be written; 2 wrong usage, or a prompt that does not fit; "
	"3 no device, no permission for it, it went away, no memory; 130 ended by Ctrl-C.\n"
	"\n"
	"Example: ternlm -m models/unixdoc/unixdoc.gguf -p 'The driver' -n 64 --device sim --check";

static uint64_t parse_count(struct argp_state *state, const char *option, const char *text,
			    uint64_t min, uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || !isdigit((unsigned char)*text) || value < min || value > max)
		argp_error(state, "%s: '%s' is no whole number from %llu to %llu", option, text,
			   (unsigned long long)min, (unsigned long long)max);
	return value;
}

static double parse_real(struct argp_state *state, const char *option, const char *text,
			 double min, double max)
{
	double value;
	char *end;

	errno = 0;
	value = strtod(text, &end);
	if (errno || *end || end == text || !(value >= min && value <= max))
		argp_error(state, "%s: '%s' is no number from %g to %g", option, text, min, max);
	return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'm':
		options->model = arg;
		break;
	case 'p':
		options->prompt = arg;
		break;
	case 'n':
		options->count = parse_count(state, "-n", arg, 1, COUNT_MAX);
		break;
	case KEY_TEMP:
		options->temperature = parse_real(state, "--temp", arg, 0.0, 100.0);
		break;
	case KEY_TOP_K:
		options->top_k = parse_count(state, "--top-k", arg, 0, UINT32_MAX);
		break;
	case KEY_TOP_P:
		options->top_p = parse_real(state, "--top-p", arg, 0.0, 1.0);
		break;
	case KEY_SEED:
		options->seed = parse_count(state, "--seed", arg, 0, UINT64_MAX);
		break;
	case KEY_IGNORE_EOS:
		options->ignore_eos = 1;
		break;
	case KEY_DEVICE:
		options->backend.device = arg;
		break;
	case KEY_PACKING:
		options->backend.packing = tern_packing_find(arg);
		if (!options->backend.packing)
			argp_error(state, "--packing: '%s' is neither p2 nor b5", arg);
		break;
	case KEY_CHECK:
		options->backend.check = 1;
		break;
	case KEY_THREADS:
		options->backend.threads = parse_count(state, "--threads", arg, 1, THREADS_MAX);
		break;
	case KEY_ISA:
		options->backend.isa = arg;
		break;
	case KEY_JSON:
		options->json = 1;
		break;
	case KEY_LAYERS:
		options->layers = 1;
		break;
	case KEY_PERPLEXITY:
		options->perplexity = arg;
		break;
	case KEY_LIMIT:
		options->limit = parse_count(state, "--limit", arg, 1, UINT64_MAX);
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "what is '%s'? A prompt needs -p", arg);
		break;
	case ARGP_KEY_END:
		if (!options->model)
			argp_error(state, "-m FILE is missing: which model?");
		if (options->backend.packing && !strcmp(options->backend.device, "cpu"))
			argp_error(state, "--packing goes with a --device that is not cpu");
		if (options->limit && !options->perplexity)
			argp_error(state, "--limit goes with --perplexity");
		if (options->perplexity && *options->prompt)
			argp_error(state, "--perplexity scores a text and generates none: leave -p out");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int default_threads(const char *device)
{
#ifdef _OPENMP
	int processors = omp_get_num_procs();

	if (!strcmp(device, "cpu"))
		return processors < THREADS_MAX ? processors : THREADS_MAX;
#endif
	(void)device;
	return 1;
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp argp = { .options = table, .parser = parse, .doc = doc };
	const char *isa = getenv("TERNLM_ISA");

	*options = (struct options){
		.prompt = "",
		.count = 128,
		.top_k = 40,
		.top_p = 0.95,
		.seed = 1,
		.backend = { .device = "cpu", .isa = isa && *isa ? isa : NULL },
	};
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, options);
	if (!options->backend.packing)
		options->backend.packing = tern_packing_find("p2");
	if (!options->backend.threads)
		options->backend.threads = default_threads(options->backend.device);
}
