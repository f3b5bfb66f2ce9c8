# SPDX-License-Identifier: Apache-2.0
#
# ternsim. RTL_LIB is the Verilated tern_top, from rtl/rtl.mk.

PACKAGES += libsystemc-dev libtomlplusplus-dev libjansson-dev linux-libc-dev verilator pkgconf
PACKAGES += libcmocka-dev libgsl-dev

SIM_B        := $(B)/sim
SIM_VERILATOR = $(or $(VERILATOR_ROOT),/usr/share/verilator)/include
SIM_PARTS    := platform memory link faults vfio_user trace device/rtl device/model device/sampled
# One of abi/tern.toml's configurations each. `make SIM_MODELS=base` builds less.
SIM_MODELS   ?= base edge server
SIM_DEVICE   := sim/device/rtl/rtl_device.cpp
SIM_SIGNALS  := sim/device/rtl/wave_file.cpp sim/device/rtl/assertions.cpp
SIM_SRC      := sim/main.cpp $(filter-out $(SIM_DEVICE) $(SIM_SIGNALS),$(sort $(wildcard $(SIM_PARTS:%=sim/%/*.cpp))))
SIM_OBJ      := $(SIM_SRC:sim/%.cpp=$(SIM_B)/%.o) $(SIM_B)/presets.o \
	$(SIM_MODELS:%=$(SIM_B)/device/rtl/rtl_device_%.o) \
	$(SIM_B)/verilated.o $(SIM_B)/verilated_threads.o
SIM_PRESETS  := $(sort $(wildcard sim/configs/*.toml sim/configs/*/*.toml))
SIM_CPPFLAGS  = -Isim -Iabi -Iabi/gen -isystem $(SIM_VERILATOR) -isystem $(SIM_VERILATOR)/vltstd \
	-DVL_TIME_CONTEXT
# The simulator runs where it was built.
SIM_CXXFLAGS  = $(CXXFLAGS) -O3 -march=native
SIM_LIBS     := -lsystemc -ljansson -lgsl -lgslcblas -lpthread

ALL += $(B)/ternsim

SIM_RTL      := $(foreach c,$(SIM_MODELS),$(RTL_LIB_$(c)))

$(B)/ternsim: $(SIM_OBJ) $(SIM_RTL)
	$(call quiet,CXX) $(CXX) $(SIM_CXXFLAGS) -o $@.new $(SIM_OBJ) $(SIM_RTL) $(SIM_LIBS)
	mv $@.new $@

# The model's headers come with its library; what includes them must follow its changes.
define sim_device
$(SIM_B)/device/rtl/rtl_device_$1.o: $(SIM_DEVICE) $(RTL_LIB_$1)
	@mkdir -p $$(@D)
	$$(call quiet,CXX) $$(CXX) $$(SIM_CPPFLAGS) -isystem $(dir $(RTL_LIB_$1)) $$(SIM_CXXFLAGS) $$(DEPFLAGS) \
		-DTERN_MODEL=$(RTL_CLASS_$1) -DTERN_MAKE=make_$1 -DTERN_MODEL_H='"$(RTL_CLASS_$1).h"' \
		-DTERN_MODEL_ROOT_H='"$(RTL_CLASS_$1)___024root.h"' -c -o $$@ $(SIM_DEVICE)
endef
$(foreach c,$(SIM_MODELS),$(eval $(call sim_device,$(c))))

# The list of models is part of what is compiled.
SIM_LIST     := $(SIM_B)/models.list
$(shell mkdir -p $(SIM_B); echo $(SIM_MODELS) | cmp -s - $(SIM_LIST) || echo $(SIM_MODELS) > $(SIM_LIST))
$(SIM_B)/device/rtl/models.o: private SIM_MODELS_DEF = '-DTERN_MODELS(X)=$(foreach c,$(SIM_MODELS),X($(c)))'
$(SIM_B)/device/rtl/models.o: $(SIM_LIST)

$(SIM_B)/%.o: sim/%.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(SIM_CPPFLAGS) $(SIM_MODELS_DEF) $(SIM_CXXFLAGS) $(DEPFLAGS) -c -o $@ $<

# The model's kernels are chosen as it starts: each has the instructions of its name and no others.
SIM_KERNEL         := $(SIM_B)/device/model/kernels
SIM_X86            := $(filter x86_64,$(shell uname -m))
SIM_FLAGS_avx2     := -mavx2 -mpopcnt -mbmi -mbmi2
SIM_FLAGS_avx512   := $(SIM_FLAGS_avx2) -mavx512f -mavx512bw -mavx512vl -mavx512vnni -mavx512vbmi
$(SIM_KERNEL).o: private SIM_CXXFLAGS = $(CXXFLAGS) -O3
$(SIM_KERNEL)_avx2.o: private SIM_CXXFLAGS = $(CXXFLAGS) -O3 $(if $(SIM_X86),$(SIM_FLAGS_avx2))
$(SIM_KERNEL)_avx512.o: private SIM_CXXFLAGS = $(CXXFLAGS) -O3 $(if $(SIM_X86),$(SIM_FLAGS_avx512))

# Verilator's own sources, with warnings that are not ours.
$(SIM_B)/verilated.o $(SIM_B)/verilated_threads.o: $(SIM_B)/%.o:
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(SIM_CPPFLAGS) $(SIM_CXXFLAGS) -w -c -o $@ $(SIM_VERILATOR)/$*.cpp

# Presets are part of the program: it finds them wherever it is.
$(SIM_B)/presets.cpp: sim/embed-presets $(SIM_PRESETS)
	@mkdir -p $(@D)
	sim/embed-presets sim/configs $(SIM_PRESETS) > $@.new
	mv $@.new $@

$(SIM_B)/presets.o: $(SIM_B)/presets.cpp
	$(call quiet,CXX) $(CXX) $(SIM_CPPFLAGS) $(SIM_CXXFLAGS) -c -o $@ $<

# The same with models that can show their signals: $1 is the program, $2 traced or asserted, $3 the
# models. No part of `make all`: it takes minutes.
PACKAGES += zlib1g-dev
SIM_BODYLESS  = $(filter-out $(SIM_B)/device/rtl/rtl_device_% $(SIM_B)/device/rtl/models.o \
	$(SIM_B)/verilated.o $(SIM_B)/verilated_threads.o,$(SIM_OBJ))
SIM_TRACED   := -DTERN_SIGNALS -DVM_TRACE=1 -DVM_TRACE_FST=1 -DVL_USER_STOP
SIM_W        := $(SIM_B)/waves

define sim_waves
$1: $(SIM_BODYLESS) $(SIM_W)/$(notdir $1)_models.o $(addprefix $(SIM_W)/,assertions.o wave_file.o \
		verilated.o verilated_threads.o verilated_fst_c.o) \
		$(foreach c,$3,$(SIM_W)/$2_$c.o $(B)/rtl/$2/$c/V$2_$c__ALL.a)
	@mkdir -p $$(@D)
	$$(call quiet,CXX) $$(CXX) $$(SIM_CXXFLAGS) -o $$@.new $$^ $$(SIM_LIBS) -lz
	mv $$@.new $$@

$(SIM_W)/$(notdir $1)_models.o: sim/device/rtl/models.cpp sim/device/rtl/rtl_device.h
	@mkdir -p $$(@D)
	$$(call quiet,CXX) $$(CXX) $$(SIM_CPPFLAGS) '-DTERN_MODELS(X)=$(foreach c,$3,X($c))' $$(SIM_CXXFLAGS) \
		$$(DEPFLAGS) -c -o $$@ $$<
endef

define sim_traced_device
$(SIM_W)/$1_$2.o: $(SIM_DEVICE) $(B)/rtl/$1/$2/V$1_$2__ALL.a
	@mkdir -p $$(@D)
	$$(call quiet,CXX) $$(CXX) $$(SIM_CPPFLAGS) $(SIM_TRACED) -DTERN_$(shell echo $1 | tr a-z A-Z) -isystem $(B)/rtl/$1/$2 $$(SIM_CXXFLAGS) $$(DEPFLAGS) \
		-DTERN_MODEL=V$1_$2 -DTERN_MAKE=make_$2 -DTERN_MODEL_H='"V$1_$2.h"' \
		-DTERN_MODEL_ROOT_H='"V$1_$2___024root.h"' -c -o $$@ $(SIM_DEVICE)
endef
$(foreach k,traced asserted,$(foreach c,base $(RTL_VARIANTS),$(eval $(call sim_traced_device,$k,$c))))

$(SIM_W)/assertions.o $(SIM_W)/wave_file.o: $(SIM_W)/%.o: sim/device/rtl/%.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(SIM_CPPFLAGS) $(SIM_TRACED) $(SIM_CXXFLAGS) $(DEPFLAGS) -c -o $@ $<

$(SIM_W)/verilated.o $(SIM_W)/verilated_threads.o $(SIM_W)/verilated_fst_c.o: $(SIM_W)/%.o:
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(SIM_CPPFLAGS) $(SIM_TRACED) $(SIM_CXXFLAGS) -w -c -o $@ $(SIM_VERILATOR)/$*.cpp

$(eval $(call sim_waves,$(B)/ternsim-waves,traced,$(SIM_MODELS)))
$(eval $(call sim_waves,$(B)/ternsim-checked,asserted,$(SIM_MODELS)))
# The bench has one of what it compares; tests have the smallest one.
$(eval $(call sim_waves,$(B)/tests/ternsim-waves-base,traced,base))
$(eval $(call sim_waves,$(B)/tests/ternsim-checked-edge,asserted,edge))

tests/bench/waves.sh: | $(B)/tests/ternsim-waves-base $(B)/ternsim $(B)/tern

## waves: build/ternsim-waves, whose --waves shows the RTL's signals; `make build/ternsim-checked` has assertions too
.PHONY: waves
waves: $(B)/ternsim-waves

-include $(wildcard $(SIM_W)/*.d)

# Tests. Those in C++ link the parts that they look at, those in C start ternsim.
SIM_UNIT  := sim_config_test sim_dma_table_test sim_dram_test sim_faults_test sim_packets_test sim_pci_config_test sim_sample_test \
	sim_timing_test sim_trace_test
SIM_TALK  := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/sim_*_test.c))
SIM_PARTS_TESTED := $(addprefix $(SIM_B)/,presets.o device/sampled/estimate.o platform/config.o platform/log.o platform/nearest.o \
	faults/faults.o faults/grammar.o faults/rings.o link/faulty.o \
	link/dma_table.o link/host_copy.o link/link.o link/packets.o memory/dram.o memory/memory.o \
	trace/job_watch.o trace/labels.o vfio_user/pci_config.o)

TESTS += $(SIM_UNIT:%=$(B)/tests/unit/%) $(SIM_TALK:%=$(B)/tests/unit/%) tests/e2e/sim_test tests/e2e/sim_configs_test.sh \
	tests/e2e/cards_test.sh tests/e2e/sim_trace_test.sh

$(SIM_B)/tests/parts.a: $(SIM_PARTS_TESTED)
	@mkdir -p $(@D)
	rm -f $@
	$(call quiet,AR) $(AR) rcs $@ $^

tests/e2e/sim_test tests/e2e/sim_configs_test.sh tests/e2e/cards_test.sh: | $(B)/ternsim $(B)/tern
tests/e2e/sim_trace_test.sh: | $(B)/ternsim $(B)/ternlm

# Verilator's library for FST files has a reader as well.
$(B)/tests/fst_signals: tests/e2e/fst_signals.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CFLAGS) -isystem $(SIM_VERILATOR)/gtkwave -o $@ $< -x c -w -DFST_CONFIG_INCLUDE='"fst_config.h"' \
		$(SIM_VERILATOR)/gtkwave/fstapi.c $(SIM_VERILATOR)/gtkwave/fastlz.c $(SIM_VERILATOR)/gtkwave/lz4.c -lz

TESTS += tests/e2e/sim_waits_test.sh
tests/e2e/sim_waits_test.sh: | $(B)/ternsim $(B)/ternlm $(B)/tern
TESTS += tests/e2e/sim_waves_test.sh
tests/e2e/sim_waves_test.sh: | $(B)/tests/ternsim-checked-edge $(B)/tests/fst_signals $(B)/ternsim $(B)/ternlm

TESTS += tests/e2e/cards_guest_test.sh
tests/e2e/cards_guest_test.sh: | $(QEMU) $(LINUX_6_1) $(B)/driver/6.1/tern.ko $(B)/ternsim $(B)/tern

$(SIM_UNIT:%=$(B)/tests/unit/%): $(B)/tests/unit/%: $(SIM_B)/tests/%.o $(SIM_B)/tests/parts.a
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(SIM_CXXFLAGS) -o $@ $^ -Wl,--as-needed $(SIM_LIBS) -lcmocka

$(SIM_B)/tests/%.o: tests/unit/%.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(SIM_CPPFLAGS) $(SIM_CXXFLAGS) $(DEPFLAGS) -c -o $@ $<

$(SIM_B)/tests/%.o: tests/unit/%.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) -Isim -Itests/vectors $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(SIM_TALK:%=$(B)/tests/unit/%): $(B)/tests/unit/%: $(SIM_B)/tests/%.o $(SIM_B)/tests/sim_client.o \
		$(SIM_B)/tests/sim_fixture.o $(B)/tests/vectors.o $(B)/ternsim
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CFLAGS) -o $@ $(filter %.o,$^) -lcmocka

# Sessions are the fuzzer's.
$(SIM_B)/tests/session.o: tests/fuzz/session.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<
$(SIM_B)/tests/sim_death_test.o: CPPFLAGS += -Itests/fuzz
$(B)/tests/unit/sim_death_test: $(SIM_B)/tests/session.o
$(B)/tests/unit/sim_cycles_test: | $(B)/tern

## sim-cycles: connect, run, kill a thousand times, and what is left of it
.PHONY: sim-cycles
sim-cycles: $(B)/tests/unit/sim_cycles_test
	TERN_CYCLES=1000 $<

# C as everywhere; C++ is held to the width and to tabs, the compiler's warnings do the rest.
PACKAGES += shellcheck
LINT     += lint-sim
SIM_TEXT := $(wildcard sim/*.cpp sim/*/*.cpp sim/*/*.h sim/*/*/*.cpp sim/*/*/*.h \
	tests/unit/sim_* tests/fuzz/*.cpp tests/fuzz/*.c tests/fuzz/*.h) tests/e2e/sim_test sim/embed-presets
.PHONY: lint-sim
lint-sim: $(LINUX_SOURCE)/scripts/checkpatch.pl
	@# Where checkpatch leaves a file, and looks for a kernel's include/.
	@mkdir -p $(SIM_B)/lint/include
	@cd $(SIM_B)/lint && perl $(abspath $(LINUX_SOURCE)/scripts/checkpatch.pl) --no-tree --root=. --strict --terse --no-summary --quiet \
		--max-line-length=100 --ignore PREFER_KERNEL_TYPES,CAMELCASE,LONG_LINE_STRING \
		--ignore PREFER_DEFINED_ATTRIBUTE_MACRO,COMPLEX_MACRO,STRCPY,SPLIT_STRING \
		--ignore ARRAY_SIZE,AVOID_EXTERNS,SPACING,BIT_MACRO \
		-f $(abspath $(wildcard tests/unit/sim_*.c) tests/unit/sim_client.h \
		tests/unit/sim_fixture.h sim/vfio_user/protocol.h tests/fuzz/session.h tests/fuzz/session.c)
	@expand -t8 $(SIM_TEXT) | awk 'length > 100 { print "over 100 columns: " $$0; bad = 1 } \
		END { exit bad }'
	@! grep -nE '^ +[^ *]|[[:space:]]$$' $(SIM_TEXT)
	shellcheck -S warning sim/embed-presets tests/e2e/sim_test tests/e2e/sim_configs_test.sh tests/e2e/cards_test.sh \
		tests/e2e/cards_guest_test.sh tests/e2e/simulator.sh tests/e2e/sim_trace_test.sh tests/e2e/sim_waits_test.sh tests/e2e/sim_waves_test.sh \
		tests/fuzz/run tests/fuzz/replay_test.sh tests/bench/run $(wildcard tests/bench/*.sh) \
		rtl/verilate rtl/streaming rtl/train rtl/train-traced tests/rtl/coverage_test.sh

-include $(SIM_OBJ:.o=.d) $(wildcard $(SIM_B)/tests/*.d)
