# SPDX-License-Identifier: Apache-2.0
PACKAGES += libcmocka-dev bsdextrautils
TESTS    += tests/unit/abi_test.sh tests/unit/runner_test.sh

# The reader of the golden vectors, for every C and C++ test.
$(B)/tests/vectors.o: tests/vectors/vectors.c tests/vectors/vectors.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

PACKAGES += jq
BENCHES  += tests/bench/platform.sh tests/bench/tokens.sh
tests/bench/tokens.sh: | $(QEMU) $(LINUX_6_1) $(TERN_KO)
