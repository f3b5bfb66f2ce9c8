# SPDX-License-Identifier: Apache-2.0
#
# The RTL: the Verilated library that sim/ links ($(RTL_LIB)), the same with assertions for the
# tests, linters, benches.
PACKAGES += verilator yosys

RTL_SRCS := rtl/gen/tern_abi_pkg.sv rtl/tern_pkg.sv rtl/gen/tern_reg_top.sv \
	$(filter-out rtl/tern_pkg.sv,$(sort $(wildcard rtl/tern_*.sv)))
RTL_SVA  := $(sort $(wildcard rtl/sva/*.sv))
# A model of each named configuration: its class, and its library.
RTL_CLASS_base   := Vtern_top
RTL_LIB_base     := $(B)/rtl/verilated/Vtern_top__ALL.a
RTL_LIB          := $(RTL_LIB_base)
RTL_VARIANTS     := edge server
$(foreach c,$(RTL_VARIANTS),$(eval RTL_CLASS_$(c) := Vtern_$(c)))
$(foreach c,$(RTL_VARIANTS),$(eval RTL_LIB_$(c) := $(B)/rtl/$(c)/Vtern_$(c)__ALL.a))
# Parameters of a configuration, from the contract.
rtl_parameters    = $(shell sed -n 's/^\tX($1, [^,]*, \([0-9]*\), \([0-9]*\), \([0-9]*\), \([0-9]*\), \([0-9]*\), \([0-9]*\)).*/-GLanes=\1 -GStreams=\2 -GCols=\3 -GQueues=\4 -GKTile=\5 -GRowsTile=\6/p' abi/gen/tern_abi.h)

# The array by its number in tern_pkg: `make ARRAY=1 ...` builds models, and all that they are in,
# with another one. The file remembers the last choice, so that a change of it rebuilds.
ARRAY      ?= 0
RTL_ARRAY  := $(B)/rtl/array
$(shell mkdir -p $(B)/rtl; echo $(ARRAY) | cmp -s - $(RTL_ARRAY) || echo $(ARRAY) > $(RTL_ARRAY))

# The same for yosys, without the columns.
rtl_chparams      = $(foreach p,$(filter-out -GCols=%,$(call rtl_parameters,$1)),-chparam $(subst =, ,$(p:-G%=%)))

# One thread and g++: two threads and clang were both measured several times slower.
RTL_SPEED  := -O3 --x-assign fast --x-initial fast -Irtl
RTL_KIND   := $(if $(ARRAY:0=),-GArrayKind=$(ARRAY))
RTL_VFLAGS := $(RTL_SPEED) $(RTL_KIND)
RTL_DEPS   := $(RTL_SRCS) $(RTL_ARRAY) rtl/lint/verilator.vlt rtl/verilate rtl/streaming rtl/host_popcount.h

# The model that the simulator runs is compiled for what it will mostly do.
RTL_VINC   = $(or $(VERILATOR_ROOT),/usr/share/verilator)/include
RTL_TRAIN := rtl/train $(patsubst %,tests/rtl/%.cpp,bench_rtl dut commands axi_memory)

$(RTL_LIB): $(RTL_DEPS) $(RTL_TRAIN)
	$(call quiet,VERILATE) true
	+TRAIN='$(TOP)/rtl/train "$$1" $(RTL_VINC)' TRAIN_SOURCES="$(RTL_TRAIN)" rtl/verilate $(CACHE) $(@D) tern_top "$(RTL_VFLAGS) --noassert" "-O3 -march=native" \
		rtl/lint/verilator.vlt $(RTL_SRCS)

ALL += $(RTL_LIB)

# Compiled twice, as base is; nobody waits for an edge.
RTL_TRAINED := server

define rtl_variant
$(RTL_LIB_$1): $(RTL_DEPS) $(RTL_TRAIN) abi/gen/tern_abi.h
	$$(call quiet,VERILATE) true
	+PREFIX=$(RTL_CLASS_$1) $(if $(filter $1,$(RTL_TRAINED)),TRAIN='$(TOP)/rtl/train "$$$$1" $(RTL_VINC) $(RTL_CLASS_$1)' TRAIN_SOURCES="$(RTL_TRAIN)") \
		rtl/verilate $(CACHE) $$(@D) tern_top "$(RTL_VFLAGS) --noassert $(call rtl_parameters,$1)" \
		"-O3 -march=native" rtl/lint/verilator.vlt $(RTL_SRCS)
endef
$(foreach c,$(RTL_VARIANTS),$(eval $(call rtl_variant,$(c))))

# Models that can show their signals, built for build/ternsim-waves only; and with assertions, which
# are several times slower, for build/ternsim-checked.
RTL_WAVES  := --trace-fst --trace-structs --trace-max-width 512

define rtl_traced
$(B)/rtl/traced/$1/Vtraced_$1__ALL.a: $(RTL_DEPS) $(RTL_TRAIN) rtl/train-traced abi/gen/tern_abi.h
	$$(call quiet,VERILATE) true
	+PREFIX=Vtraced_$1 $(if $(filter $1,base $(RTL_TRAINED)),TRAIN='$(TOP)/rtl/train-traced "$$$$1" $(RTL_VINC) Vtraced_$1' TRAIN_SOURCES="rtl/train-traced $(RTL_TRAIN)") \
		rtl/verilate $(CACHE) $$(@D) tern_top "$(RTL_VFLAGS) --noassert $(RTL_WAVES) $(call rtl_parameters,$1)" \
		"-O3 -march=native" rtl/lint/verilator.vlt $(RTL_SRCS)

$(B)/rtl/asserted/$1/Vasserted_$1__ALL.a: $(RTL_DEPS) $(RTL_SVA) rtl/sva/tern_assert.svh abi/gen/tern_abi.h
	$$(call quiet,VERILATE) true
	+PREFIX=Vasserted_$1 rtl/verilate $(CACHE) $$(@D) tern_top "$(RTL_VFLAGS) --assert -Irtl/sva $(RTL_WAVES) $(call rtl_parameters,$1)" \
		"-O1" rtl/lint/verilator.vlt $(RTL_SRCS) $(RTL_SVA)
endef
$(foreach c,base $(RTL_VARIANTS),$(eval $(call rtl_traced,$(c))))

# ---------------------------------------------------------------- lint

.PHONY: lint-verilator lint-rtl
lint-verilator:
	verilator --lint-only -Wall -Irtl $(RTL_KIND) --top-module tern_top rtl/lint/verilator.vlt $(RTL_SRCS)
	$(foreach c,$(RTL_VARIANTS),verilator --lint-only -Wall -Irtl --top-module tern_top $(call rtl_parameters,$(c)) \
		rtl/lint/verilator.vlt $(RTL_SRCS) &&) true

# -defer: modules are read with their parameters, not with defaults first.
# Two columns stand for all: they are the same, and eight of them take minutes.
lint-rtl:
	$(foreach c,base $(RTL_VARIANTS),yosys -q -p 'read_verilog -sv -defer $(RTL_SRCS); hierarchy -check \
		-top tern_top -chparam Cols 2 $(call rtl_chparams,$(c)); script rtl/lint/yosys.ys' &&) true

LINT += lint-verilator lint-rtl

# ---------------------------------------------------------------- tests

RTL_T        := $(B)/tests/rtl
RTL_CHECKED  := $(B)/rtl/checked/Vtern_top__ALL.a
RTL_RULES    := $(B)/rtl/rules/Vaxi_rules__ALL.a
RTL_TEST_CXX  = $(CXX) $(CXXFLAGS) -march=native $(CPPFLAGS) -Itests/rtl -isystem $(RTL_VINC) \
	-isystem $(RTL_VINC)/vltstd -DVL_USER_STOP
RTL_COMMON   := $(RTL_T)/axi_memory.o $(RTL_T)/commands.o $(RTL_T)/vl_stop.o \
	$(RTL_T)/verilated.o $(RTL_T)/verilated_threads.o $(RTL_T)/pack.o $(RTL_T)/reference.o

$(RTL_CHECKED): $(RTL_DEPS) $(RTL_SVA) rtl/sva/tern_assert.svh
	$(call quiet,VERILATE) true
	+rtl/verilate $(CACHE) $(@D) tern_top "$(RTL_VFLAGS) --assert -Irtl/sva" "-O2 -march=native" \
		rtl/lint/verilator.vlt $(RTL_SRCS) $(RTL_SVA)

# The assertions of an AXI master alone, for a test that breaks them.
$(RTL_RULES): tests/rtl/axi_rules.sv $(RTL_DEPS) $(RTL_SVA) rtl/sva/tern_assert.svh
	$(call quiet,VERILATE) true
	+rtl/verilate $(CACHE) $(@D) axi_rules "$(RTL_SPEED) --assert -Irtl/sva" "-O1 -march=native" \
		rtl/lint/verilator.vlt rtl/gen/tern_abi_pkg.sv rtl/tern_pkg.sv rtl/sva/tern_axi_sva.sv \
		tests/rtl/axi_rules.sv

$(RTL_T)/verilated.o $(RTL_T)/verilated_threads.o: $(RTL_T)/%.o:
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) -w -c -o $@ $(RTL_VINC)/$*.cpp

$(RTL_T)/pack.o $(RTL_T)/reference.o: $(RTL_T)/%.o: userspace/lib/src/%.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CFLAGS) -O3 -march=native $(CPPFLAGS) $(DEPFLAGS) -c -o $@ $<

$(RTL_T)/%.o: tests/rtl/%.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) $(DEPFLAGS) -isystem $(RTL_INC) -c -o $@ $<

# The bench's model has no assertions, and so a Dut of its own, which evaluates rising edges only.
$(RTL_T)/bench/dut.o: tests/rtl/dut.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) -O3 '-DROOT_HEADER="Vtern_top___024root.h"' $(DEPFLAGS) -isystem $(RTL_INC) -c -o $@ $<

$(RTL_T)/dut.o $(RTL_T)/system_test.o $(RTL_T)/queue_test.o: private RTL_INC = $(dir $(RTL_CHECKED))
$(RTL_T)/dut.o $(RTL_T)/system_test.o $(RTL_T)/queue_test.o: | $(RTL_CHECKED)
$(RTL_T)/axi_rules_test.o: private RTL_INC = $(dir $(RTL_RULES))
$(RTL_T)/axi_rules_test.o: | $(RTL_RULES)
$(RTL_T)/bench/dut.o $(RTL_T)/bench_rtl.o $(RTL_T)/commands.o: private RTL_INC = $(dir $(RTL_LIB))
$(RTL_T)/bench/dut.o $(RTL_T)/bench_rtl.o: | $(RTL_LIB)
$(RTL_T)/axi_memory.o $(RTL_T)/vl_stop.o: private RTL_INC = .

$(RTL_T)/system_test $(RTL_T)/queue_test: %: %.o $(RTL_T)/dut.o $(RTL_COMMON) \
		$(B)/tests/vectors.o $(RTL_CHECKED)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

$(RTL_T)/axi_rules_test: %: %.o $(RTL_T)/vl_stop.o $(RTL_T)/verilated.o \
		$(RTL_T)/verilated_threads.o $(RTL_RULES)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

$(RTL_T)/bench_rtl: %: %.o $(RTL_T)/bench/dut.o $(RTL_COMMON) $(RTL_LIB)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

# A configuration's memory and link are the simulator's.
$(RTL_T)/bench_server.o: private RTL_TEST_CXX += -Isim
$(RTL_T)/bench_server.o $(RTL_T)/server/dut.o: private RTL_INC = $(dir $(RTL_LIB_server))
$(RTL_T)/bench_server.o $(RTL_T)/server/dut.o: | $(RTL_LIB_server)
$(RTL_T)/server/dut.o: tests/rtl/dut.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(RTL_TEST_CXX) -O3 -DVtern_top=$(RTL_CLASS_server) \
		'-DROOT_HEADER="$(RTL_CLASS_server)___024root.h"' $(DEPFLAGS) -isystem $(RTL_INC) -c -o $@ $<

$(RTL_T)/bench_server: %: %.o $(RTL_T)/server/dut.o $(RTL_COMMON) $(RTL_LIB_server) \
		$(addprefix $(B)/sim/,presets.o platform/config.o platform/nearest.o memory/dram.o link/packets.o)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

TESTS   += $(RTL_T)/axi_rules_test $(RTL_T)/system_test $(RTL_T)/queue_test
BENCHES += $(RTL_T)/bench_rtl $(RTL_T)/bench_server

-include $(wildcard $(RTL_T)/*.d $(RTL_T)/bench/*.d $(RTL_T)/server/*.d)
