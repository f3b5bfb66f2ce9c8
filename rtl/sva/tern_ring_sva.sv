// SPDX-License-Identifier: Apache-2.0

// A ring never takes what it has no place for, never gives what it does not hold, and gives what it
// was given: counted anew, each side on its own clock.

`include "tern_assert.svh"

module tern_ring_sva #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 4,
  parameter int unsigned Spare = 0
) (
  input logic             clk_write_i,
  input logic             clk_read_i,
  input logic             rst_ni,
  input logic             write_i,
  input logic [Width-1:0] data_i,
  input logic             room_o,
  input logic             valid_o,
  input logic [Width-1:0] data_o,
  input logic             read_i
);

  logic [15:0]      written_q, read_q, held;
  logic [Width-1:0] in_q, out_q;   // all that went in, and out, in one word
  assign held = written_q - read_q;

  always_ff @(posedge clk_write_i or negedge rst_ni) begin
    if (!rst_ni) begin
      written_q <= '0;
      in_q <= '0;
    end else if (write_i) begin
      written_q <= written_q + 16'd1;
      in_q <= {in_q[Width-2:0], in_q[Width-1]} ^ data_i;
    end
  end

  always_ff @(posedge clk_read_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q <= '0;
      out_q <= '0;
    end else if (read_i) begin
      read_q <= read_q + 16'd1;
      out_q <= {out_q[Width-2:0], out_q[Width-1]} ^ data_o;
    end
  end

  logic clk_i;
  assign clk_i = clk_write_i;
  `TERN_ASSERT(NoOverflow, write_i |-> held < 16'(Depth));
  `TERN_ASSERT(AsksForRoom, write_i && Spare == 0 |-> room_o);
  `TERN_ASSERT(RoomIsTrue, room_o == (held < 16'(Depth - Spare)));

  NoUnderflow: assert property (@(posedge clk_read_i) disable iff (!rst_ni) read_i |-> held != '0)
    else $error("assertion %m");
  ValidMeansFilled: assert property (@(posedge clk_read_i) disable iff (!rst_ni)
    valid_o == (held != '0)) else $error("assertion %m");
  NothingLost: assert property (@(posedge clk_read_i) disable iff (!rst_ni)
    held == '0 |-> in_q == out_q) else $error("assertion %m");

endmodule

bind tern_ring tern_ring_sva #(.Width(Width), .Depth(Depth), .Spare(Spare)) u_sva (.*);
