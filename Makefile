# SPDX-License-Identifier: Apache-2.0
#
# The front door. Every folder brings a fragment that adds to these lists:
#   PACKAGES  Debian packages that building and testing need
#   ALL       what `make all` builds
#   LINT      phony targets, one a linter
#   TESTS     programs that print TAP, run from here
#   BENCHES   programs that print "name<TAB>value<TAB>unit" lines
# Lines "## target: text" are what `make` alone prints.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS   += --no-builtin-rules

TOP   := $(CURDIR)
B     := build
CACHE := $(HOME)/.cache/tern

CC       := gcc
CXX      := g++
WARN     := -Wall -Wextra
CFLAGS   := -O2 -g -std=gnu11 $(WARN) -Wmissing-prototypes -Wstrict-prototypes
CXXFLAGS := -O2 -g -std=gnu++17 $(WARN)
CPPFLAGS := -Iabi/gen -Idriver/uapi -Iuserspace/lib/include
DEPFLAGS  = -MMD -MP

# One line a step; V=1 shows whole commands. Use: $(call quiet,CC) $(CC) ...
quiet = $(if $(V),,@echo "  $(1)	$@" &&)
# Sub-makes that build: a job a processor, and only what the steps say themselves.
BUILD = $(MAKE) --no-print-directory -j$(shell nproc) $(if $(V),,-s)

PACKAGES := gcc g++ libc6-dev make git ca-certificates python3 perl
ALL      :=
LINT     :=
TESTS    :=
BENCHES  :=

# In this order: prerequisites name variables of fragments before them.
FRAGMENTS := abi/abi.mk tools/lab/lab.mk driver/driver.mk rtl/rtl.mk rtl/formal/formal.mk \
	tests/rtl/unit.mk tests/rtl/random.mk tests/rtl/mutation.mk tests/rtl/coverage.mk \
	rtl/area/area.mk sim/sim.mk tests/fuzz/fuzz.mk userspace/userspace.mk runtime/runtime.mk tests/tests.mk \
	tests/model/model.mk
include $(FRAGMENTS)

## all: build everything (make deps first, once)
.PHONY: all
all: $(ALL)

## deps: name and install the Debian packages that are missing
.PHONY: deps
deps:
	@tools/install-packages $(sort $(PACKAGES))

DEMO_PROMPT ?= The open() system call returns
DEMO_TOKENS ?= 64

## demo: boot a kernel in QEMU with tern.ko and the simulated card, and let the model speak
.PHONY: demo
demo: deps
	@$(BUILD) demo-parts
	@echo "Debian's kernel boots in QEMU; the card behind it is $(TERNSIM), on Verilated RTL."; echo
	@tools/lab/run --sim "" --insmod $(TERN_KO) --file $(B)/ternlm \
		--file models/unixdoc/unixdoc.gguf -- ternlm -m /root/unixdoc.gguf \
		-p "$(DEMO_PROMPT)" -n $(DEMO_TOKENS) --device /dev/tern0 --check

.PHONY: demo-parts
demo-parts: $(QEMU) $(LINUX_6_1) $(TERN_KO) $(TERNSIM) $(B)/ternlm

## check: every test; ends with "N passed, N failed, N skipped"
.PHONY: check
check: deps
	@$(BUILD) check-parts
	@tests/run $(TESTS)

.PHONY: check-parts
check-parts: check-gen lint all $(TESTS)

## lint: every linter
.PHONY: lint
lint: $(LINT)

## bench: measure; a table, and build/bench.json
.PHONY: bench
bench: deps
	@$(BUILD) bench-parts
	@tests/bench/run $(BENCHES)

.PHONY: bench-parts
bench-parts: all $(BENCHES)

## clean: remove build/ (downloads stay in ~/.cache/tern)
.PHONY: clean
clean:
	rm -rf $(B)

.PHONY: help
help:
	@echo "Tern: a hardware and software stack for ternary LLMs. Targets:"; echo
	@sed -n 's/^## \([a-z0-9.-]*\): \(.*\)/  make \1|\2/p' $(wildcard Makefile $(FRAGMENTS) tests/kselftest/kselftest.mk) | column -t -s '|'
