# SPDX-License-Identifier: Apache-2.0
#
# Virtual machines to run tern.ko in: see tools/lab/README.md.

LAB := $(B)/lab

# What tools/lab runs here, then what building modules against Debian's headers runs.
PACKAGES += apt busybox-static coreutils cpio debian-archive-keyring util-linux xz-utils zstd
PACKAGES += gcc-12 kmod libelf1

# Kernels: $(call lab_linux,SERIES,SUITES[,PACKAGE'S SERIES]) lays one out in $(LAB)/linux-SERIES (what lies there:
# `tools/lab/linux --help`), with a target lab-linux-SERIES, and sets
#   KDIR_6_1    for `make -C $(KDIR_6_1) M=...`
#   LINUX_6_1   the file that rules depend on
# A layout whose cache was removed from under it is made again.
comma := ,
define lab_linux
KDIR_$(subst .,_,$(1))  := $(abspath $(LAB)/linux-$(1)/headers)
LINUX_$(subst .,_,$(1)) := $(LAB)/linux-$(1)/release

.PHONY: lab-linux-$(1)
lab-linux-$(1): $(LAB)/linux-$(1)/release

$(LAB)/linux-$(1)/release: tools/lab/linux tools/lab/debian-root \
		$(if $(wildcard $(LAB)/linux-$(1)/modules/.),,lab-absent)
	tools/lab/linux $(2) $$(@D) $(3)
endef
$(eval $(call lab_linux,6.1,bookworm$(comma)bookworm-security))
$(eval $(call lab_linux,6.12,bookworm$(comma)bookworm-security,6.12))

# The debug kernel is one of them, but built here: only what needs it waits for that.
PACKAGES    += bc bison flex libelf-dev
KDIR_debug  := $(abspath $(LAB)/linux-debug/headers)
LINUX_debug := $(LAB)/linux-debug/release

.PHONY: lab-linux-debug
lab-linux-debug: $(LINUX_debug)

$(LINUX_debug): tools/lab/linux-debug tools/lab/debian-root driver/debug.config \
		$(if $(wildcard $(LAB)/linux-debug/modules/.),,lab-absent)
	tools/lab/linux-debug driver/debug.config $(@D)

PACKAGES += shellcheck
LINT     += lint-lab
.PHONY: lint-lab
lint-lab:
	shellcheck -S warning $(filter-out %.mk %.md,$(wildcard tools/lab/*)) tests/e2e/lab_test.sh

TESTS += tests/e2e/lab_test.sh
tests/e2e/lab_test.sh: | $(LAB)/qemu $(LINUX_6_1) $(B)/ternsim

# QEMU: $(LAB)/qemu starts it; $(LAB)/qemu.root is where it comes from, checked as above.
QEMU := $(LAB)/qemu

.PHONY: lab-qemu
lab-qemu: $(QEMU)

$(QEMU): tools/lab/qemu tools/lab/debian-root \
		$(if $(wildcard $(QEMU).root/.),,lab-absent)
	tools/lab/qemu $@

.PHONY: lab-absent
lab-absent:

# What the lab's shell gets: the module, the card, the programs and a model.
TERN_KO := $(B)/driver/6.1/tern.ko
TERNSIM := $(B)/ternsim
LAB_FILES := $(B)/tern $(B)/ternlm models/unixdoc/unixdoc.gguf

## lab: a shell in a guest with tern.ko loaded and a simulated card (SIM="--config base ..."; Ctrl-A x quits)
.PHONY: lab
lab: $(QEMU) $(LINUX_6_1) $(TERN_KO) $(TERNSIM) $(LAB_FILES)
	tools/lab/run --interactive --ternsim $(TERNSIM) --sim "$(SIM)" --insmod $(TERN_KO) \
		$(LAB_FILES:%=--file %) || [ $$? -lt 124 ] # a shell ends with its last command's status
