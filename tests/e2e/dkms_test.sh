#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tern-dkms, installed by dpkg into a Debian of its own with DKMS and the headers of two kernels:
# the module is built for both, and goes with the package.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3

# /bin/sh, and what it calls, are in every Debian; debian-root only knows what is asked for.
root=$(tools/lab/debian-root bookworm,bookworm-security dkms gcc make linux-headers-amd64 \
	linux-headers-6.12-amd64 kmod dpkg debconf dash bash coreutils sed grep findutils diffutils \
	mawk tar gzip hostname util-linux libc-bin) || exit 1
debs=(build/driver/tern-dkms_*_all.deb)
scratch=$(mktemp -d)
# The overlay leaves a folder that nobody may read.
trap 'chmod -R u+rwX "$scratch/work"; rm -rf "$scratch"' EXIT
mkdir "$scratch"/{upper,work,root}

# inside COMMAND...: in that Debian, as its root; what it writes lands in $scratch/upper
inside() {
	unshare --map-root-user --mount --pid --fork --kill-child bash -euc '
		scratch=$1 root=$2; shift 2
		mount -t overlay tern -o "lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work,userxattr" \
			"$scratch/root"
		mkdir -p "$scratch"/root/{dev,proc,tmp,run}
		mount --rbind /dev "$scratch/root/dev"
		mount -t proc proc "$scratch/root/proc"
		exec env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			chroot "$scratch/root" "$@"' inside "$scratch" "$root" "$@" > "$scratch/log" 2>&1
}

count=0 failed=0
ok() {
	local name=$1; shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		failed=1
		echo "not ok $count - $name"
		tail -n 40 "$scratch/log" "$scratch"/upper/var/lib/dkms/tern/*/build/make.log 2> /dev/null |
			sed 's/^/# /'
	fi
}
modules() { find "$scratch/upper/usr/lib/modules" -name 'tern.ko*' 2> /dev/null | wc -l; }
# vermagic RELEASE: the module that was installed for it says that it is
vermagic() {
	[ "$(inside modinfo -k "$1" -F vermagic tern; cut -d' ' -f1 "$scratch/log")" = "$1" ]
}
same_aliases() {
	inside modinfo -k "$1" -F alias tern
	diff "$scratch/log" <(/sbin/modinfo -F alias build/driver/6.1/tern.ko)
}

# What Essential packages have put there before anything is installed.
mkdir -p "$scratch"/upper/var/lib/dpkg/{info,updates} "$scratch"/upper/{var/log,usr/bin}
ln -s mawk "$scratch/upper/usr/bin/awk"
touch "$scratch"/upper/var/lib/dpkg/{status,available}
cp "${debs[0]}" "$scratch/upper/tern-dkms.deb"
releases=()
for dir in "$root"/lib/modules/*; do
	releases+=("${dir##*/}")
done

ok "there is one package, and two kernels to build for" [ "${#debs[@]} ${#releases[@]}" = "1 2" ]
# The Debian around it has no record of its packages.
ok "dpkg installs it" inside dpkg --force-depends --install /tern-dkms.deb
ok "... its udev rule" test -s "$scratch/upper/usr/lib/udev/rules.d/60-tern-dkms.rules"
for release in "${releases[@]}"; do
	ok "... and a module for $release" vermagic "$release"
done
ok "... and no others" [ "$(modules)" -eq 2 ]
ok "for the same devices as the one that the tests use" same_aliases "${releases[0]}"
ok "dpkg removes it" inside dpkg --force-depends --remove tern-dkms
ok "... and its modules" [ "$(modules)" -eq 0 ]
echo "1..$count"
exit $failed
