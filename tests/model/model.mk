# SPDX-License-Identifier: Apache-2.0
#
# The simulator's model against its RTL.

STUDY        := $(B)/tests/model/study
MODEL_KERNEL := $(addprefix $(SIM_KERNEL),.o _avx2.o _avx512.o)

STUDY_OBJ    := $(patsubst %,$(B)/tests/model/%.o,study points again block store report)

$(STUDY_OBJ): $(B)/tests/model/%.o: tests/model/%.c
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(STUDY): $(STUDY_OBJ) $(B)/libtern.a
	$(call quiet,CC) $(CC) $(CFLAGS) -o $@ $(STUDY_OBJ) $(B)/libtern.a -lm

$(B)/tests/model/speed: tests/model/speed.c $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -o $@ $< $(B)/libtern.a

$(B)/tests/model/kernels_test: tests/model/kernels_test.cpp $(MODEL_KERNEL) $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CXX) $(CXX) $(CPPFLAGS) -Isim -Itests/unit $(CXXFLAGS) $(DEPFLAGS) -o $@ $< $(MODEL_KERNEL) $(B)/libtern.a -lcmocka

# What is known already is not run again; Ctrl-C loses no more than the points that are being run.
STUDY_JOBS ?= 1
## study-validate: the model's cycles against the RTL's on the whole shape table, docs/validation.md (an hour; STUDY_JOBS=1 at a time)
.PHONY: study-validate
study-validate: $(STUDY) $(B)/ternsim
	tests/model/validate --progress --again 4 --jobs $(STUDY_JOBS) --report docs/validation.md

TESTS += $(B)/tests/model/kernels_test $(addprefix tests/model/,kernels_isa_test.sh error_test.sh \
	study_test.sh same_tests.sh sampled_test.sh facts_test.sh)
tests/model/kernels_isa_test.sh: | $(MODEL_KERNEL)
tests/model/sampled_test.sh: | $(B)/ternsim $(B)/tern $(B)/ternlm $(B)/tests/unit/sim_device_test
tests/model/error_test.sh tests/model/study_test.sh: | $(STUDY) $(B)/ternsim
MODEL_MORE   := $(addprefix tests/e2e/,guest_test.sh cards_guest_test.sh ternlm_errors.sh ternlm_reference.sh)
tests/model/same_tests.sh: | $(B)/ternsim $(B)/tern $(B)/ternlm $(B)/tests/e2e/ternlm_compare \
	$(SIM_TALK:%=$(B)/tests/unit/%) $(addprefix $(B)/tests/unit/,lib_faults_test lib_vfio_test) \
	$(KSFT_RUNS)

## check-model: all tests that start a simulator, on its model (make check runs the short ones)
.PHONY: check-model check-model-parts
check-model: deps
	@$(BUILD) check-model-parts
	@tests/model/same_tests.sh --all

check-model-parts: tests/model/same_tests.sh $(MODEL_MORE)

BENCHES += tests/model/bench.sh
tests/model/bench.sh: | $(STUDY) $(B)/tests/model/speed $(B)/ternsim

LINT += lint-model
.PHONY: lint-model
lint-model: $(LINUX_SOURCE)/scripts/checkpatch.pl
	@# Where checkpatch leaves a file, and looks for a kernel's include/.
	@mkdir -p $(B)/tests/model/lint/include
	@cd $(B)/tests/model/lint && perl $(abspath $<) --no-tree --root=. --strict --terse --no-summary --quiet \
		--max-line-length=100 --ignore PREFER_KERNEL_TYPES,LONG_LINE_STRING,SPLIT_STRING \
		--ignore ARRAY_SIZE,BIT_MACRO,COMPLEX_MACRO,CAMELCASE,SPACING,EMBEDDED_FUNCTION_NAME,SPDX_LICENSE_TAG \
		-f $(abspath $(wildcard tests/model/*.[ch]))
	shellcheck -S warning tests/model/*.sh tests/model/ternsim-model tests/model/validate
	@expand -t8 tests/model/*.c tests/model/*.cpp | awk 'length > 100 && !/cycles: array/ { \
		print "over 100 columns: " $$0; bad = 1 } END { exit bad }'

-include $(wildcard $(B)/tests/model/*.d)
