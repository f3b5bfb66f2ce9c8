// SPDX-License-Identifier: Apache-2.0

`include "tern_assert.svh"

module tern_unpack_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic       b5_i,
  input logic [6:0] words_last_i,
  input logic [6:0] beats_last_i,
  input logic       valid_i,
  input logic       read_o,
  input logic       valid_o,
  input logic       read_i
);

  // Groups given and beats taken in this row, counted anew.
  logic [7:0] words_q, beats_q;
  logic       in_row, row_ends;
  assign in_row = words_q != '0;
  assign row_ends = words_q == {1'b0, words_last_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      words_q <= '0;
      beats_q <= '0;
    end else if (clear_i || (read_i && row_ends)) begin
      words_q <= '0;
      beats_q <= '0;
    end else begin
      words_q <= words_q + 8'(read_i);
      beats_q <= beats_q + 8'(read_o);
    end
  end

  `TERN_ASSERT(NoGroupFromNothing, read_i |-> valid_o);
  `TERN_ASSERT(NoBeatFromNothing, read_o |-> valid_i);
  `TERN_ASSERT(TileIsSteady, in_row |-> $stable({b5_i, words_last_i, beats_last_i}));
  // A row takes its beats, no fewer and no more.
  `TERN_ASSERT(RowTakesItsBeats, b5_i && read_i && row_ends && !clear_i |->
      beats_q + 8'(read_o) == {1'b0, beats_last_i} + 8'd1);
  // A group a cycle while there are beats.
  `TERN_ASSERT(NoBubble, valid_i |-> valid_o);

endmodule
