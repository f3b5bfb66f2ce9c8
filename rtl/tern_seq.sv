// SPDX-License-Identifier: Apache-2.0

// Runs tiles through the array: in a tile its rows, in a row its words of Lanes trits. The next tile
// follows the last without a pause when its activations are there. Says what each beat is, and what
// became of each tile.
//
// In each cycle in which there is a tile one thing is true and counted: the array takes a beat, or
// it waits for activations, for room for results, or for weights.

`include "tern_popcount.svh"

module tern_seq #(
  parameter int unsigned Lanes = 256,
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned Queues = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,

  input  logic                           tile_valid_i,
  output logic                           tile_read_o,
  input  logic [$clog2(Queues)+1:0]      tile_slot_i,
  input  logic                           tile_void_i,
  input  logic                           tile_first_i,
  input  logic                           tile_block_end_i,
  input  logic                           tile_half_i,
  input  logic [$clog2(KTile):0]         tile_k_i,
  input  logic [$clog2(Cols):0]          tile_cols_i,
  input  logic [$clog2(RowsTile):0]      tile_rows_i,
  input  logic                           tile_add_i,
  input  logic                           tile_b5_i,
  input  logic [$clog2(KTile/256)+1:0]   tile_beats_i,     // of weights, a row
  input  logic [3:0]                     passed_i,         // tiles whose activations are there
  input  logic [15:0]                    half_status_i,

  output logic                           b5_o,             // -> tern_unpack
  output logic [6:0]                     words_last_o,     // groups of 256 trits a row, less one
  output logic [6:0]                     beats_last_o,     // beats a row, less one
  input  logic [Streams-1:0]             w_valid_i,
  input  logic [Streams*256-1:0]         w_neg_i,
  input  logic [Streams*256-1:0]         w_nz_i,
  output logic [Streams-1:0]             w_read_o,
  input  logic [Streams-1:0]             w_pop_i,          // a beat leaves the FIFO ...
  input  logic [Streams*2-1:0]           w_error_i,        // ... and this is wrong with it
  input  logic [Streams-1:0]             w_flip_i,         // ... or this, a cycle later

  output logic                           take_o,           // -> array
  output logic [Streams*Lanes-1:0]       neg_o,
  output logic [Streams*Lanes-1:0]       nz_o,
  output logic                           half_o,
  output logic [$clog2(KTile/Lanes)-1:0] word_o,
  output logic [Cols-1:0]                on_o,
  output logic                           check_o,
  output logic                           first_o,
  output logic                           last_o,
  output logic                           tag_tile_end_o,
  output logic                           tag_block_end_o,
  output logic                           tag_void_o,
  output logic                           tag_second_o,     // the second row is one
  output logic                           tag_add_o,
  output logic                           tag_bank_o,
  output logic [$clog2(RowsTile)-1:0]    tag_row_o,        // of its stream

  input  logic                           row_valid_i,      // <- array
  input  logic                           row_tile_end_i,
  input  logic                           row_void_i,
  input  logic                           row_bad_i,
  input  logic                           freed_i,          // a bank may be filled again
  input  logic                           freed_bank_i,

  output logic                           used_o,           // a tile needs its activations no more
  output logic                           used_half_o,
  output logic                           end_valid_o,      // what became of a tile
  output logic [$clog2(Queues)+1:0]      end_slot_o,
  output logic                           end_first_o,
  output logic [7:0]                     end_status_o,
  output logic [31:0]                    end_cycles_o,
  output logic [31:0]                    end_array_o,
  output logic [31:0]                    end_stall_weights_o,
  output logic [31:0]                    end_stall_activations_o,
  output logic [31:0]                    end_stall_results_o,
  output logic [31:0]                    end_nonzeros_o,
  output logic [31:0]                    end_trits_o,
  output logic [$clog2(Cols):0]          end_cols_o,

  output logic                           idle_o,           // no tile is here
  output logic                           settling_o        // but one is on its way out
);

  localparam int unsigned SlotBits = $clog2(Queues) + 2;
  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned TileBits = $clog2(KTile);
  localparam int unsigned WordBits = $clog2(KTile / Lanes);
  localparam int unsigned GroupBits = $clog2(KTile / 256);
  localparam int unsigned Phases = 256 / Lanes;
  localparam int unsigned PhaseBits = $clog2(Phases);

  // ------------------------------------------------------------------ the tile
  logic                 active_q, void_q, first_q, block_end_q, half_q, add_q, b5_q;
  logic [SlotBits-1:0]  slot_q;
  logic [TileBits:0]    k_q;
  logic [ColBits:0]     cols_q;
  logic [Cols-1:0]      on_q;
  logic [WordBits-1:0]  word_q, word_last_q;
  logic [6:0]           beats_last_q;
  logic [RowBits-1:0]   row_q, row_last_q;          // of each stream
  logic [RowBits:0]     rows1_q;                    // that the second stream has
  logic                 row_begin_q;
  logic [3:0]           begun_q;                    // tiles, to compare with passed_i
  logic                 bank_q;
  logic [1:0]           full_q;                     // banks that wait for the drain
  logic                 settling_q;                 // a tile's last row is still in the array

  logic row_end, row_final, tile_end, blocked, weights_ok, take, start, second;
  assign row_end = word_q == word_last_q;
  assign row_final = row_q == row_last_q;
  assign tile_end = row_end && row_final;
  assign second = Streams == 2 && {1'b0, row_q} < rows1_q;
  assign blocked = (tile_end && settling_q) || (full_q[bank_q] && !void_q);
  if (Streams == 1) begin : gen_one_ok
    assign weights_ok = w_valid_i[0] || void_q;
  end else begin : gen_two_ok
    assign weights_ok = (w_valid_i[0] && (w_valid_i[1] || !second)) || void_q;
  end
  assign take = active_q && !blocked && weights_ok;
  assign start = tile_valid_i && passed_i != begun_q && (!active_q || (take && tile_end));

  logic [RowBits:0] rows0;   // of the first stream
  assign rows0 = Streams == 1 ? tile_rows_i : (RowBits + 1)'(tern_pkg::first_rows(16'(tile_rows_i)));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      void_q <= 1'b0;
      first_q <= 1'b0;
      block_end_q <= 1'b0;
      half_q <= 1'b0;
      add_q <= 1'b0;
      b5_q <= 1'b0;
      slot_q <= '0;
      k_q <= '0;
      cols_q <= '0;
      on_q <= '0;
      word_q <= '0;
      word_last_q <= '0;
      beats_last_q <= '0;
      row_q <= '0;
      row_last_q <= '0;
      rows1_q <= '0;
      row_begin_q <= 1'b1;
      begun_q <= '0;
    end else if (start) begin
      active_q <= 1'b1;
      void_q <= tile_void_i;
      first_q <= tile_first_i;
      block_end_q <= tile_block_end_i;
      half_q <= tile_half_i;
      add_q <= tile_add_i;
      b5_q <= tile_b5_i;
      slot_q <= tile_slot_i;
      k_q <= tile_k_i;
      cols_q <= tile_cols_i;
      for (int unsigned c = 0; c < Cols; c++) begin
        on_q[c] <= (ColBits + 1)'(c) < tile_cols_i && !tile_void_i;
      end
      word_q <= '0;
      word_last_q <= tile_void_i ? '0 : WordBits'((tile_k_i - 1'b1) >> $clog2(Lanes));
      beats_last_q <= 7'(8'(tile_beats_i) - 8'd1);
      row_q <= '0;
      row_last_q <= tile_void_i ? '0 : RowBits'(rows0 - 1'b1);
      rows1_q <= tile_void_i ? '0 : tile_rows_i - rows0;
      row_begin_q <= 1'b1;
      begun_q <= begun_q + 4'd1;
    end else if (take) begin
      word_q <= row_end ? '0 : word_q + 1'b1;
      row_begin_q <= row_end;
      if (row_end) begin
        row_q <= row_q + 1'b1;
        if (row_final) active_q <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------------ result banks
  logic filled;
  assign filled = take && tile_end && block_end_q && !void_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bank_q <= 1'b0;
      full_q <= '0;
    end else if (filled || freed_i) begin
      if (freed_i) full_q[freed_bank_i] <= 1'b0;
      if (filled) begin
        full_q[bank_q] <= 1'b1;
        bank_q <= !bank_q;
      end
    end
  end

  // ------------------------------------------------------------------ weights
  logic group_end;
  if (Phases == 1) begin : gen_whole
    assign group_end = 1'b1;
    assign neg_o = w_neg_i;
    assign nz_o = w_nz_i;
  end else begin : gen_phases
    logic [PhaseBits-1:0] phase;
    assign phase = word_q[PhaseBits-1:0];
    assign group_end = row_end || phase == PhaseBits'(Phases - 1);
    for (genvar s = 0; s < Streams; s++) begin : gen_stream
      assign neg_o[s*Lanes+:Lanes] = w_neg_i[s*256+{phase, {$clog2(Lanes){1'b0}}}+:Lanes];
      assign nz_o[s*Lanes+:Lanes] = w_nz_i[s*256+{phase, {$clog2(Lanes){1'b0}}}+:Lanes];
    end
  end
  assign w_read_o[0] = take && group_end && !void_q;
  if (Streams == 2) begin : gen_second
    assign w_read_o[1] = take && group_end && !void_q && second;
  end

  // What the beats of the tile brought along. The first error is the one.
  logic       end1_q;   // the last beat that was taken ended its tile
  logic [7:0] status_q, status_now;
  logic [1:0] error;
  if (Streams == 1) begin : gen_one_error
    assign error = w_pop_i[0] ? w_error_i[1:0] : tern_pkg::Good;
  end else begin : gen_two_errors
    assign error = (w_pop_i[0] && w_error_i[1:0] != tern_pkg::Good) ? w_error_i[1:0] :
        w_pop_i[1] ? w_error_i[3:2] : tern_pkg::Good;
  end
  // A flip belongs to the beat of the last cycle, which may have been the last of its tile.
  logic flipped;
  assign flipped = w_flip_i != '0 && !end1_q;
  assign status_now = status_q != tern_abi_pkg::StatusOk ? status_q :
      flipped ? tern_abi_pkg::StatusParity : tern_pkg::status_of(error, 1'b0);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) status_q <= tern_abi_pkg::StatusOk;
    else if (start) status_q <= tile_void_i ? tern_abi_pkg::StatusOk :
        half_status_i[{tile_half_i, 3'd0}+:8];
    else if (error != tern_pkg::Good || flipped) status_q <= status_now;
  end

  // ------------------------------------------------------------------ account
  logic [31:0] cycles_q, array_q, stall_weights_q, stall_activations_q, stall_results_q, trits_q;
  logic [31:0] nonzeros_q;
  logic [9:0]  nonzeros1_q;
  logic        valid1_q, begin1_q;
  logic        here;
  assign here = active_q || tile_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycles_q <= '0;
      array_q <= '0;
      stall_weights_q <= '0;
      stall_activations_q <= '0;
      stall_results_q <= '0;
      trits_q <= '0;
    end else if (take && tile_end) begin
      cycles_q <= '0;
      array_q <= '0;
      stall_weights_q <= '0;
      stall_activations_q <= '0;
      stall_results_q <= '0;
      trits_q <= '0;
    end else if (here) begin
      cycles_q <= cycles_q + 32'd1;
      if (take) array_q <= array_q + 32'd1;
      else if (!active_q) stall_activations_q <= stall_activations_q + 32'd1;
      else if (blocked) stall_results_q <= stall_results_q + 32'd1;
      else stall_weights_q <= stall_weights_q + 32'd1;
      if (take && row_end) begin
        trits_q <= trits_q + 32'(k_q) + (second ? 32'(k_q) : '0);
      end
    end
  end

  // A tile's nonzero trits, counted a cycle behind.
  logic [31:0] nonzeros_d;
  logic [8:0]  nonzeros_second;
  assign nonzeros_d = (begin1_q ? '0 : nonzeros_q) + {22'd0, nonzeros1_q};
  if (Streams == 1) begin : gen_one_count
    assign nonzeros_second = '0;
  end else begin : gen_two_counts
    assign nonzeros_second = second ? `TERN_POPCOUNT(nz_o[Streams*Lanes-1:Lanes]) : '0;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
    end else begin
      valid1_q <= take;
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      begin1_q <= row_begin_q && row_q == '0;
      end1_q <= tile_end;
      nonzeros1_q <= void_q ? '0 :
          {1'b0, `TERN_POPCOUNT(nz_o[Lanes-1:0])} + {1'b0, nonzeros_second};
    end
    if (valid1_q) nonzeros_q <= nonzeros_d;
  end

  // ------------------------------------------------------------------ the tile that settles
  // Its last row is on its way through the array; until it comes out the tile stays here.
  logic [SlotBits-1:0] end_slot_q;
  logic                end_first_q, bad_q;
  logic [7:0]          end_status_q;
  logic [31:0]         end_cycles_q, end_array_q, end_stall_weights_q, end_stall_activations_q;
  logic [31:0]         end_stall_results_q, end_trits_q, end_nonzeros_q;
  logic [ColBits:0]    end_cols_q;
  logic                settled;
  assign settled = row_valid_i && row_tile_end_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      settling_q <= 1'b0;
      bad_q <= 1'b0;
    end else begin
      if (take && tile_end) settling_q <= 1'b1;
      else if (settled) settling_q <= 1'b0;
      if (row_valid_i) bad_q <= !row_tile_end_i && (bad_q || (row_bad_i && !row_void_i));
      if (w_flip_i != '0 && end1_q) bad_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take && tile_end) begin
      end_slot_q <= slot_q;
      end_first_q <= first_q;
      end_status_q <= status_now;
      end_cycles_q <= cycles_q + 32'd1;
      end_array_q <= array_q + 32'd1;
      end_stall_weights_q <= stall_weights_q;
      end_stall_activations_q <= stall_activations_q;
      end_stall_results_q <= stall_results_q;
      end_trits_q <= void_q ? '0 : trits_q + 32'(k_q) + (second ? 32'(k_q) : '0);
      end_cols_q <= cols_q;
    end
    if (valid1_q && end1_q) end_nonzeros_q <= nonzeros_d;
  end

  assign end_valid_o = settled;
  assign end_slot_o = end_slot_q;
  assign end_first_o = end_first_q;
  assign end_status_o = (end_status_q == tern_abi_pkg::StatusOk &&
      (bad_q || (row_bad_i && !row_void_i))) ? tern_abi_pkg::StatusParity : end_status_q;
  assign end_cycles_o = end_cycles_q;
  assign end_array_o = end_array_q;
  assign end_stall_weights_o = end_stall_weights_q;
  assign end_stall_activations_o = end_stall_activations_q;
  assign end_stall_results_o = end_stall_results_q;
  assign end_nonzeros_o = end_nonzeros_q;
  assign end_trits_o = end_trits_q;
  assign end_cols_o = end_cols_q;

  assign tile_read_o = start;
  assign b5_o = b5_q;
  assign words_last_o = 7'(word_last_q[WordBits-1-:GroupBits]);
  assign beats_last_o = beats_last_q;
  assign take_o = take;
  assign half_o = half_q;
  assign word_o = word_q;
  assign on_o = on_q;
  assign check_o = row_final;
  assign first_o = row_begin_q;
  assign last_o = row_end;
  assign tag_tile_end_o = row_final;
  assign tag_block_end_o = row_final && block_end_q;
  assign tag_void_o = void_q;
  assign tag_second_o = second;
  assign tag_add_o = add_q;
  assign tag_bank_o = bank_q;
  assign tag_row_o = row_q;
  assign used_o = take && tile_end && !void_q;
  assign used_half_o = half_q;
  assign idle_o = !here;
  assign settling_o = settling_q;

endmodule
