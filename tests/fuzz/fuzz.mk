# SPDX-License-Identifier: Apache-2.0
#
# The vfio-user server under arbitrary clients: tests/fuzz/README.md.

FUZZ_B       := $(B)/tests/fuzz
FUZZ_SERVER  := $(wildcard sim/vfio_user/*.cpp) $(wildcard sim/link/*.cpp) $(wildcard sim/memory/*.cpp) \
	$(wildcard sim/device/model/*.cpp) sim/device/rtl/axi_bursts.cpp $(addprefix sim/faults/,faults.cpp grammar.cpp rings.cpp) \
	$(addprefix sim/platform/,endpoint.cpp log.cpp nearest.cpp)
FUZZ_TARGET  := tests/fuzz/server.cpp tests/fuzz/stand_in.cpp
FUZZ_LIBS    := -lsystemc -ljansson -lpthread -Wl,--wrap=poll
FUZZ_FLAGS   := -O1 -g -std=gnu++17 $(WARN) -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all -Isim -Iabi/gen -Itests/fuzz
FUZZ_CORPUS  := tests/fuzz/corpus
FUZZ_SESSIONS := tests/fuzz/sessions

# Two compilers' sanitizers: gcc's for the check, which needs no more packages, and clang's, with
# its fuzzer, to look for new inputs.
FUZZ_OBJ     := $(FUZZ_SERVER:%.cpp=%.o) $(FUZZ_TARGET:%.cpp=%.o) tests/fuzz/session.o
FUZZ_REPLAY  := $(addprefix $(FUZZ_B)/gcc/,$(FUZZ_OBJ) tests/fuzz/replay.o)
FUZZ_FUZZER  := $(addprefix $(FUZZ_B)/clang/,$(FUZZ_OBJ) tests/fuzz/mutator.o)

$(FUZZ_B)/gcc/%.o: %.cpp
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(FUZZ_FLAGS) $(FUZZ_ISA) $(DEPFLAGS) -c -o $@ $<

$(FUZZ_B)/gcc/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) -O1 -g -std=gnu11 $(WARN) $(DEPFLAGS) -c -o $@ $<

# The model's kernels, as sim/sim.mk compiles them; with gcc's sanitizer, gcc warns of its own header.
define fuzz_kernel
$(FUZZ_B)/gcc/sim/device/model/kernels_$1.o: private FUZZ_ISA = -O3 -Wno-maybe-uninitialized $(if $(SIM_X86),$(SIM_FLAGS_$1))
$(FUZZ_B)/clang/sim/device/model/kernels_$1.o: private FUZZ_ISA = -O3 $(if $(SIM_X86),$(SIM_FLAGS_$1))
endef
$(foreach k,avx2 avx512,$(eval $(call fuzz_kernel,$k)))

# Coverage counts in what a client's bytes reach, not in the harness or SystemC's templates.
FUZZ_COVERED := $(wildcard sim/vfio_user/*.cpp) $(wildcard sim/link/*.cpp) $(wildcard sim/faults/*.cpp) \
	$(wildcard sim/device/model/*.cpp)
$(FUZZ_COVERED:%.cpp=$(FUZZ_B)/clang/%.o): FUZZ_COVERAGE = -fsanitize=fuzzer-no-link

$(FUZZ_B)/clang/%.o: %.cpp
	@mkdir -p $(@D)
	$(call quiet,CLANG) clang++ $(FUZZ_FLAGS) $(FUZZ_ISA) $(FUZZ_COVERAGE) $(DEPFLAGS) -c -o $@ $<

$(FUZZ_B)/clang/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CLANG) clang -O1 -g -std=gnu11 $(WARN) $(DEPFLAGS) -c -o $@ $<

$(FUZZ_B)/replay: $(FUZZ_REPLAY)
	$(call quiet,CXX) $(CXX) $(FUZZ_FLAGS) -o $@ $^ $(FUZZ_LIBS)

$(FUZZ_B)/fuzzer: $(FUZZ_FUZZER)
	$(call quiet,CLANG) clang++ $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(FUZZ_LIBS)

TESTS += tests/fuzz/replay_test.sh
tests/fuzz/replay_test.sh: | $(FUZZ_B)/replay

FUZZ_SECONDS ?= 3600
FUZZ_RUNS    ?= -1
FUZZ_BODY    ?= stand-in

## fuzz: attack the vfio-user server with new sessions, FUZZ_SECONDS=3600 or FUZZ_RUNS=N, FUZZ_BODY=model
.PHONY: fuzz fuzz-parts
fuzz:
	@tools/install-packages $(sort $(PACKAGES) clang libclang-rt-14-dev)
	@$(BUILD) fuzz-parts
	@tests/fuzz/run --seconds $(FUZZ_SECONDS) --runs $(FUZZ_RUNS) --body $(FUZZ_BODY)

fuzz-parts: $(FUZZ_B)/fuzzer

-include $(FUZZ_REPLAY:.o=.d) $(FUZZ_FUZZER:.o=.d)
