// SPDX-License-Identifier: Apache-2.0

// CTRL.RESET: holds everything but the register bus in reset for a while, in which the shell
// drops what is outstanding on the memory ports.

module tern_reset #(
  parameter int unsigned Cycles = 16
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic request_i,      // CTRL.RESET reads 1
  output logic clear_o,        // registers: back to reset values
  output logic soft_rst_o,     // a register: also the reset of the core
  output logic finished_o      // CTRL.RESET goes back to 0
);

  logic                        active_q;
  logic [$clog2(Cycles+1)-1:0] left_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      left_q <= '0;
    end else if (!active_q) begin
      active_q <= request_i;
      left_q <= ($clog2(Cycles + 1))'(Cycles);
    end else begin
      left_q <= left_q - 1'b1;
      if (left_q == ($clog2(Cycles + 1))'(1)) active_q <= 1'b0;
    end
  end

  assign soft_rst_o = active_q;
  assign clear_o = active_q;
  assign finished_o = active_q && left_q == ($clog2(Cycles + 1))'(1);

endmodule
