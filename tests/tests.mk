# SPDX-License-Identifier: Apache-2.0
PACKAGES += libcmocka-dev bsdextrautils strace
TESTS    += tests/unit/abi_test.sh tests/unit/runner_test.sh

# The reader of the golden vectors, for every C and C++ test.
$(B)/tests/vectors.o: tests/vectors/vectors.c tests/vectors/vectors.h
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CFLAGS) -c -o $@ $<

TESTS += tests/e2e/guest_test.sh
tests/e2e/guest_test.sh: | $(QEMU) $(LINUX_6_1) $(TERN_KO) $(B)/ternsim $(B)/tern $(B)/ternlm

PACKAGES += jq
BENCHES  += tests/bench/platform.sh tests/bench/resident.sh tests/bench/idle.sh tests/bench/tokens.sh tests/bench/waves.sh $(if $(filter server,$(SIM_MODELS)),tests/bench/token.sh)
tests/bench/idle.sh tests/bench/tokens.sh: | $(QEMU) $(LINUX_6_1) $(TERN_KO)
