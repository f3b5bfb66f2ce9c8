// SPDX-License-Identifier: Apache-2.0

// a * b by shifting and adding, one bit of b a cycle, as many cycles as b has bits. Sizes of
// operands are checked while another job runs, so there is time.

module tern_serial_mul (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic        done_o,     // the product stands
  output logic [63:0] product_o
);

  logic [63:0] a_q, product_q;
  logic [31:0] b_q;

  assign done_o = b_q == '0;
  assign product_o = product_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_q <= '0;
      b_q <= '0;
      product_q <= '0;
    end else if (start_i) begin
      a_q <= {32'd0, a_i};
      b_q <= b_i;
      product_q <= '0;
    end else if (!done_o) begin
      a_q <= {a_q[62:0], 1'b0};
      b_q <= {1'b0, b_q[31:1]};
      if (b_q[0]) product_q <= product_q + a_q;
    end
  end

endmodule
