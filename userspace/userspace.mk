# SPDX-License-Identifier: Apache-2.0
#
# libtern (static, shared), the tern tool, man pages, and their installation.

PACKAGES += libjansson-dev libcmocka-dev binutils pkgconf groff-base

LIBTERN_VERSION := 1.0
LIBTERN_SO      := libtern.so.1

LIBTERN_SRC := backend_kernel backend_vfio_user bo device job pack reference validate \
	vu_bo vu_client vu_device vu_job vu_queue vu_ranges vu_sim
LIBTERN_OBJ := $(LIBTERN_SRC:%=$(B)/userspace/lib/%.o)

TERN_SRC := bench_model cmd_bench cmd_fault cmd_info cmd_selftest devices gemm random selftest_basics selftest_gemm \
	selftest_refusals tern
TERN_OBJ := $(TERN_SRC:%=$(B)/userspace/tools/%.o)

ALL += $(B)/libtern.a $(B)/libtern.so $(B)/tern

$(B)/userspace/%.o: CPPFLAGS += -D_GNU_SOURCE
# The seam to the simulator: both ends read one description of the protocol.
$(B)/userspace/lib/%.o: CPPFLAGS += -Isim/vfio_user
# Decoding and the reference's inner loops are worth vectorising.
$(B)/userspace/lib/pack.o $(B)/userspace/lib/reference.o: CFLAGS += -O3

$(B)/userspace/lib/%.o: userspace/lib/src/%.c userspace/userspace.mk
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) -fPIC $(DEPFLAGS) -c -o $@ $<

$(B)/userspace/tools/%.o: userspace/tools/%.c userspace/userspace.mk
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(B)/libtern.a: $(LIBTERN_OBJ)
	@rm -f $@
	$(call quiet,AR) ar rcs $@ $^

$(B)/$(LIBTERN_SO): $(LIBTERN_OBJ) userspace/lib/libtern.map
	$(call quiet,CC) $(CC) -shared -Wl,-soname,$(LIBTERN_SO) -Wl,--version-script=userspace/lib/libtern.map \
		-Wl,-z,defs -o $@ $(LIBTERN_OBJ)

$(B)/libtern.so: $(B)/$(LIBTERN_SO)
	ln -sf $(LIBTERN_SO) $@

# Linked with the archive: one file that also runs in an initramfs.
$(B)/tern: $(TERN_OBJ) $(B)/libtern.a
	$(call quiet,CC) $(CC) -o $@ $^ -ljansson

-include $(LIBTERN_OBJ:.o=.d) $(TERN_OBJ:.o=.d)

# The library's tests run with the address and undefined-behaviour sanitizers, leaks included.
LIBTERN_TESTS   := lib_faults_test lib_open_test lib_pack_test lib_reference_test lib_strange_device_test \
	lib_vfio_test
LIBTERN_SAN     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LIBTERN_SAN_OBJ := $(LIBTERN_SRC:%=$(B)/userspace/san/%.o)

TESTS += $(LIBTERN_TESTS:%=$(B)/tests/unit/%) tests/unit/lib_symbols_test.sh \
	tests/unit/lib_install_test.sh tests/unit/tern_tool_test.sh

$(B)/userspace/san/%.o: CPPFLAGS += -Isim/vfio_user
$(B)/userspace/san/%.o: userspace/lib/src/%.c userspace/userspace.mk
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $(LIBTERN_SAN) $(DEPFLAGS) -c -o $@ $<

$(LIBTERN_TESTS:%=$(B)/tests/unit/%): $(B)/tests/unit/%: tests/unit/%.c $(LIBTERN_SAN_OBJ) \
		$(B)/tests/vectors.o
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) -D_GNU_SOURCE $(CFLAGS) $(LIBTERN_SAN) $(DEPFLAGS) -o $@ \
		$(filter %.c %.o,$^) -lcmocka

$(B)/tests/unit/lib_strange_device_test: CPPFLAGS += -Isim/vfio_user
# Against the real simulator.
$(B)/tests/unit/lib_vfio_test $(B)/tests/unit/lib_faults_test: | $(B)/ternsim

-include $(LIBTERN_SAN_OBJ:.o=.d) $(LIBTERN_TESTS:%=$(B)/tests/unit/%.d)

# The kernel's style, but for what only the kernel has. Messages stay in one line, to be found.
LINT += lint-userspace
.PHONY: lint-userspace
lint-userspace: $(LINUX_SOURCE)/scripts/checkpatch.pl
	@mkdir -p $(B)/userspace/include # checkpatch looks for one, and leaves a file where it runs
	@cd $(B)/userspace && perl $(abspath $<) --no-tree --root=. --strict --terse --no-summary --quiet --max-line-length=100 \
		--ignore PREFER_KERNEL_TYPES,CAMELCASE,EMBEDDED_FUNCTION_NAME,SYMBOLIC_PERMS \
		--ignore PREFER_DEFINED_ATTRIBUTE_MACRO,COMPLEX_MACRO,STRCPY,LONG_LINE_STRING \
		--ignore USE_NEGATIVE_ERRNO,BIT_MACRO,ARCH_DEFINES,CONSTANT_COMPARISON \
		--ignore STATIC_CONST_CHAR_ARRAY,SPLIT_STRING \
		-f $(abspath $(wildcard userspace/lib/src/*.[ch] userspace/tools/*.[ch] \
		tests/unit/lib_*.c))

PREFIX  ?= /usr/local
DESTDIR ?=

## install-userspace: install library, headers, tool and man pages under DESTDIR and PREFIX
.PHONY: install-userspace
install-userspace: $(B)/libtern.a $(B)/libtern.so $(B)/tern
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin lib/pkgconfig include/tern share/man/man1 share/man/man3)
	install -m 755 $(B)/tern $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/libtern.a $(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(B)/$(LIBTERN_SO) $(DESTDIR)$(PREFIX)/lib/
	ln -sf $(LIBTERN_SO) $(DESTDIR)$(PREFIX)/lib/libtern.so
	install -m 644 userspace/lib/include/libtern.h driver/uapi/tern.h $(DESTDIR)$(PREFIX)/include/tern/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(LIBTERN_VERSION)|' \
		userspace/lib/libtern.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libtern.pc
	install -m 644 userspace/man/tern.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 userspace/man/libtern.3 $(DESTDIR)$(PREFIX)/share/man/man3/
