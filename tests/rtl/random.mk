# SPDX-License-Identifier: Apache-2.0
#
# Random traffic against the C reference, on the model with assertions.

RANDOM_OBJS := $(patsubst %,$(RTL_T)/%.o,random_test episode traffic shadow)
$(RANDOM_OBJS): private RTL_INC = .

$(RTL_T)/random_test: $(RANDOM_OBJS) $(RTL_T)/dut.o $(RTL_COMMON) $(RTL_CHECKED)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

TESTS += $(RTL_T)/random_test
