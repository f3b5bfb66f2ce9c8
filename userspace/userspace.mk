# SPDX-License-Identifier: Apache-2.0
#
# libtern (static, shared), the tern tool, man pages, and their installation.

LIBTERN_SRC := backend_kernel backend_vfio_user bo device job pack reference validate \
	vu_bo vu_client vu_device vu_job vu_queue vu_ranges vu_sim
LIBTERN_OBJ := $(LIBTERN_SRC:%=$(B)/userspace/lib/%.o)

ALL += $(B)/libtern.a

# The seam to the simulator: both ends read one description of the protocol.
$(B)/userspace/lib/%.o: CPPFLAGS += -Isim/vfio_user -D_GNU_SOURCE
# Decoding and the reference's inner loops are worth vectorising.
$(B)/userspace/lib/pack.o $(B)/userspace/lib/reference.o: CFLAGS += -O3

$(B)/userspace/lib/%.o: userspace/lib/src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC $(DEPFLAGS) -c -o $@ $<

$(B)/libtern.a: $(LIBTERN_OBJ)
	@rm -f $@
	ar rcs $@ $^

-include $(LIBTERN_OBJ:.o=.d)
