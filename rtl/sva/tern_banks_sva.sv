// SPDX-License-Identifier: Apache-2.0

// The two banks of results: the array never writes into one that waits for the drain or is drained,
// rows come one after another, a block's sums are one job's, and the drain is told of exactly the
// rows and columns that were written.

`include "tern_assert.svh"

module tern_banks_sva #(
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned SlotBits = 5,
  parameter int unsigned RowBits = 6
) (
  input logic                 clk_i,
  input logic                 rst_ni,

  input logic                 start_i,        // a tile comes to the array
  input logic [SlotBits-1:0]  start_slot_i,
  input logic                 start_void_i,
  input logic                 start_add_i,
  input logic                 start_block_end_i,
  input logic                 filled_i,       // its last beat goes in, and ends the block
  input logic                 filled_bank_i,
  input logic [SlotBits-1:0]  filled_slot_i,

  input logic                 row_i,          // a row comes out
  input logic                 row_void_i,
  input logic                 row_tile_end_i,
  input logic                 row_block_end_i,
  input logic                 row_second_i,
  input logic                 row_add_i,
  input logic                 row_bank_i,
  input logic [RowBits-1:0]   row_index_i,
  input logic [Cols-1:0]      row_on_i,

  input logic                 drain_i,        // the drain reads
  input logic                 drain_bank_i,
  input logic [SlotBits-1:0]  drain_slot_i,
  input logic [RowBits:0]     drain_rows_i,
  input logic [$clog2(Cols):0] drain_cols_i,
  input logic                 freed_i,
  input logic                 freed_bank_i
);

  // ------------------------------------------------------------------ tiles of a block
  logic                block_open_q;
  logic [SlotBits-1:0] block_slot_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      block_open_q <= 1'b0;
      block_slot_q <= '0;
    end else if (start_i) begin
      block_open_q <= !start_block_end_i;
      block_slot_q <= start_slot_i;
    end
  end

  `TERN_ASSERT(BlockOfOneJob, start_i && block_open_q |-> start_slot_i == block_slot_q);
  `TERN_ASSERT(FirstTileReplaces, start_i && !start_void_i |-> start_add_i == block_open_q);
  `TERN_ASSERT(VoidEndsBlock, start_i && start_void_i |-> start_block_end_i);

  // ------------------------------------------------------------------ rows
  logic               inside_q, bank_q, add_q, void_q;   // a tile's rows are coming, as these
  logic [RowBits-1:0] index_q;
  logic [Cols-1:0]    on_q;
  logic [RowBits:0]   rows_q, rows;                      // of both streams
  logic               write;
  assign write = row_i && !row_void_i;
  assign rows = (inside_q ? rows_q : '0) + (RowBits + 1)'(1) + (RowBits + 1)'(row_second_i);

  // ------------------------------------------------------------------ banks
  logic [1:0]            full_q;                          // complete and not freed
  logic [1:0]            promised_q;                      // or about to be
  logic [2*SlotBits-1:0] slot_q;
  logic [2*RowBits+1:0]  count_q;
  logic [2*Cols-1:0]     cols_q;
  logic                  next_full_q, next_freed_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      inside_q <= 1'b0;
      bank_q <= 1'b0;
      add_q <= 1'b0;
      void_q <= 1'b0;
      index_q <= '0;
      on_q <= '0;
      rows_q <= '0;
      full_q <= '0;
      promised_q <= '0;
      slot_q <= '0;
      count_q <= '0;
      cols_q <= '0;
      next_full_q <= 1'b0;
      next_freed_q <= 1'b0;
    end else begin
      if (freed_i) begin
        full_q[freed_bank_i] <= 1'b0;
        promised_q[freed_bank_i] <= 1'b0;
        next_freed_q <= !freed_bank_i;
      end
      if (filled_i) begin
        promised_q[filled_bank_i] <= 1'b1;
        slot_q[filled_bank_i*SlotBits+:SlotBits] <= filled_slot_i;
      end
      if (row_i) begin
        inside_q <= !row_tile_end_i;
        bank_q <= row_bank_i;
        add_q <= row_add_i;
        void_q <= row_void_i;
        index_q <= row_index_i;
        on_q <= row_on_i;
        rows_q <= rows;
        if (write && row_block_end_i) begin
          full_q[row_bank_i] <= 1'b1;
          count_q[row_bank_i*(RowBits+1)+:RowBits+1] <= rows;
          cols_q[row_bank_i*Cols+:Cols] <= row_on_i;
          next_full_q <= !row_bank_i;
        end
      end
    end
  end

  // Read out here: a property can't look into an array in Verilator 5.006.
  logic                full_row, full_drain, full_freed, promised_filled, one_second;
  logic [SlotBits-1:0] drained_slot;
  logic [RowBits:0]    drained_rows;
  logic [Cols-1:0]     drained_on;
  logic [31:0]         drained_cols;
  always_comb begin
    full_row = full_q[row_bank_i];
    full_freed = full_q[freed_bank_i];
    promised_filled = promised_q[filled_bank_i];
    full_drain = 1'b0;
    drained_slot = '0;
    drained_rows = '0;
    drained_on = '0;
    drained_cols = '0;
    if (drain_i) begin
      full_drain = full_q[drain_bank_i];
      drained_slot = slot_q[drain_bank_i*SlotBits+:SlotBits];
      drained_rows = count_q[drain_bank_i*(RowBits+1)+:RowBits+1];
      drained_on = cols_q[drain_bank_i*Cols+:Cols];
      drained_cols = $countones(drained_on);
    end
    one_second = Streams == 2 || !row_second_i;
  end

  `TERN_ASSERT(NeverFilledWhileDrained, write |-> !full_row);
  `TERN_ASSERT(NeverPromisedTwice, filled_i |-> !promised_filled);
  `TERN_ASSERT(BanksInTurn, write && row_block_end_i |-> row_bank_i == next_full_q);
  `TERN_ASSERT(FreedInTurn, freed_i |-> freed_bank_i == next_freed_q);
  `TERN_ASSERT(FreesWhatIsFull, freed_i |-> full_freed);
  `TERN_ASSERT(DrainsWhatIsFull, drain_i |-> full_drain);
  `TERN_ASSERT(DrainsItsJob, drain_i |-> drained_slot == drain_slot_i);
  `TERN_ASSERT(DrainKnowsTheRows, drain_i |-> drained_rows == drain_rows_i);
  `TERN_ASSERT(DrainKnowsTheColumns, drain_i |-> drained_cols == 32'(drain_cols_i));
  `TERN_ASSERT(FirstRowFirst, row_i && !inside_q |-> row_index_i == '0);
  `TERN_ASSERT(RowsInTurn, row_i && inside_q |-> row_index_i == index_q + 1'b1);
  `TERN_ASSERT(RowsOfATileAlike, row_i && inside_q |-> row_bank_i == bank_q && row_add_i == add_q &&
      row_void_i == void_q && row_on_i == on_q);
  `TERN_ASSERT(BlockEndIsTileEnd, row_i && row_block_end_i |-> row_tile_end_i);
  `TERN_ASSERT(OneStreamOneRow, row_i |-> one_second);
  // Columns are filled from the first on.
  `TERN_ASSERT(ColumnsFromTheFirst, write |-> (row_on_i & (row_on_i + 1'b1)) == '0 &&
      row_on_i[0]);

endmodule

bind tern_gemm tern_banks_sva #(
  .Streams(Streams), .Cols(Cols), .SlotBits(SlotBits), .RowBits(RowBits)
) u_banks_sva (
  .clk_i,
  .rst_ni,
  .start_i          (s_read),
  .start_slot_i     (s_slot),
  .start_void_i     (s_void),
  .start_add_i      (s_add),
  .start_block_end_i(s_block_end),
  .filled_i         (u_seq.filled),
  .filled_bank_i    (u_seq.bank_q),
  .filled_slot_i    (u_seq.slot_q),
  .row_i            (row_valid),
  .row_void_i       (row_tag[RowBits+3]),
  .row_tile_end_i   (row_tag[RowBits+5]),
  .row_block_end_i  (row_tag[RowBits+4]),
  .row_second_i     (row_tag[RowBits+2]),
  .row_add_i        (row_tag[RowBits+1]),
  .row_bank_i       (row_tag[RowBits]),
  .row_index_i      (row_tag[RowBits-1:0]),
  .row_on_i         (row_on),
  .drain_i          (y_valid_o),
  .drain_bank_i     (read_bank),
  .drain_slot_i     (b_slot),
  .drain_rows_i     (b_rows),
  .drain_cols_i     (b_cols),
  .freed_i          (freed),
  .freed_bank_i     (freed_bank)
);
