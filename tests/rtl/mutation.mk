# SPDX-License-Identifier: Apache-2.0
#
# Mutation check: the RTL with all bugs of mutants.toml built in, and the benches on it.

MUTATED     := $(B)/rtl/mutated
MUTANT_SRC  := $(MUTATED)/tern_mutant_pkg.sv $(addprefix $(MUTATED)/,$(RTL_SRCS))
MUTANT_LIB  := $(B)/rtl/mutants/Vtern_top__ALL.a
MUTANT_T    := $(RTL_T)/mutants
MUTANT_RUNS := $(addprefix $(MUTANT_T)/,system_test queue_test random_test)

$(MUTANT_SRC) &: tests/rtl/mutants.toml tests/rtl/mutate $(RTL_SRCS)
	$(call quiet,MUTATE) tests/rtl/mutate build tests/rtl/mutants.toml $(MUTATED) $(RTL_SRCS)

# The choice between right and wrong makes widths differ: that is not to be fatal here.
$(MUTANT_LIB): $(MUTANT_SRC) $(RTL_DEPS) $(RTL_SVA) rtl/sva/tern_assert.svh tests/rtl/mutation.mk
	$(call quiet,VERILATE) true
	+rtl/verilate $(CACHE) $(@D) tern_top "$(RTL_VFLAGS) --assert -Irtl/sva -Wno-WIDTH" \
		"-O1 -march=native" rtl/lint/verilator.vlt $(MUTANT_SRC) $(RTL_SVA)

$(MUTANT_T)/dut.o: tests/rtl/dut.cpp $(MUTANT_LIB)
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) $(DEPFLAGS) -isystem $(B)/rtl/mutants -c -o $@ $<
-include $(MUTANT_T)/dut.d

$(RTL_T)/mutant.o: private RTL_INC = .

$(MUTANT_RUNS): $(MUTANT_T)/%: $(RTL_T)/%.o $(MUTANT_T)/dut.o $(RTL_T)/mutant.o \
		$(filter-out $(RTL_T)/random_test.o,$(RANDOM_OBJS)) $(RTL_COMMON) \
		$(B)/tests/vectors.o $(MUTANT_LIB)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

tests/rtl/mutation_test.sh: | $(MUTANT_RUNS)
TESTS += tests/rtl/mutation_test.sh
## mutation: bugs put into the RTL on purpose; each has to make a bench fail
.PHONY: mutation
mutation: tests/rtl/mutation_test.sh
	@tests/run $<
