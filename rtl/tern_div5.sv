// SPDX-License-Identifier: Apache-2.0

// x / 5, rounded down, by long division in octal: three bits of the quotient a cycle, nine cycles.

module tern_div5 (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [26:0] x_i,
  output logic        done_o,       // the quotient stands
  output logic [26:0] quotient_o
);

  logic [26:0] x_q;                 // what is left of x, then digits of the quotient behind it
  logic [2:0]  rest_q;              // 0 to 4
  logic [3:0]  steps_q;             // left

  logic [5:0] by20, by10, by5;      // 0 to 39, 0 to 19, 0 to 9
  logic       fours, twos, ones;    // of the digit
  assign by20 = {rest_q, x_q[26:24]};
  assign fours = by20 >= 6'd20;
  assign by10 = fours ? by20 - 6'd20 : by20;
  assign twos = by10 >= 6'd10;
  assign by5 = twos ? by10 - 6'd10 : by10;
  assign ones = by5 >= 6'd5;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      x_q <= '0;
      rest_q <= '0;
      steps_q <= '0;
    end else if (start_i) begin
      x_q <= x_i;
      rest_q <= '0;
      steps_q <= 4'd9;
    end else if (!done_o) begin
      x_q <= {x_q[23:0], fours, twos, ones};
      rest_q <= 3'(ones ? by5 - 6'd5 : by5);
      steps_q <= steps_q - 4'd1;
    end
  end

  assign done_o = steps_q == '0;
  assign quotient_o = x_q;

endmodule
