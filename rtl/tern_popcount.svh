// SPDX-License-Identifier: Apache-2.0

`ifndef TERN_POPCOUNT
// The bits of an expression are counted fast in simulation, those of a function's argument are not
// (Verilator clears the argument every cycle). But yosys copies what stands in $countones once a
// bit: there it must be a name.
`ifdef YOSYS
`define TERN_POPCOUNT(Bits) tern_pkg::popcount256(256'(Bits))
`else
`define TERN_POPCOUNT(Bits) 9'($countones(Bits))
`endif
`endif
