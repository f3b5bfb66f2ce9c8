# SPDX-License-Identifier: Apache-2.0
#
# Random traffic against the C reference, on every named configuration, with assertions.

RANDOM_OBJS := $(patsubst %,$(RTL_T)/%.o,random_test episode traffic shadow)
$(RANDOM_OBJS): private RTL_INC = .

$(RTL_T)/random_test: $(RANDOM_OBJS) $(RTL_T)/dut.o $(RTL_COMMON) $(RTL_CHECKED)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread
TESTS += $(RTL_T)/random_test

# $(call random,NAME): build/tests/rtl/random_NAME/random_test
define random
$(B)/rtl/checked_$(1)/Vtern_top__ALL.a: $(RTL_DEPS) $(RTL_SVA) rtl/sva/tern_assert.svh \
		tests/rtl/random.mk
	$$(call quiet,VERILATE) true
	+rtl/verilate $(CACHE) $$(@D) tern_top "$(RTL_VFLAGS) --assert -Irtl/sva $$(call rtl_parameters,$(1))" \
		"-O1 -march=native" rtl/lint/verilator.vlt $(RTL_SRCS) $(RTL_SVA)

$(RTL_T)/random_$(1)/dut.o: tests/rtl/dut.cpp $(B)/rtl/checked_$(1)/Vtern_top__ALL.a
	@mkdir -p $$(@D)
	$$(call quiet,CXX) $$(RTL_TEST_CXX) $$(DEPFLAGS) -isystem $(B)/rtl/checked_$(1) -c -o $$@ $$<
-include $(RTL_T)/random_$(1)/dut.d

$(RTL_T)/random_$(1)/random_test: $(RANDOM_OBJS) $(RTL_T)/random_$(1)/dut.o $(RTL_COMMON) \
		$(B)/rtl/checked_$(1)/Vtern_top__ALL.a
	$$(call quiet,CXX) $(CXX) -o $$@ $$^ -lpthread
TESTS += $(RTL_T)/random_$(1)/random_test
endef
$(eval $(call random,edge))
$(eval $(call random,server))
