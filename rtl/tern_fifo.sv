// SPDX-License-Identifier: Apache-2.0

// A FIFO in a RAM with a registered read address. Who writes has reserved room before (a burst
// that was asked for must find its place), so there is no full flag. A word becomes visible one
// cycle after it was written: the RAM needs no bypass.

module tern_fifo #(
  parameter int unsigned Width = 512,
  parameter int unsigned Depth = 256  // a power of two
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,

  input  logic             write_i,
  input  logic [Width-1:0] data_i,

  output logic             valid_o,
  output logic [Width-1:0] data_o,
  input  logic             read_i,
  output logic [$clog2(Depth):0] taken_o  // words read, modulo twice the depth
);

  localparam int unsigned PtrBits = $clog2(Depth);

  logic [Width-1:0] ram_q[Depth];
  logic [PtrBits:0] write_q, visible_q, read_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= '0;
      visible_q <= '0;
      read_q <= '0;
    end else if (clear_i) begin
      write_q <= '0;
      visible_q <= '0;
      read_q <= '0;
    end else begin
      visible_q <= write_q;
      if (write_i) write_q <= write_q + 1'b1;
      if (read_i) read_q <= read_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (write_i) ram_q[write_q[PtrBits-1:0]] <= data_i;
  end

  assign taken_o = read_q;
  assign valid_o = visible_q != read_q;
  assign data_o  = ram_q[read_q[PtrBits-1:0]];

endmodule
