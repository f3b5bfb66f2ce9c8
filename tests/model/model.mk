# SPDX-License-Identifier: Apache-2.0
#
# The simulator's model against its RTL.

STUDY := $(B)/tests/model/study

$(STUDY): tests/model/study.c $(B)/libtern.a
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -o $@ $< $(B)/libtern.a -lm

-include $(wildcard $(B)/tests/model/*.d)
