/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the AXI masters of a Verilated tern_top have their pins. The read channels
 * of device memory are vectors over the streams of weights: stream s has field s.
 */
#ifndef TERN_SIM_AXI_PINS_H
#define TERN_SIM_AXI_PINS_H

#include <cstdint>
#include <type_traits>

#include "tern_abi.h"

namespace tern {

/* Field `index` of `width` bits, of a port of Verilator's: an integer, or words. */
template <unsigned index, unsigned width, class port>
inline std::uint64_t get_field(const port &from)
{
	constexpr std::uint64_t mask = width == 64 ? ~0ull : (1ull << width) - 1;

	if constexpr (std::is_integral_v<port>) {
		return from >> index * width & mask;
	} else {
		static_assert(width == 64);
		return from.m_storage[2 * index] |
		       static_cast<std::uint64_t>(from.m_storage[2 * index + 1]) << 32;
	}
}

template <unsigned index, unsigned width, class port>
inline void set_field(port &to, std::uint64_t value)
{
	constexpr std::uint64_t mask = (1ull << width) - 1;

	to = static_cast<port>((to & ~(mask << index * width)) | value << index * width);
}

/* Read channels of a master, of one of its streams. */
#define TERN_READ_PINS(name, prefix)							\
template <class top, unsigned stream> struct name {					\
	using model = top;								\
											\
	static bool arvalid(const top &t) { return get<1>(t.prefix##arvalid_o); }	\
	static bool rready(const top &t) { return get<1>(t.prefix##rready_o); }		\
	static std::uint64_t araddr(const top &t) { return get<64>(t.prefix##araddr_o); } \
	static unsigned arlen(const top &t) { return get<8>(t.prefix##arlen_o); }	\
	static unsigned arid(const top &t) { return get<4>(t.prefix##arid_o); }		\
	static void set_arready(top &t, bool v) { set_field<stream, 1>(t.prefix##arready_i, v); } \
	static void set_rvalid(top &t, bool v) { set_field<stream, 1>(t.prefix##rvalid_i, v); } \
	static void set_answer(top &t, unsigned id, unsigned response, bool last)	\
	{										\
		set_field<stream, 4>(t.prefix##rid_i, id);				\
		set_field<stream, 2>(t.prefix##rresp_i, response);			\
		set_field<stream, 1>(t.prefix##rlast_i, last);				\
	}										\
	static void *rdata(top &t)							\
	{										\
		return t.prefix##rdata_i.m_storage + stream * (TERN_BEAT_BYTES / 4);	\
	}										\
											\
private:										\
	template <unsigned width, class port> static std::uint64_t get(const port &from) \
	{										\
		return get_field<stream, width>(from);					\
	}										\
}

#define TERN_WRITE_PINS(name, prefix)							\
template <class top> struct name {							\
	using model = top;								\
											\
	static bool awvalid(const top &t) { return t.prefix##awvalid_o; }		\
	static bool wvalid(const top &t) { return t.prefix##wvalid_o; }			\
	static bool wlast(const top &t) { return t.prefix##wlast_o; }			\
	static bool bready(const top &t) { return t.prefix##bready_o; }			\
	static std::uint64_t awaddr(const top &t) { return t.prefix##awaddr_o; }	\
	static unsigned awlen(const top &t) { return t.prefix##awlen_o; }		\
	static unsigned awid(const top &t) { return t.prefix##awid_o; }			\
	static const void *wdata(const top &t) { return t.prefix##wdata_o.m_storage; }	\
	static std::uint64_t wstrb(const top &t) { return t.prefix##wstrb_o; }		\
	static void set_awready(top &t, bool v) { t.prefix##awready_i = v; }		\
	static void set_wready(top &t, bool v) { t.prefix##wready_i = v; }		\
	static void set_bvalid(top &t, bool v) { t.prefix##bvalid_i = v; }		\
	static void set_response(top &t, unsigned id, unsigned response)		\
	{										\
		t.prefix##bid_i = id;							\
		t.prefix##bresp_i = response;						\
	}										\
}

TERN_READ_PINS(host_read_pins, m_axi_host_);
TERN_READ_PINS(memory_read_pins, m_axi_mem_);
TERN_WRITE_PINS(host_write_pins, m_axi_host_);
TERN_WRITE_PINS(memory_write_pins, m_axi_mem_);

#undef TERN_READ_PINS
#undef TERN_WRITE_PINS

/* Rows of weights at once. */
template <class top>
inline constexpr unsigned streams_of =
	sizeof(std::declval<top>().m_axi_mem_rdata_i) / TERN_BEAT_BYTES;

} /* namespace tern */

#endif /* TERN_SIM_AXI_PINS_H */
