// SPDX-License-Identifier: Apache-2.0

// One counter a slot. It stays at its greatest value instead of wrapping.

module tern_tally #(
  parameter int unsigned Slots = 32,
  parameter int unsigned Width = 32,
  parameter int unsigned In = 32
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,

  input  logic                     clear_i,
  input  logic [$clog2(Slots)-1:0] clear_slot_i,
  input  logic                     add_i,
  input  logic [$clog2(Slots)-1:0] slot_i,
  input  logic [In-1:0]            value_i,

  input  logic [$clog2(Slots)-1:0] read_slot_i,
  output logic [Width-1:0]         count_o
);

  logic [Width-1:0] count_q[Slots];
  logic [Slots-1:0] any_q;          // something was added since the counter was cleared
  logic [Width:0]   sum;

  always_comb begin
    sum = '0;
    if (add_i) sum = (Width + 1)'(value_i) + (any_q[slot_i] ? {1'b0, count_q[slot_i]} : '0);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      any_q <= '0;
    end else begin
      if (clear_i) any_q[clear_slot_i] <= 1'b0;
      if (add_i) any_q[slot_i] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (add_i) count_q[slot_i] <= sum[Width] ? '1 : sum[Width-1:0];
  end

  assign count_o = any_q[read_slot_i] ? count_q[read_slot_i] : '0;

endmodule
