# SPDX-License-Identifier: Apache-2.0
#
# libtern (static, shared), the tern tool, man pages, and their installation.

LIBTERN_SRC := pack reference
LIBTERN_OBJ := $(LIBTERN_SRC:%=$(B)/userspace/lib/%.o)

ALL += $(B)/libtern.a

# Decoding and the reference's inner loops are worth vectorising.
$(B)/userspace/lib/pack.o $(B)/userspace/lib/reference.o: CFLAGS += -O3

$(B)/userspace/lib/%.o: userspace/lib/src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden $(DEPFLAGS) -c -o $@ $<

$(B)/libtern.a: $(LIBTERN_OBJ)
	@rm -f $@
	ar rcs $@ $^

-include $(LIBTERN_OBJ:.o=.d)
