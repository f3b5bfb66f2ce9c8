# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian package tern-dkms: the driver's source for DKMS, and its udev rule.

PACKAGES += debhelper dh-dkms dpkg-dev

DKMS_VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' driver/debian/changelog)
DKMS_FILES   := $(filter-out %.mk,$(wildcard driver/debian/* driver/debian/source/*))
DKMS_DEB     := $(B)/driver/tern-dkms_$(DKMS_VERSION)_all.deb

# debhelper wants debian/ beside the source and writes to both: it gets a copy.
$(DKMS_DEB): $(DRIVER_INPUTS) $(filter-out %/source,$(DKMS_FILES)) driver/debian/debian.mk
	$(call quiet,DEB) rm -rf $(@D)/deb && mkdir -p $(@D)/deb/tern && \
		cp --parents $(DRIVER_SOURCES) driver/Kbuild driver/uapi/*.h abi/gen/*.h $(@D)/deb/tern && \
		cp -r driver/debian $(@D)/deb/tern/debian && rm $(@D)/deb/tern/debian/debian.mk && \
		cd $(@D)/deb/tern && { dpkg-buildpackage --build=binary --no-sign > ../log 2>&1 || \
		{ cat ../log; false; }; }
	@mv $(@D)/deb/$(@F) $@

## deb: the Debian package tern-dkms, which builds tern.ko for each kernel of the machine it is installed on
.PHONY: deb
deb: $(DKMS_DEB)
	@echo "$(DKMS_DEB): install it with apt-get install ./$(DKMS_DEB)"

TESTS += tests/e2e/dkms_test.sh
tests/e2e/dkms_test.sh: | $(DKMS_DEB) $(B)/driver/6.1/tern.ko

LINT += lint-dkms
.PHONY: lint-dkms
lint-dkms:
	shellcheck -S warning tests/e2e/dkms_test.sh
