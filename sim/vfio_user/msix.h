/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X: the table and pending bits of BAR 2, and the client's eventfds. The table
 * is the client's to interpret; a vector is delivered through its eventfd, and
 * held back while the client has masked it with SET_IRQS.
 */
#ifndef TERN_SIM_MSIX_H
#define TERN_SIM_MSIX_H

#include <array>
#include <cstdint>
#include <vector>

#include "tern_abi.h"
#include "vfio_user/unique_fd.h"

namespace tern {

class msix {
public:
	explicit msix(unsigned vectors) : vectors_(vectors) { reset_table(); }

	unsigned vectors() const { return vectors_.size(); }

	void raise(unsigned vector);

	/* Takes the descriptor; an empty one makes the vector silent. */
	void set_eventfd(unsigned vector, unique_fd fd)
	{
		vectors_[vector].eventfd = std::move(fd);
	}
	void set_masked(unsigned vector, bool masked);

	/* No eventfd, no mask, nothing pending. */
	void release();

	/* BAR 2; the caller has checked that offset + count is inside. */
	void read(std::size_t offset, void *data, std::size_t count) const;
	void write(std::size_t offset, const void *data, std::size_t count);
	void reset_table();

	std::uint64_t delivered() const { return delivered_; }
	/* Interrupts that had no eventfd to go to. */
	std::uint64_t lost() const { return lost_; }

private:
	struct vector {
		unique_fd eventfd;
		bool masked = false;
		bool pending = false;
	};

	void deliver(vector &vector);
	void show_pending(unsigned vector);

	std::vector<vector> vectors_;
	std::array<std::uint8_t, TERN_PCI_MSIX_BYTES> bar_{};
	std::uint64_t delivered_ = 0;
	std::uint64_t lost_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_MSIX_H */
