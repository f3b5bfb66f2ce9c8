# SPDX-License-Identifier: Apache-2.0
#
# Area in standard cells, of the array and of what it is compared with: docs/area.md.
PACKAGES += yosys qflow-tech-osu018

AREA_SRCS := $(sort $(wildcard rtl/area/*.sv))

## area: cells, area and longest path of the array, beside INT8 and FP16 ones (minutes)
.PHONY: area
area: deps
	@rtl/area/measure

# A file holds a module and its part that is mapped once.
.PHONY: lint-area
lint-area:
	verilator --lint-only -Wall -Wno-DECLFILENAME --top-module unit_area $(AREA_SRCS) \
		tests/rtl/unit_area.sv
	shellcheck -S warning rtl/area/measure tests/rtl/area_test.sh

LINT += lint-area

$(eval $(call unit,area,unit_area,,$(AREA_SRCS) tests/rtl/unit_area.sv))

# The same script on few lanes.
tests/rtl/area_test.sh: rtl/area/measure $(AREA_SRCS) rtl/tern_array.sv
TESTS += tests/rtl/area_test.sh
