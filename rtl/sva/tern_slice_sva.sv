// SPDX-License-Identifier: Apache-2.0

// What a register slice offers stays until it is taken, and everything that went in comes out.

`include "tern_assert.svh"

module tern_slice_sva #(
  parameter int unsigned Width = 8
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             valid_i,
  input logic             ready_o,
  input logic [Width-1:0] data_i,
  input logic             valid_o,
  input logic             ready_i,
  input logic [Width-1:0] data_o,
  input logic             busy_o
);

  logic [1:0]       held_q;
  logic [Width-1:0] in_q, out_q;   // all that went in, and out, in one word
  logic             in, out;
  assign in = valid_i && ready_o;
  assign out = valid_o && ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q <= '0;
      in_q <= '0;
      out_q <= '0;
    end else begin
      held_q <= held_q + 2'(in) - 2'(out);
      if (in) in_q <= {in_q[Width-2:0], in_q[Width-1]} ^ data_i;
      if (out) out_q <= {out_q[Width-2:0], out_q[Width-1]} ^ data_o;
    end
  end

  `TERN_ASSERT_STABLE(Offer, valid_o, ready_i, data_o);
  `TERN_ASSERT(TwoPlaces, held_q <= 2'd2);
  `TERN_ASSERT(OffersWhatItHolds, valid_o == (held_q != '0));
  `TERN_ASSERT(ReadyMeansRoom, ready_o == (held_q < 2'd2));
  `TERN_ASSERT(BusyIsTrue, busy_o == (held_q != '0));
  `TERN_ASSERT(NothingLost, held_q == '0 |-> in_q == out_q);

endmodule

bind tern_slice tern_slice_sva #(.Width(Width)) u_sva (.*);
