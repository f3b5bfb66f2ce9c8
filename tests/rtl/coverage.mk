# SPDX-License-Identifier: Apache-2.0
#
# Coverage of the RTL: instrumented models of whole devices and of units, the benches on them, and
# one table of what they reach.

COVERAGE_T    := $(RTL_T)/coverage
COVERAGE_FLAGS := --noassert --coverage-line --trace --trace-underscore --trace-max-array 1
COVERAGE_CXX   = -DVM_COVERAGE=1 -DVM_TRACE=1
COVERAGE_LIB  := $(COVERAGE_T)/verilated_cov.o $(COVERAGE_T)/verilated_vcd_c.o
COVERAGE_OBJS := $(COVERAGE_T)/coverage.o $(COVERAGE_LIB)

$(COVERAGE_T)/coverage.o: tests/rtl/coverage.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) $(COVERAGE_CXX) $(DEPFLAGS) -c -o $@ $<

$(COVERAGE_LIB): $(COVERAGE_T)/%.o:
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) $(COVERAGE_CXX) -w -c -o $@ $(RTL_VINC)/$*.cpp

# ---------------------------------------------------------------- devices

# The counters, for counters_test.
COVERAGE_VLT := $(COVERAGE_T)/counters.vlt
$(COVERAGE_VLT): tests/rtl/coverage.mk
	@mkdir -p $(@D)
	@echo '`verilator_config' > $@
	@echo 'public_flat_rw -module "tern_tally" -var "count_q"' >> $@
	@for c in cycles array stall_weights stall_activations stall_results mem_read mem_written \
		host_read host_written jobs; do \
		echo "public_flat_rw -module \"tern_totals\" -var \"$${c}_q\"" >> $@; done

# $(call coverage_device,NAME,PARAMETERS): build/tests/rtl/coverage/NAME/{system,queue,random}_test
define coverage_device
$(B)/rtl/coverage_$(1)/Vtern_top__ALL.a: $(RTL_DEPS) abi/gen/tern_abi.h tests/rtl/coverage.mk $(COVERAGE_VLT)
	$$(call quiet,VERILATE) true
	+rtl/verilate $(CACHE) $$(@D) tern_top "$(RTL_SPEED) $(COVERAGE_FLAGS) $(2)" \
		"-O1 -march=native" rtl/lint/verilator.vlt $(COVERAGE_VLT) $(RTL_SRCS)

$(COVERAGE_T)/$(1)/dut.o: tests/rtl/dut.cpp $(B)/rtl/coverage_$(1)/Vtern_top__ALL.a
	@mkdir -p $$(@D)
	$$(call quiet,CXX) $$(RTL_TEST_CXX) $(COVERAGE_CXX) $$(DEPFLAGS) -isystem $(B)/rtl/coverage_$(1) \
		-c -o $$@ $$<

$(COVERAGE_T)/$(1)/system_test $(COVERAGE_T)/$(1)/queue_test: $(COVERAGE_T)/$(1)/%: $(RTL_T)/%.o \
		$(COVERAGE_T)/$(1)/dut.o $(COVERAGE_OBJS) $(RTL_COMMON) \
		$(B)/tests/vectors.o $(B)/rtl/coverage_$(1)/Vtern_top__ALL.a
	$$(call quiet,CXX) $(CXX) -o $$@ $$^ -lpthread

$(COVERAGE_T)/$(1)/random_test: $(RANDOM_OBJS) $(COVERAGE_T)/$(1)/dut.o $(COVERAGE_OBJS) \
		$(RTL_COMMON) $(B)/rtl/coverage_$(1)/Vtern_top__ALL.a
	$$(call quiet,CXX) $(CXX) -o $$@ $$^ -lpthread
endef

$(COVERAGE_T)/base/counters_test.o: tests/rtl/counters_test.cpp $(B)/rtl/coverage_base/Vtern_top__ALL.a
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) $(COVERAGE_CXX) $(DEPFLAGS) -isystem $(B)/rtl/coverage_base \
		-c -o $@ $<
$(COVERAGE_T)/base/counters_test: %: %.o $(COVERAGE_T)/base/dut.o $(COVERAGE_OBJS) $(RTL_COMMON) \
		$(B)/rtl/coverage_base/Vtern_top__ALL.a
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

$(eval $(call coverage_device,base,))
$(eval $(call coverage_device,edge,$(call rtl_parameters,edge)))
$(eval $(call coverage_device,server,$(call rtl_parameters,server)))
$(eval $(call coverage_device,tree,-GArrayKind=1 $(call rtl_parameters,edge)))

# ---------------------------------------------------------------- units

# $(call coverage_unit,NAME): build/tests/rtl/coverage/NAME/unit_NAME_test
define coverage_unit
$(call verilated,coverage/$(1),$(UNIT_TOP_$(1)),$(COVERAGE_FLAGS) $(UNIT_FLAGS_$(1)),$(UNIT_SRCS_$(1)))
$(COVERAGE_T)/$(1)/unit_$(1)_test: tests/rtl/unit_$(1).cpp tests/rtl/unit.h tests/rtl/coverage.h \
		tests/rtl/tap.h $(COVERAGE_OBJS) $(UNIT_RUNTIME) $(COVERAGE_T)/$(1)/V$(UNIT_TOP_$(1))__ALL.a \
		$(B)/tests/vectors.o
	$$(call quiet,CXX) $$(UNIT_CXX) $(COVERAGE_CXX) -isystem $$(@D) -o $$@ $$(filter %.cpp,$$^) \
		$$(filter %.o,$$^) $$(filter %.a,$$^) -lpthread
endef
# Not the comparison of areas, which is no part of the device; and what has no clock.
COVERAGE_UNITS := $(filter-out b5 area,$(UNITS))
$(foreach u,$(COVERAGE_UNITS),$(eval $(call coverage_unit,$(u))))

-include $(wildcard $(COVERAGE_T)/*.d $(COVERAGE_T)/*/*.d)

# ---------------------------------------------------------------- the table

COVERAGE_RUNS := $(addprefix base/,system_test queue_test random_test counters_test) edge/system_test \
	$(addsuffix /random_test,edge server tree) $(foreach u,$(COVERAGE_UNITS),$(u)/unit_$(u)_test)

## coverage: what the RTL's benches reach: lines, toggles; fails below 95 % and at unnamed holes
.PHONY: coverage coverage-parts
coverage-parts: $(addprefix $(COVERAGE_T)/,$(COVERAGE_RUNS))
coverage: deps
	@$(BUILD) coverage-parts
	@CACHE=$(CACHE) tests/rtl/coverage_test.sh $(COVERAGE_RUNS)
