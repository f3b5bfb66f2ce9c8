# SPDX-License-Identifier: Apache-2.0
#
# The RTL: the Verilated library that sim/ links ($(RTL_LIB)), the same with assertions for the
# tests, linters, benches.
PACKAGES += verilator yosys

RTL_SRCS := rtl/gen/tern_abi_pkg.sv rtl/tern_pkg.sv rtl/gen/tern_reg_top.sv \
	$(filter-out rtl/tern_pkg.sv,$(sort $(wildcard rtl/tern_*.sv)))
RTL_MDIR := $(B)/rtl/verilated
RTL_LIB  := $(RTL_MDIR)/Vtern_top__ALL.a

# One thread and g++: two threads and clang were both measured several times slower.
RTL_VFLAGS := --cc -O3 --x-assign fast --x-initial fast --noassert
RTL_OPT    := OPT_FAST="-O3 -march=native" OPT_SLOW=-O1 CXX=g++

$(RTL_LIB): $(RTL_SRCS) rtl/lint/verilator.vlt rtl/rtl.mk
	@mkdir -p $(RTL_MDIR)
	verilator $(RTL_VFLAGS) --top-module tern_top --prefix Vtern_top --Mdir $(RTL_MDIR) \
		rtl/lint/verilator.vlt $(RTL_SRCS)
	+$(MAKE) --no-print-directory -s -C $(RTL_MDIR) -f Vtern_top.mk $(RTL_OPT) Vtern_top__ALL.a

ALL += $(RTL_LIB)

.PHONY: lint-verilator
lint-verilator:
	verilator --lint-only -Wall --top-module tern_top rtl/lint/verilator.vlt $(RTL_SRCS)
LINT += lint-verilator
