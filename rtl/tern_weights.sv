// SPDX-License-Identifier: Apache-2.0

// One stream's weights between memory and array: a FIFO of beats, with their parity and with what was
// wrong with them on arrival.

module tern_weights #(
  parameter int unsigned Depth = 512
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic                   r_valid_i,   // what was asked for has its place here
  input  logic [511:0]           r_data_i,
  input  logic [1:0]             r_error_i,   // tern_pkg::Good, Refused, Overdue

  output logic                   valid_o,
  output logic [511:0]           data_o,
  output logic [1:0]             error_o,
  output logic                   flip_o,      // the beat read in the last cycle had another parity
  input  logic                   read_i,
  output logic [$clog2(Depth):0] taken_o
);

  // Parity and error stand beside the data, in a RAM of their own.
  logic [2:0] side_q[Depth];   // {parity, error}
  logic [2:0] side;
  logic [$clog2(Depth)-1:0] write_q;

  tern_fifo #(
    .Width(512),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i(1'b0),
    .write_i(r_valid_i),
    .data_i (r_data_i),
    .valid_o,
    .data_o,
    .read_i,
    .taken_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) write_q <= '0;
    else if (r_valid_i) write_q <= write_q + 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (r_valid_i) side_q[write_q] <= {^r_data_i, r_error_i};
  end

  assign side = side_q[taken_o[$clog2(Depth)-1:0]];
  assign error_o = side[1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      flip_o <= 1'b0;
    end else begin
      flip_o <= 1'b0;
      if (read_i) flip_o <= ^data_o != side[2];
    end
  end

endmodule
