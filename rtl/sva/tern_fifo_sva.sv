// SPDX-License-Identifier: Apache-2.0

`include "tern_assert.svh"

module tern_fifo_sva #(
  parameter int unsigned Depth = 256
) (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic write_i,
  input logic valid_o,
  input logic read_i
);

  logic [$clog2(Depth):0] fill_q, shown_q;  // a word shows an edge after it was written

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fill_q <= '0;
    else if (clear_i) fill_q <= '0;
    else fill_q <= fill_q + ($clog2(Depth) + 1)'(write_i) - ($clog2(Depth) + 1)'(read_i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) shown_q <= '0;
    else if (clear_i) shown_q <= '0;
    else shown_q <= fill_q - ($clog2(Depth) + 1)'(read_i);
  end

  `TERN_ASSERT(NoOverflow, write_i && !clear_i |-> fill_q < ($clog2(Depth) + 1)'(Depth));
  `TERN_ASSERT(NoUnderflow, read_i |-> valid_o);
  `TERN_ASSERT(ValidMeansFilled, valid_o == (shown_q != '0));

endmodule
