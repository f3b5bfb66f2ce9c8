// SPDX-License-Identifier: Apache-2.0

// The patience of a guard: expired after limit_i cycles of waiting without an answer. It stands
// still while nothing is owed, and while every cycle brings an answer.

module tern_guard_timer (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] limit_i,     // cycles; 0: wait for ever
  input  logic        waiting_i,   // something is owed
  input  logic        answer_i,
  output logic        expired_o    // in this cycle the patience ends
);

  logic [31:0] waited_q;
  logic        silent;

  assign silent = waiting_i && !answer_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) waited_q <= '0;
    else if (!silent || expired_o) waited_q <= '0;
    else waited_q <= waited_q + 32'd1;
  end

  assign expired_o = silent && limit_i != '0 && waited_q >= limit_i - 32'd1;

endmodule
