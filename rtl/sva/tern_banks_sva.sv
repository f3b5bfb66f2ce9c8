// SPDX-License-Identifier: Apache-2.0

// The two banks of results: the array never writes into one that the drain still reads, rows come
// one after another, and the drain is told of exactly the rows that were written.

`include "tern_assert.svh"

module tern_banks_sva #(
  parameter int unsigned Cols = 8,
  parameter int unsigned RowsTile = 64
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       abort_i,
  input logic                       start_i,
  input logic                       write_i,        // a row of sums
  input logic [$clog2(RowsTile):0]  row_i,          // {bank, row}
  input logic                       add_i,
  input logic                       block_valid_i,  // the drain gets a bank
  input logic                       block_bank_i,
  input logic [$clog2(RowsTile):0]  block_rows_i,
  input logic [$clog2(Cols):0]      block_cols_i,
  input logic                       freed_i,        // and gives it back
  input logic                       freed_bank_i,
  input logic [Cols-1:0]            on_i            // columns with a token
);

  localparam int unsigned RowBits = $clog2(RowsTile);

  logic [1:0]         draining_q;
  logic               any_q;          // a row of this job was written
  logic [RowBits:0]   last_row_q, row;
  logic               bank;
  logic [RowBits-1:0] index;
  assign bank = row_i[RowBits];
  assign index = row_i[RowBits-1:0];
  assign row = write_i ? row_i : last_row_q;  // the latest

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      draining_q <= '0;
      any_q <= 1'b0;
      last_row_q <= '0;
    end else if (abort_i || start_i) begin
      draining_q <= '0;
      any_q <= 1'b0;
    end else begin
      if (freed_i) draining_q[freed_bank_i] <= 1'b0;
      if (block_valid_i) draining_q[block_bank_i] <= 1'b1;
      if (write_i) begin
        any_q <= 1'b1;
        last_row_q <= row_i;
      end
    end
  end

  `TERN_ASSERT(NeverFilledWhileDrained, write_i && !abort_i |-> !draining_q[bank]);
  `TERN_ASSERT(NeverTwiceDrained, block_valid_i && !abort_i |-> !draining_q[block_bank_i]);
  `TERN_ASSERT(FreesWhatIsDrained, freed_i && !abort_i |-> draining_q[freed_bank_i]);
  `TERN_ASSERT(RowsInTurn, write_i && !abort_i |-> index == '0 ||
      (any_q && row_i == last_row_q + 1'b1));
  `TERN_ASSERT(FirstTileReplaces, write_i && !any_q && !abort_i |-> !add_i && index == '0);
  `TERN_ASSERT(DrainKnowsTheRows, block_valid_i && !abort_i |-> row[RowBits] == block_bank_i &&
      block_rows_i == {1'b0, row[RowBits-1:0]} + 1'b1);
  // Columns are filled from the first on.
  `TERN_ASSERT(ColumnsFromTheFirst, (on_i & (on_i + 1'b1)) == '0);
  `TERN_ASSERT(ColumnsAreTokens, block_valid_i && !abort_i |->
      block_cols_i == ($clog2(Cols) + 1)'($countones(on_i)));

endmodule

bind tern_gemm tern_banks_sva #(.Cols(Cols), .RowsTile(RowsTile)) u_banks_sva (
  .clk_i,
  .rst_ni,
  .abort_i      (abort_i),
  .start_i      (start_i),
  .write_i      (u_results.write_i),
  .row_i        (u_results.row_i),
  .add_i        (u_results.add_i),
  .block_valid_i(u_drain.block_valid_i),
  .block_bank_i (u_drain.block_bank_i),
  .block_rows_i (u_drain.block_rows_i),
  .block_cols_i (u_drain.block_cols_i),
  .freed_i      (u_drain.freed_o),
  .freed_bank_i (u_drain.freed_bank_o),
  .on_i         (u_results.on_i)
);
