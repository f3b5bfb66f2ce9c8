# SPDX-License-Identifier: Apache-2.0
#
# ternlm, the language model runtime, and its tests.

PACKAGES += gcc libc6-dev libjansson-dev libunistring-dev libcmocka-dev

RUNTIME_SRC := backend backend_cpu backend_tern bpe error fixed_math generate gguf kernels main \
	model options perplexity report sampler ternary threads tokenizer transformer utf8 word
RUNTIME_DIR := $(B)/runtime

# One source, compiled for each instruction set; only x86-64 has more than one.
RUNTIME_ISAS := base
# gcc notes that wider vectors would be passed in another way with AVX; none is passed.
ISA_FLAGS_base := -Wno-psabi
ifeq ($(shell uname -m),x86_64)
RUNTIME_ISAS += avx2 avx512
ISA_FLAGS_avx2 := -mavx2 -mf16c
ISA_FLAGS_avx512 := -mavx2 -mf16c -mavx512f -mavx512bw -mavx512vl -mavx512vnni \
	-mprefer-vector-width=512
endif

# The same bits everywhere: products are rounded before they are added. The last
# two change no result: errno is not looked at, and no exception is trapped.
RUNTIME_CFLAGS := -Iabi -O3 -fopenmp -ffp-contract=off -fno-math-errno -fno-trapping-math
# libgomp statically, see runtime/threads.c.
RUNTIME_LIBS := -ljansson -lunistring -Wl,-Bstatic -lgomp -Wl,-Bdynamic

RUNTIME_OBJ := $(RUNTIME_SRC:%=$(RUNTIME_DIR)/%.o) $(RUNTIME_ISAS:%=$(RUNTIME_DIR)/kernels_%.o)

ALL += $(B)/ternlm

$(RUNTIME_DIR)/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(RUNTIME_CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(RUNTIME_ISAS:%=$(RUNTIME_DIR)/kernels_%.o): $(RUNTIME_DIR)/kernels_%.o: runtime/kernels_isa.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(RUNTIME_CFLAGS) -DISA=$* $(ISA_FLAGS_$*) $(DEPFLAGS) -c -o $@ $<

$(B)/ternlm: $(RUNTIME_OBJ) $(B)/libtern.a
	$(call quiet,CC) $(CC) $(CFLAGS) -o $@ $^ $(RUNTIME_LIBS)

-include $(RUNTIME_OBJ:.o=.d)

# The unit tests run with the address and undefined-behaviour sanitizers, leaks included.
RUNTIME_TESTS   := rt_bitlinear_test rt_gguf_test rt_math_test rt_sampler_test rt_tokenizer_test
RUNTIME_SAN     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
RUNTIME_SAN_OBJ := $(patsubst $(RUNTIME_DIR)/%,$(RUNTIME_DIR)/san/%,$(filter-out %/main.o,$(RUNTIME_OBJ)))

TESTS += $(RUNTIME_TESTS:%=$(B)/tests/unit/%)

$(RUNTIME_DIR)/san/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(RUNTIME_CFLAGS) $(RUNTIME_SAN) $(DEPFLAGS) -c -o $@ $<

$(RUNTIME_ISAS:%=$(RUNTIME_DIR)/san/kernels_%.o): $(RUNTIME_DIR)/san/kernels_%.o: runtime/kernels_isa.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(RUNTIME_CFLAGS) -DISA=$* $(ISA_FLAGS_$*) $(RUNTIME_SAN) \
		$(DEPFLAGS) -c -o $@ $<

$(RUNTIME_TESTS:%=$(B)/tests/unit/%): $(B)/tests/unit/%: tests/unit/%.c tests/unit/rt_file.c \
		$(RUNTIME_SAN_OBJ) $(B)/tests/vectors.o $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) -D_GNU_SOURCE -Iruntime $(CFLAGS) -ffp-contract=off $(RUNTIME_SAN) \
		$(DEPFLAGS) -o $@ $(filter %.c %.o %.a,$^) -lcmocka -lm $(RUNTIME_LIBS)

-include $(RUNTIME_SAN_OBJ:.o=.d) $(RUNTIME_TESTS:%=$(B)/tests/unit/%.d)

# ternlm as users start it, against the model's reference and on the simulated card.
RUNTIME_E2E := $(patsubst %,tests/e2e/ternlm_%.sh,errors perplexity reference threads)

PACKAGES += grep coreutils util-linux
TESTS    += $(RUNTIME_E2E)

$(RUNTIME_E2E): | $(B)/ternlm $(B)/tests/e2e/ternlm_compare
tests/e2e/ternlm_errors.sh tests/e2e/ternlm_reference.sh: | $(B)/ternsim $(B)/tern

$(B)/tests/e2e/ternlm_compare: tests/e2e/ternlm_compare.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) -D_GNU_SOURCE $(CFLAGS) $(DEPFLAGS) -o $@ $< -ljansson -lm

-include $(B)/tests/e2e/ternlm_compare.d

# The kernel's style, but for what only the kernel has. Messages stay in one line, to be found.
RUNTIME_C := $(wildcard runtime/*.[ch] tests/unit/rt_*.[ch] tests/e2e/ternlm_*.c)

LINT += lint-runtime
.PHONY: lint-runtime
lint-runtime: $(LINUX_SOURCE)/scripts/checkpatch.pl
	@mkdir -p $(RUNTIME_DIR)/include # checkpatch looks for one, and leaves a file where it runs
	@cd $(RUNTIME_DIR) && perl $(abspath $<) --no-tree --root=. --strict --terse \
		--no-summary --quiet --max-line-length=100 \
		--ignore PREFER_KERNEL_TYPES,CAMELCASE,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO \
		--ignore LONG_LINE_STRING,SPLIT_STRING,ARRAY_SIZE,AVOID_EXTERNS,NEW_TYPEDEFS \
		--ignore COMPLEX_MACRO,VOLATILE,STRCPY,SPACING,LINE_SPACING,FUNCTION_ARGUMENTS,QUOTED_WHITESPACE_BEFORE_NEWLINE \
		-f $(abspath $(RUNTIME_C))
