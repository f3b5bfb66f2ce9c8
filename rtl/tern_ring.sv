// SPDX-License-Identifier: Apache-2.0

// A short FIFO between two units. Its two sides run on the same clock, but either side's may stand
// still while that side is at rest.

module tern_ring #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 4,  // a power of two
  parameter int unsigned Spare = 0   // places left when there is no more room
) (
  input  logic             clk_write_i,
  input  logic             clk_read_i,
  input  logic             rst_ni,

  input  logic             write_i,
  input  logic [Width-1:0] data_i,
  output logic             room_o,

  output logic             valid_o,
  output logic [Width-1:0] data_o,
  input  logic             read_i
);

  localparam int unsigned PtrBits = $clog2(Depth);

  logic [Width-1:0] ram_q[Depth];
  logic [PtrBits:0] write_q, read_q;

  always_ff @(posedge clk_write_i or negedge rst_ni) begin
    if (!rst_ni) write_q <= '0;
    else if (write_i) write_q <= write_q + 1'b1;
  end

  always_ff @(posedge clk_write_i) begin
    if (write_i) ram_q[write_q[PtrBits-1:0]] <= data_i;
  end

  always_ff @(posedge clk_read_i or negedge rst_ni) begin
    if (!rst_ni) read_q <= '0;
    else if (read_i) read_q <= read_q + 1'b1;
  end

  assign room_o = (PtrBits + 1)'(write_q - read_q) < (PtrBits + 1)'(Depth - Spare);
  assign valid_o = write_q != read_q;
  assign data_o = ram_q[read_q[PtrBits-1:0]];

endmodule
