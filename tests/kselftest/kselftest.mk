# SPDX-License-Identifier: Apache-2.0
#
# The programs that run in the guest: see tests/kselftest/README.md.

KSFT      := $(LINUX_SOURCE)/tools/testing/selftests
KSFT_DIR  := $(B)/tests/kselftest
KSFT_SRC  := $(wildcard tests/kselftest/*_test.c)
KSFT_BIN  := $(KSFT_SRC:tests/kselftest/%.c=$(KSFT_DIR)/%) $(addprefix $(KSFT_DIR)/,campaign fuzz jobs)

$(KSFT)/kselftest_harness.h: $(LINUX_SOURCE)/scripts/checkpatch.pl ;

.PHONY: kselftest
kselftest: $(KSFT_BIN) $(addprefix $(KSFT_DIR)/,campaign_guest.sh guest.sh perf.sh)

# The kernel's headers are taken as they are, and its fixtures have no prototypes.
$(KSFT_DIR)/%: tests/kselftest/%.c userspace/lib/src/pack.c userspace/lib/src/reference.c \
		tests/kselftest/kselftest.mk $(KSFT)/kselftest_harness.h
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) -D_GNU_SOURCE -isystem $(KSFT) $(CFLAGS) -Wno-missing-prototypes -pthread -MMD -MP -MF $@.d -o $@ \
		$(filter %.c,$^)

$(KSFT_DIR)/fuzz: $(addprefix tests/kselftest/,fuzz_call.c fuzz_steps.c)

$(KSFT_DIR)/%.sh: tests/kselftest/%.sh
	@mkdir -p $(@D)
	cp $< $@

-include $(KSFT_BIN:=.d)

PACKAGES  += linux-perf
KSFT_RUNS := $(addprefix tests/kselftest/,run.sh run_6_12.sh run_debug.sh run_faults.sh run_iommu.sh \
	run_perf.sh simulator_killed.sh campaign_short.sh)
TESTS += $(KSFT_RUNS)
$(KSFT_RUNS): | kselftest $(B)/driver/6.1/tern.ko \
	$(QEMU) $(LINUX_6_1) $(B)/ternsim
tests/kselftest/run_6_12.sh: | $(B)/driver/6.12/tern.ko $(LINUX_6_12)
tests/kselftest/run_debug.sh: | $(B)/driver/debug/tern.ko $(LINUX_debug)

## kselftest-6.12: on Debian's other kernel, the tests of tern.ko that make check leaves out there
.PHONY: kselftest-6.12
kselftest-6.12: | tests/kselftest/run_6_12.sh
	tests/kselftest/run.sh --kernel 6.12 bo submit result isolation reset

## kselftest-debug: on the debug kernel, the tests of tern.ko that make check leaves out there
.PHONY: kselftest-debug
kselftest-debug: | tests/kselftest/run_debug.sh
	tests/kselftest/run.sh --kernel debug bo result wait dmabuf isolation observe
	tests/kselftest/run.sh --kernel debug lifetime reset remove pmu

## campaign: a million fuzzed ioctls, 500 kills in mid-job, 100 resets, 50 surprise removals (CAMPAIGN="--kernel 6.12 kills=50")
.PHONY: campaign
campaign: | tests/kselftest/campaign_short.sh
	tests/kselftest/campaign.sh $(CAMPAIGN)

# Programs have the C library's types, and the harness is made of macros.
KSFT_IGNORE := PREFER_KERNEL_TYPES,MACRO_WITH_FLOW_CONTROL,COMPLEX_MACRO,MACRO_ARG_REUSE
KSFT_IGNORE := $(KSFT_IGNORE),MULTISTATEMENT_MACRO_USE_DO_WHILE,LINE_SPACING,VOLATILE,AVOID_EXTERNS
KSFT_IGNORE := $(KSFT_IGNORE),MACRO_ARG_PRECEDENCE,SPLIT_STRING

PACKAGES += shellcheck
LINT     += lint-kselftest
.PHONY: lint-kselftest
lint-kselftest: $(LINUX_SOURCE)/scripts/checkpatch.pl
	$(CHECKPATCH) --ignore $(KSFT_IGNORE) -f $(wildcard tests/kselftest/*.[ch]) \
		tests/bench/roundtrip.c
	shellcheck -S warning $(wildcard tests/kselftest/*.sh) tests/bench/driver.sh driver/lint driver/cocci driver/linux-source
