# SPDX-License-Identifier: Apache-2.0
#
# Unit benches: a Verilated unit, its assertions and a bench in C++ each; and the canary, which
# proves that assertions fire. Each is built in build/tests/rtl/<name>/ from the sources named
# here, not from all of the RTL. A failed assertion aborts the program.

UNIT_B      := $(B)/tests/rtl
UNIT_VINC    = $(or $(VERILATOR_ROOT),/usr/share/verilator)/include
UNIT_CXX     = $(CXX) -std=gnu++17 -O1 $(WARN) -Iabi/gen -Itests/rtl -isystem $(UNIT_VINC) \
	-isystem $(UNIT_VINC)/vltstd
UNIT_VFLAGS := --cc -O3 --x-assign fast -Irtl -Irtl/sva
UNIT_PKGS   := rtl/gen/tern_abi_pkg.sv rtl/tern_pkg.sv

UNIT_RUNTIME := $(UNIT_B)/unit/verilated.o $(UNIT_B)/unit/verilated_threads.o
$(UNIT_RUNTIME): $(UNIT_B)/unit/%.o:
	@mkdir -p $(@D)
	$(call quiet,CXX) $(UNIT_CXX) -w -c -o $@ $(UNIT_VINC)/$*.cpp

# $(call verilated,DIR,TOP,FLAGS,SOURCES): build/tests/rtl/DIR/VTOP__ALL.a
define verilated
$(UNIT_B)/$(1)/V$(2)__ALL.a: $(4) rtl/sva/tern_assert.svh tests/rtl/unit.mk
	@mkdir -p $$(@D)
	$$(call quiet,RTL) verilator $(UNIT_VFLAGS) $(3) --top-module $(2) --prefix V$(2) \
		--Mdir $$(@D) $(4)
	@+$(MAKE) --no-print-directory -s -C $$(@D) -f V$(2).mk OPT_FAST=-O1 OPT_SLOW=-O0 \
		CXX=$(CXX) V$(2)__ALL.a >/dev/null
endef

# $(call unit,NAME,TOP,FLAGS,SOURCES): build/tests/rtl/NAME/unit_NAME_test
define unit
UNITS += $(1)
UNIT_TOP_$(1) := $(2)
UNIT_FLAGS_$(1) := $(3)
UNIT_SRCS_$(1) := $(4)
$(call verilated,$(1),$(2),--assert $(3),$(4))
$(UNIT_B)/$(1)/unit_$(1)_test: tests/rtl/unit_$(1).cpp tests/rtl/unit.h tests/rtl/tap.h \
		$(UNIT_B)/$(1)/V$(2)__ALL.a $(UNIT_RUNTIME) $(B)/tests/vectors.o
	$$(call quiet,CXX) $$(UNIT_CXX) -isystem $$(@D) -o $$@ $$(filter %.cpp %.a,$$^) \
		$$(filter %.o,$$^) -lpthread
TESTS += $(UNIT_B)/$(1)/unit_$(1)_test
endef

$(eval $(call unit,fifo,tern_fifo,-GWidth=32 -GDepth=16,rtl/tern_fifo.sv \
	rtl/sva/tern_fifo_sva.sv tests/rtl/unit_fifo.sv))
$(eval $(call unit,rr_arb,unit_rr_arb,,rtl/tern_rr_arb.sv tests/rtl/unit_rr_arb.sv))
$(eval $(call unit,serial_mul,tern_serial_mul,,rtl/tern_serial_mul.sv))
$(eval $(call unit,div5,tern_div5,,rtl/tern_div5.sv))
$(eval $(call unit,decode,tern_decode,,$(UNIT_PKGS) rtl/tern_serial_mul.sv rtl/tern_div5.sv \
	rtl/tern_decode.sv))
$(eval $(call unit,reg_top,tern_reg_top,,$(UNIT_PKGS) rtl/gen/tern_reg_top.sv \
	rtl/sva/tern_axil_sva.sv))
$(eval $(call unit,guard_rd,tern_guard_rd,-GUnits=3 -GIds="12'h241",$(UNIT_PKGS) rtl/tern_guard_timer.sv \
	rtl/tern_guard_rd.sv rtl/sva/tern_guard_rd_sva.sv))
$(eval $(call unit,guard_wr,tern_guard_wr,,$(UNIT_PKGS) rtl/tern_guard_timer.sv \
	rtl/tern_guard_wr.sv rtl/sva/tern_guard_wr_sva.sv))

$(eval $(call unit,dma_wr,tern_dma_wr,,$(UNIT_PKGS) rtl/tern_ring.sv rtl/tern_dma_wr.sv \
	rtl/sva/tern_ring_sva.sv rtl/sva/tern_writes_sva.sv))
$(eval $(call unit,b5,tern_b5,,rtl/gen/tern_abi_pkg.sv rtl/tern_b5.sv))
$(eval $(call unit,unpack,tern_unpack,,rtl/gen/tern_abi_pkg.sv rtl/tern_b5.sv rtl/tern_unpack.sv \
	rtl/sva/tern_unpack_sva.sv tests/rtl/unit_unpack.sv))

# $(call canary,DIR,FLAG): the same program with assertions and without.
define canary
$(call verilated,$(1),canary,$(2),rtl/tern_fifo.sv rtl/sva/tern_fifo_sva.sv \
	tests/rtl/unit_fifo.sv tests/rtl/canary.sv)
$(UNIT_B)/$(1)/canary: tests/rtl/canary.cpp $(UNIT_B)/$(1)/Vcanary__ALL.a $(UNIT_RUNTIME)
	$$(call quiet,CXX) $$(UNIT_CXX) -isystem $$(@D) -o $$@ $$(filter %.cpp %.a,$$^) \
		$$(filter %.o,$$^) -lpthread
tests/rtl/canary_test.sh: | $(UNIT_B)/$(1)/canary
endef
$(eval $(call canary,canary,--assert))
$(eval $(call canary,canary_silent,--noassert))

TESTS += tests/rtl/canary_test.sh tests/rtl/b5_gates_test.sh

# Arrays, from a makefile of their own.
include tests/rtl/array.mk
