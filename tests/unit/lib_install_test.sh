#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What is installed is enough to build and run a program, in C and in C++.
# Usage: tests/unit/lib_install_test.sh      from the repository's root
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
prefix=/opt/tern
count=0 failed=0

check() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@" > "$dir/out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$dir/out"
		failed=1
	fi
}

# A make that called us must not give its flags to this one.
install_it() { env -u MAKEFLAGS -u MAKELEVEL make -s install-userspace DESTDIR="$dir" PREFIX="$prefix"; }
flags() { PKG_CONFIG_SYSROOT_DIR=$dir PKG_CONFIG_PATH=$dir$prefix/lib/pkgconfig pkg-config "$@" libtern; }

cat > "$dir/program.c" << 'END'
#include <libtern.h>
#include <stdio.h>

int main(void)
{
	struct tern_device *dev;
	int ret = tern_open("/dev/tern999", &dev);

	printf("%d %s\n", ret, tern_error(dev));
	tern_close(dev);
	return ret == -2 ? 0 : 1;
}
END
cp "$dir/program.c" "$dir/program.cpp"

# shellcheck disable=SC2046 # flags are words
build_shared() { gcc -Wall -Wextra -Wpedantic -Werror -o "$dir/shared" "$dir/program.c" $(flags --cflags --libs); }
# shellcheck disable=SC2046
build_static() {
	gcc -o "$dir/static" "$dir/program.c" $(flags --cflags) "$dir$prefix/lib/libtern.a"
}
# shellcheck disable=SC2046
build_cxx() { g++ -Wall -Wextra -Werror -o "$dir/cxx" "$dir/program.cpp" $(flags --cflags --libs); }
formats() {
	groff -man -Tutf8 -ww -z "$1" 2> "$dir/warnings"
	cat "$dir/warnings"
	[[ ! -s $dir/warnings ]]
}
run_installed() { LD_LIBRARY_PATH=$dir$prefix/lib "$@"; }

check 'install' install_it
check 'a C program builds with pkg-config' build_shared
check 'and runs with the shared library' run_installed "$dir/shared"
check 'a program builds with the archive' build_static
check 'and runs without the shared library' "$dir/static"
check 'a C++ program builds' build_cxx
check 'and runs' run_installed "$dir/cxx"
check 'the tool runs' run_installed "$dir$prefix/bin/tern" --version
check 'tern(1) formats without a warning' formats "$dir$prefix/share/man/man1/tern.1"
check 'libtern(3) formats without a warning' formats "$dir$prefix/share/man/man3/libtern.3"
echo "1..$count"
exit "$failed"
