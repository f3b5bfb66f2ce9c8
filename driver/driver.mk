# SPDX-License-Identifier: GPL-2.0-only
#
# tern.ko: see driver/README.md.

PACKAGES += coccinelle sparse perl xz-utils

DRIVER_SOURCES := $(wildcard driver/*.c driver/*.h)
DRIVER_INPUTS  := $(DRIVER_SOURCES) driver/Kbuild driver/driver.mk driver/uapi/tern.h \
	abi/gen/tern_abi.h abi/gen/tern_abi_names.h

# Kbuild writes its products beside the sources: give it a folder of links to them under build/.
# $(call module,VARIABLE SUFFIX OF THE KERNEL,SOURCES): the recipe of a module
define module
	mkdir -p $(@D)
	find $(@D) -maxdepth 1 -type l -delete
	ln -sf $(abspath $(2)) $(@D)/
	$(MAKE) --no-print-directory -C $(KDIR_$(1)) M=$(abspath $(@D)) \
		TERN_TOP=$(TOP) CC=gcc-12 HOSTCC=gcc-12 modules
	touch $@
endef

# $(call driver_kernel,SERIES,VARIABLE SUFFIX): build/driver/SERIES/tern.ko
define driver_kernel
$(B)/driver/$(1)/tern.ko: $(DRIVER_INPUTS) $$(LINUX_$(2))
	$$(call module,$(2),$(DRIVER_SOURCES) driver/Kbuild)
endef
$(eval $(call driver_kernel,6.1,6_1))
$(eval $(call driver_kernel,6.12,6_12))
$(eval $(call driver_kernel,debug,debug))
ALL += $(B)/driver/6.1/tern.ko $(B)/driver/6.12/tern.ko

# The kernel's own linters: W=1 and sparse over every file, its semantic patches, checkpatch (not over
# uapi/tern.h: it asks for macros that programs do not have).
LINUX_SOURCE := $(B)/driver/linux-source
$(LINUX_SOURCE)/scripts/checkpatch.pl: driver/linux-source \
		$(if $(wildcard $(LINUX_SOURCE)/scripts/checkpatch.pl),,driver-absent)
	driver/linux-source $(LINUX_SOURCE)
	touch -h $@

.PHONY: driver-absent
driver-absent:

# compat.h compares kernel versions, which files inside the kernel must not; events of trace.h have
# a form of their own.
CHECKPATCH := perl $(LINUX_SOURCE)/scripts/checkpatch.pl --no-tree --strict --no-summary --quiet \
	--max-line-length=100 --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON

LINT += lint-driver
.PHONY: lint-driver
lint-driver: $(LINUX_SOURCE)/scripts/checkpatch.pl $(DRIVER_INPUTS) $(LINUX_6_1) $(LINUX_6_12)
	$(CHECKPATCH) --ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT -f driver/trace.h
	$(CHECKPATCH) -f $(filter-out driver/trace.h,$(DRIVER_SOURCES)) $(filter %.c,$(FLOOR_SOURCES))
	driver/cocci $(LINUX_SOURCE)/scripts/coccinelle $(DRIVER_SOURCES)
	+driver/lint $(B)/driver/lint $(KDIR_6_1)
	+driver/lint $(B)/driver/lint $(KDIR_6_12)

# What tern.ko is compared with: tests/bench/driver.sh.
FLOOR_SOURCES := tests/bench/floor/tern_floor.c tests/bench/floor/Kbuild
$(B)/tests/bench/floor/tern_floor.ko: $(FLOOR_SOURCES) abi/gen/tern_abi.h driver/driver.mk \
		$(LINUX_6_1)
	$(call module,6_1,$(FLOOR_SOURCES))

$(B)/tests/bench/roundtrip: tests/bench/roundtrip.c driver/uapi/tern.h
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $<

BENCHES += tests/bench/driver.sh
tests/bench/driver.sh: | $(B)/tests/bench/floor/tern_floor.ko $(B)/tests/bench/roundtrip \
	$(B)/driver/6.1/tern.ko $(QEMU) $(LINUX_6_1) $(B)/ternsim

## kselftest: build tern.ko's tests; tests/kselftest/run.sh runs them in a guest
include tests/kselftest/kselftest.mk
include driver/debian/debian.mk
