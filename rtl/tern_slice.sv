// SPDX-License-Identifier: Apache-2.0

// A register slice: both directions of a valid/ready channel begin and end in registers. A second
// place takes what arrives in the cycle in which the far side is found not ready.

module tern_slice #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,

  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o,

  output logic             busy_o     // something is inside
);

  logic             valid_q, held_q;  // at the output; in the second place
  logic [Width-1:0] data_q, held_data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      held_q <= 1'b0;
    end else begin
      if (!valid_q || ready_i) valid_q <= held_q || valid_i;
      if (valid_q && !ready_i) held_q <= held_q || valid_i;
      else held_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if ((!valid_q || ready_i) && (held_q || valid_i)) data_q <= held_q ? held_data_q : data_i;
    if (valid_i && !held_q && valid_q && !ready_i) held_data_q <= data_i;
  end

  assign ready_o = !held_q;
  assign valid_o = valid_q;
  assign data_o = data_q;
  assign busy_o = valid_q || held_q;

endmodule
