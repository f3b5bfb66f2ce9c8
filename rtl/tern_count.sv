// SPDX-License-Identifier: Apache-2.0

// A counter of one job, 32 bits, that stays at its greatest value.

module tern_count (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        count_i,
  output logic [31:0] value_o
);

  logic [31:0] value_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) value_q <= '0;
    else if (clear_i) value_q <= '0;
    else if (count_i && value_q != '1) value_q <= value_q + 32'd1;
  end

  assign value_o = value_q;

endmodule
