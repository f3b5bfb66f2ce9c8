# SPDX-License-Identifier: Apache-2.0
#
# The simulator's model against its RTL.

STUDY        := $(B)/tests/model/study
MODEL_KERNEL := $(addprefix $(SIM_B)/device/model/,kernels.o kernels_avx2.o kernels_avx512.o)

$(STUDY): tests/model/study.c $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -o $@ $< $(B)/libtern.a -lm

$(B)/tests/model/speed: tests/model/speed.c $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -o $@ $< $(B)/libtern.a

$(B)/tests/model/kernels_test: tests/model/kernels_test.cpp $(MODEL_KERNEL) $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(CPPFLAGS) -Isim -Itests/unit $(CXXFLAGS) $(DEPFLAGS) -o $@ $< $(MODEL_KERNEL) $(B)/libtern.a -lcmocka

# The whole table takes hours.
## study-validate: compare the model's cycles with the RTL's on the whole shape table (hours)
.PHONY: study-validate
study-validate: $(STUDY) $(B)/ternsim
	TERNSIM=$(B)/ternsim $(STUDY)

TESTS += $(B)/tests/model/kernels_test tests/model/error_test.sh tests/model/same_tests.sh
tests/model/error_test.sh: | $(STUDY) $(B)/ternsim
tests/model/same_tests.sh: | $(B)/ternsim $(B)/tern $(B)/ternlm $(B)/tests/e2e/ternlm_compare \
	$(SIM_TALK:%=$(B)/tests/unit/%) $(B)/tests/unit/lib_vfio_test

BENCHES += tests/model/bench.sh
tests/model/bench.sh: | $(STUDY) $(B)/tests/model/speed $(B)/ternsim

LINT += lint-model
.PHONY: lint-model
lint-model:
	shellcheck -S warning tests/model/*.sh tests/model/ternsim-model
	@expand -t8 tests/model/*.c tests/model/*.cpp | awk 'length > 100 && !/cycles: array/ { \
		print "over 100 columns: " $$0; bad = 1 } END { exit bad }'

-include $(wildcard $(B)/tests/model/*.d)
