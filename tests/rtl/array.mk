# SPDX-License-Identifier: Apache-2.0
#
# Arrays behind the ports of rtl/tern_array.sv, each with a few sets of parameters.

# $(call array,MODULE,LANES,STREAMS,COLS,K_TILE,DIR): of DIR/MODULE.sv, build/tests/rtl/array/MODULE.LANES.STREAMS/unit_array_test
define array
$(UNIT_B)/array/$(1).$(2).$(3)/unit_array_test: tests/rtl/unit_array.cpp tests/rtl/unit.h tests/rtl/tap.h \
		tests/rtl/array.mk $(UNIT_PKGS) $(6)/$(1).sv rtl/tern_popcount.svh $(UNIT_RUNTIME) \
		$(B)/tests/vectors.o
	@mkdir -p $$(@D)
	@printf '`verilator_config\npublic_flat_rw -module "$(1)" -var "x_ram_q"\n' > $$(@D)/ram.vlt
	$$(call quiet,RTL) verilator $(UNIT_VFLAGS) --assert -GLanes=$(2) -GStreams=$(3) -GCols=$(4) -GKTile=$(5) \
		--top-module $(1) --prefix Varray --Mdir $$(@D) $$(@D)/ram.vlt $(UNIT_PKGS) $(6)/$(1).sv
	@+$(MAKE) --no-print-directory -s -C $$(@D) -f Varray.mk OPT_FAST=-O1 OPT_SLOW=-O0 \
		CXX=$(CXX) Varray__ALL.a >/dev/null
	$$(call quiet,CXX) $$(UNIT_CXX) -DLANES=$(2) -DSTREAMS=$(3) -DCOLS=$(4) -DK_TILE=$(5) \
		-DARRAY_RAM=$(1)__DOT__x_ram_q -isystem $$(@D) -o $$@ tests/rtl/unit_array.cpp \
		$$(@D)/Varray__ALL.a $$(filter %.o,$$^) -lpthread
TESTS += $(UNIT_B)/array/$(1).$(2).$(3)/unit_array_test
endef

$(eval $(call array,tern_array,256,1,4,16384,rtl))
$(eval $(call array,tern_array,256,2,2,4096,rtl))
$(eval $(call array,tern_array,128,2,2,1024,rtl))
$(eval $(call array,tern_array,64,1,2,1024,rtl))
$(eval $(call array,tern_array_tree,256,1,2,16384,rtl))
$(eval $(call array,tern_array_tree,128,1,4,1024,rtl))
$(eval $(call array,tern_array_tree,64,2,2,1024,rtl))

# The worked example of the guide is what it says there.
UNIT_MINE := $(UNIT_B)/array
$(UNIT_MINE)/tern_array_mine.sv: docs/bring-your-own-array.md
	@mkdir -p $(@D)
	sed -n '/^```systemverilog$$/,/^```$$/{/^```/!p}' $< > $@.new
	mv $@.new $@
$(eval $(call array,tern_array_mine,256,1,2,4096,$(UNIT_MINE)))
$(eval $(call array,tern_array_mine,64,2,2,1024,$(UNIT_MINE)))

.PHONY: lint-array
lint-array: $(UNIT_MINE)/tern_array_mine.sv
	verilator --lint-only -Wall -Irtl --top-module tern_array_mine $<
	verilator --lint-only -Wall -Irtl --top-module tern_top -GArrayKind=1 rtl/lint/verilator.vlt \
		$(RTL_SRCS)
	shellcheck -S warning tests/rtl/bench_naive.sh
LINT += lint-array

# ---------------------------------------------------------------- whole devices with the tree

# As edge: Verilating the tree of 256 lanes and eight columns takes minutes.
ARRAY_TOP := $(UNIT_B)/tree/Vtern_tree__ALL.a
$(ARRAY_TOP): tests/rtl/array.mk abi/gen/tern_abi.h $(RTL_DEPS) $(RTL_SVA) rtl/sva/tern_assert.svh
	$(call quiet,VERILATE) true
	+PREFIX=Vtern_tree rtl/verilate $(CACHE) $(@D) tern_top \
		"$(RTL_SPEED) --assert -Irtl/sva -GArrayKind=1 $(call rtl_parameters,edge)" "-O1 -march=native" \
		rtl/lint/verilator.vlt $(RTL_SRCS) $(RTL_SVA)

$(UNIT_B)/tree/%.o: tests/rtl/%.cpp $(ARRAY_TOP)
	$(call quiet,CXX) $(RTL_TEST_CXX) -DVtern_top=Vtern_tree -isystem $(@D) -c -o $@ $<

$(UNIT_B)/tree/system_test: %: %.o $(UNIT_B)/tree/dut.o $(RTL_COMMON) $(B)/tests/vectors.o $(ARRAY_TOP)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

$(UNIT_B)/tree/random_test: $(patsubst %,$(RTL_T)/%.o,random_test episode traffic shadow) \
		$(UNIT_B)/tree/dut.o $(RTL_COMMON) $(ARRAY_TOP)
	$(call quiet,CXX) $(CXX) -o $@ $^ -lpthread

TESTS += $(UNIT_B)/tree/system_test $(UNIT_B)/tree/random_test

# ---------------------------------------------------------------- what the array's form is worth

# Two columns: the bench uses one.
NAIVE := $(UNIT_B)/naive
# $(call naive,KIND,MODULE): build/tests/rtl/naive/array.KIND and device.KIND
define naive
$(NAIVE)/array$(1)/Varray__ALL.a: $(RTL_DEPS)
	$$(call quiet,VERILATE) true
	+PREFIX=Varray rtl/verilate $(CACHE) $$(@D) $(2) "$(RTL_SPEED) --noassert -GCols=2" \
		"-O3 -march=native" $(UNIT_PKGS) rtl/$(2).sv
$(NAIVE)/array.$(1): tests/rtl/bench_array.cpp $(NAIVE)/array$(1)/Varray__ALL.a $(UNIT_RUNTIME)
	$$(call quiet,CXX) $(CXX) $(CXXFLAGS) -march=native -isystem $(NAIVE)/array$(1) \
		-isystem $(RTL_VINC) -isystem $(RTL_VINC)/vltstd -o $$@ $$^ -lpthread

$(NAIVE)/device$(1)/Vtern_naive$(1)__ALL.a: $(RTL_DEPS)
	$$(call quiet,VERILATE) true
	+PREFIX=Vtern_naive$(1) rtl/verilate $(CACHE) $$(@D) tern_top \
		"$(RTL_SPEED) --noassert -GArrayKind=$(1) -GCols=2" "-O3 -march=native" \
		rtl/lint/verilator.vlt $(RTL_SRCS)
$(NAIVE)/device$(1)/%.o: tests/rtl/%.cpp $(NAIVE)/device$(1)/Vtern_naive$(1)__ALL.a
	$$(call quiet,CXX) $$(RTL_TEST_CXX) -O3 -DVtern_top=Vtern_naive$(1) -isystem $$(@D) -c -o $$@ $$<
$(NAIVE)/device.$(1): $(NAIVE)/device$(1)/bench_device.o $(NAIVE)/device$(1)/dut.o $(RTL_COMMON) \
		$(NAIVE)/device$(1)/Vtern_naive$(1)__ALL.a
	$$(call quiet,CXX) $(CXX) -o $$@ $$^ -lpthread
tests/rtl/bench_naive.sh: | $(NAIVE)/array.$(1) $(NAIVE)/device.$(1)
endef
$(eval $(call naive,0,tern_array))
$(eval $(call naive,1,tern_array_tree))

BENCHES += tests/rtl/bench_naive.sh
