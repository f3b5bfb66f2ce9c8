// SPDX-License-Identifier: Apache-2.0
/*
 * The PCI configuration space: walked as an operating system walks it.
 */
#include "sim_cmocka.h"

#include <cstring>
#include <map>

#include <linux/pci_regs.h>

#include "tern_abi.h"
#include "vfio_user/pci_config.h"

using namespace tern;

static std::uint32_t get(const pci_config &config, std::size_t offset, unsigned bytes)
{
	std::uint32_t value = 0;

	config.read(offset, &value, bytes);
	return value;
}

static bool set(pci_config &config, std::size_t offset, std::uint32_t value, unsigned bytes)
{
	return config.write(offset, &value, bytes);
}

static std::map<unsigned, unsigned> capabilities(const pci_config &config)
{
	std::map<unsigned, unsigned> found;
	unsigned at = get(config, PCI_CAPABILITY_LIST, 1);

	for (unsigned i = 0; at; i++) {
		assert_true(i < 48 && at >= 0x40 && at % 4 == 0);
		found[get(config, at, 1)] = at;
		at = get(config, at + PCI_CAP_LIST_NEXT, 1);
	}
	return found;
}

static void identity(void **)
{
	pci_config config(8, 256 << 20);

	assert_int_equal(get(config, PCI_VENDOR_ID, 2), TERN_PCI_VENDOR_ID);
	assert_int_equal(get(config, PCI_DEVICE_ID, 2), TERN_PCI_DEVICE_ID);
	assert_int_equal(get(config, PCI_CLASS_REVISION, 4) >> 8, TERN_PCI_CLASS_CODE);
	assert_int_equal(get(config, PCI_HEADER_TYPE, 1), PCI_HEADER_TYPE_NORMAL);
	assert_int_equal(get(config, PCI_INTERRUPT_PIN, 1), 0);
	assert_true(get(config, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	/* No extended capability. */
	assert_int_equal(get(config, 0x100, 4), 0);
}

static void bars_tell_their_size(void **)
{
	pci_config config(8, 8ull << 30);
	std::uint64_t size;

	for (unsigned bar = 0; bar < 6; bar++)
		set(config, PCI_BASE_ADDRESS_0 + 4 * bar, 0xffffffff, 4);
	assert_int_equal(get(config, PCI_BASE_ADDRESS_0, 4), 0xffff0000);
	assert_int_equal(get(config, PCI_BASE_ADDRESS_1, 4), 0);
	assert_int_equal(get(config, PCI_BASE_ADDRESS_2, 4), 0xfffff000);
	assert_int_equal(get(config, PCI_BASE_ADDRESS_3, 4), 0);
	size = get(config, PCI_BASE_ADDRESS_5, 4);
	size = size << 32 | get(config, PCI_BASE_ADDRESS_4, 4);
	assert_int_equal(size & 0xf, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	assert_true(~(size & ~0xfull) + 1 == 8ull << 30);
	config.reset();
	assert_int_equal(get(config, PCI_BASE_ADDRESS_0, 4), 0);
}

static void msix_capability(void **)
{
	pci_config config(8, 256 << 20);
	const unsigned at = capabilities(config).at(PCI_CAP_ID_MSIX);

	assert_int_equal(get(config, at + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE, 7);
	assert_int_equal(get(config, at + PCI_MSIX_TABLE, 4), TERN_PCI_BAR_MSIX);
	assert_int_equal(get(config, at + PCI_MSIX_PBA, 4),
			 TERN_PCI_MSIX_PBA_OFFSET | TERN_PCI_BAR_MSIX);
	set(config, at + PCI_MSIX_FLAGS, 0xffff, 2);
	assert_int_equal(get(config, at + PCI_MSIX_FLAGS, 2),
			 PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL | 7);
}

static void express_capability_and_flr(void **)
{
	pci_config config(8, 256 << 20);
	const unsigned at = capabilities(config).at(PCI_CAP_ID_EXP);
	const unsigned flags = get(config, at + PCI_EXP_FLAGS, 2);

	assert_int_equal(flags & PCI_EXP_FLAGS_VERS, 2);
	assert_int_equal((flags & PCI_EXP_FLAGS_TYPE) >> 4, PCI_EXP_TYPE_ENDPOINT);
	assert_true(get(config, at + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR);
	assert_false(set(config, at + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_RELAX_EN, 2));
	assert_true(set(config, at + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR, 2));
	/* Reads as 0; as one byte and as part of four it counts too. */
	assert_false(get(config, at + PCI_EXP_DEVCTL, 2) & PCI_EXP_DEVCTL_BCR_FLR);
	assert_true(set(config, at + PCI_EXP_DEVCTL + 1, 0x80, 1));
	assert_true(set(config, at + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR, 4));
}

static void power_management(void **)
{
	pci_config config(8, 256 << 20);
	const unsigned at = capabilities(config).at(PCI_CAP_ID_PM);

	assert_int_equal(get(config, at + PCI_PM_PMC, 2) & PCI_PM_CAP_VER_MASK, 3);
	set(config, at + PCI_PM_CTRL, 3, 2);
	assert_int_equal(get(config, at + PCI_PM_CTRL, 2), PCI_PM_CTRL_NO_SOFT_RESET | 3);
}

static void bus_master(void **)
{
	pci_config config(8, 256 << 20);

	assert_false(config.bus_master());
	set(config, PCI_COMMAND, 0xffff, 2);
	assert_true(config.bus_master());
	assert_int_equal(get(config, PCI_COMMAND, 2) & PCI_COMMAND_IO, 0);
	set(config, PCI_COMMAND, PCI_COMMAND_MEMORY, 1);
	assert_false(config.bus_master());
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(identity),
		cmocka_unit_test(bars_tell_their_size),
		cmocka_unit_test(msix_capability),
		cmocka_unit_test(express_capability_and_flr),
		cmocka_unit_test(power_management),
		cmocka_unit_test(bus_master),
	};

	return SIM_RUN(tests);
}
