// SPDX-License-Identifier: Apache-2.0

// A counter of the device, 64 bits: at a gigahertz it would run for 585 years.

module tern_total (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        count_i,
  output logic [63:0] value_o
);

  logic [63:0] value_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) value_q <= '0;
    else if (count_i) value_q <= value_q + 64'd1;
  end

  assign value_o = value_q;

endmodule
