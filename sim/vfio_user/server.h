/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vfio-user server: one client, one card. Whatever arrives is checked; what is
 * wrong is answered with an error and logged, and does no more harm.
 */
#ifndef TERN_SIM_SERVER_H
#define TERN_SIM_SERVER_H

#include <cstdint>
#include <memory>
#include <vector>

#include "platform/log.h"
#include "vfio_user/card.h"
#include "vfio_user/connection.h"
#include "vfio_user/msix.h"
#include "vfio_user/pci_config.h"

struct vfio_irq_set;

namespace tern {

class server {
public:
	explicit server(card &card);

	/* Begin to serve a client; there must be none. */
	void attach(unique_fd socket);

	bool attached() const { return connection_ != nullptr; }
	/* Has it closed its end? What it said before may not be handled yet. */
	bool client_gone() const;
	/* To wait on with poll(), -1 if there is no client. */
	int fd() const { return connection_ ? connection_->fd() : -1; }

	/*
	 * Handle the messages that have arrived. When the client goes, or breaks the
	 * protocol beyond repair, the card is power cycled and attached() is false.
	 */
	void service();

	/* A reset of the card's function: configuration space, MSI-X table, device. */
	void reset_function();

	/* An interrupt of the card. */
	void raise(unsigned vector) { msix_.raise(vector); }

	struct {
		std::uint64_t clients = 0, messages = 0, refused = 0;
	} stats;
	const msix &interrupts() const { return msix_; }

private:
	void detach();
	void log_client(const char *what);
	bool is_flooding();
	bool handle(message &message);
	bool dispatch(message &message);

	bool get_version(message &message);
	bool get_info(message &message);
	bool get_region_info(message &message);
	bool get_irq_info(message &message);
	void dma_map(message &message);
	bool dma_unmap(message &message);
	void set_irqs(message &message);
	void set_eventfds(message &message, const vfio_irq_set &set);
	void switch_irqs(message &message, const vfio_irq_set &set);
	bool region_read(message &message);
	bool region_write(message &message);
	bool region_write_multi(message &message);

	void check_access(const vfu_region_access &access) const;
	std::uint64_t region_bytes(unsigned region) const;
	void read_region(unsigned region, std::uint64_t offset, std::uint8_t *data,
			 std::size_t count);
	void write_region(unsigned region, std::uint64_t offset, const std::uint8_t *data,
			  std::size_t count);

	card &card_;
	pci_config config_;
	msix msix_;
	std::unique_ptr<connection> connection_;
	bool negotiated_ = false;
	std::vector<std::uint8_t> reply_;
	log_limit log_limit_;
	log_limit client_log_limit_;
};

} /* namespace tern */

#endif /* TERN_SIM_SERVER_H */
