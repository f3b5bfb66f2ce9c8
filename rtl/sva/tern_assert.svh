// SPDX-License-Identifier: Apache-2.0

// One form of assertion for everything that is bound to the RTL. Verilator only looks at them with
// --assert, silently otherwise: tests/rtl/canary_test.cpp proves that they fire.

`ifndef TERN_ASSERT_SVH
`define TERN_ASSERT_SVH

`define TERN_ASSERT(Name, Prop) \
  Name: assert property (@(posedge clk_i) disable iff (!rst_ni) (Prop)) \
    else $error("assertion %m")

// A valid that nobody took stays, and so does what it offers.
`define TERN_ASSERT_STABLE(Name, Valid, Ready, Payload) \
  `TERN_ASSERT(Name``Valid, (Valid) && !(Ready) |=> (Valid)); \
  `TERN_ASSERT(Name``Payload, (Valid) && !(Ready) |=> $stable(Payload))

`endif
