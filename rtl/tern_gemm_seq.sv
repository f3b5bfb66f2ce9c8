// SPDX-License-Identifier: Apache-2.0

// The loops of a GEMM, on the array's side: passes over up to COLS tokens; in a pass blocks of
// RowsTile rows; in a block K tiles (one, while K fits the buffer: then the activations are loaded
// once a pass); in a tile its rows; in a row its beats. The weights arrive in this order.

module tern_gemm_seq #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          abort_i,

  input  logic                          start_i,
  input  logic [31:0]                   n_i,
  input  logic [31:0]                   k_i,
  input  logic [31:0]                   t_i,
  input  logic [63:0]                   x_addr_i,
  input  logic [63:0]                   y_addr_i,
  input  logic [31:0]                   x_stride_i,
  input  logic [31:0]                   y_stride_i,
  output logic                          done_o,
  output logic                          idle_o,

  output logic                          load_start_o,   // -> activation loader
  output logic [63:0]                   load_addr_o,
  output logic [$clog2(KTile):0]        load_k_o,
  output logic [$clog2(Cols):0]         cols_o,
  input  logic                          load_done_i,

  input  logic                          weights_valid_i,
  output logic                          take_o,         // the array takes a beat
  output logic [Cols-1:0]               on_o,
  output logic [$clog2(KTile/256)-1:0]  word_o,
  output logic                          first_o,
  output logic                          last_o,
  output logic                          add_o,
  output logic                          block_end_o,
  output logic                          pass_end_o,
  output logic [$clog2(RowsTile):0]     row_o,

  output logic                          block_valid_o,  // <- array: the block's sums stand
  output logic                          block_bank_o,
  output logic [63:0]                   block_addr_o,
  output logic [$clog2(RowsTile):0]     block_rows_o,
  input  logic                          array_block_end_i,
  input  logic                          array_block_bank_i,
  input  logic                          freed_i,
  input  logic                          freed_bank_i,
  input  logic                          array_busy_i,
  input  logic                          flushed_i,      // all results are written and answered

  input  logic                          pass_counted_i,  // nonzeros_i is the pass's count
  input  logic [63:0]                   nonzeros_i,
  output logic [63:0]                   adds_o,
  output logic [63:0]                   adds_skipped_o,

  output logic                          stall_weights_o,
  output logic                          stall_activations_o,
  output logic                          stall_results_o,
  output logic                          stall_link_o
);

  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned TileBits = $clog2(KTile);
  localparam int unsigned WordBits = $clog2(KTile / 256);

  typedef enum logic [2:0] {StIdle, StPass, StTile, StLoad, StRun, StFlush, StDone} state_e;

  state_e              state_q;
  logic                tiled_q;
  logic [31:0]         n_q, k_q, t_left_q, n_left_q, k_left_q;
  logic [63:0]         x_pass_q, x_tile_q, y_pass_q, y_block_q;
  logic [ColBits:0]    cols_q;
  logic [Cols-1:0]     on_q;
  logic                bank_q, add_q, row_start_q, last_tile_q;
  logic [1:0]          full_q;          // banks that wait for the drain
  logic [RowBits-1:0]  row_q, row_last_q;
  logic [WordBits-1:0] word_q, word_last_q;

  // What the drain needs to know of a bank.
  logic [63:0]      addr0_q, addr1_q;
  logic [RowBits:0] rows0_q, rows1_q;

  logic row_end, tile_end, block_end, pass_end;
  assign take_o = state_q == StRun && weights_valid_i && !full_q[bank_q];
  assign row_end = word_q == word_last_q;
  assign tile_end = row_end && row_q == row_last_q;
  assign block_end = tile_end && last_tile_q;
  assign pass_end = block_end && n_left_q <= 32'(RowsTile);

  logic [TileBits:0] tile_k;
  assign tile_k = k_left_q > 32'(KTile) ? (TileBits + 1)'(KTile) : k_left_q[TileBits:0];

  // Rows of the block after this one, less one.
  logic [31:0]        n_after;
  logic [RowBits-1:0] row_last_after;
  assign n_after = n_left_q - 32'(RowsTile);
  assign row_last_after = n_after > 32'(RowsTile) ? '1 : n_after[RowBits-1:0] - 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      tiled_q <= 1'b0;
      n_q <= '0;
      k_q <= '0;
      t_left_q <= '0;
      n_left_q <= '0;
      k_left_q <= '0;
      x_pass_q <= '0;
      x_tile_q <= '0;
      y_pass_q <= '0;
      y_block_q <= '0;
      cols_q <= '0;
      on_q <= '0;
      bank_q <= 1'b0;
      add_q <= 1'b0;
      row_start_q <= 1'b1;
      last_tile_q <= 1'b0;
      full_q <= '0;
      row_q <= '0;
      row_last_q <= '0;
      word_q <= '0;
      word_last_q <= '0;
    end else if (abort_i) begin
      state_q <= StIdle;
      full_q <= '0;
    end else begin
      if (freed_i) full_q[freed_bank_i] <= 1'b0;
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            tiled_q <= k_i > 32'(KTile);
            n_q <= n_i;
            k_q <= k_i;
            t_left_q <= t_i;
            x_pass_q <= x_addr_i;
            y_pass_q <= y_addr_i;
            bank_q <= 1'b0;
            full_q <= '0;
            state_q <= StPass;
          end
        end
        StPass: if (!array_busy_i) begin
          // The last pass's sums have left the array: the columns may change.
          cols_q <= t_left_q > 32'(Cols) ? (ColBits + 1)'(Cols) : t_left_q[ColBits:0];
          n_left_q <= n_q;
          k_left_q <= k_q;
          x_tile_q <= x_pass_q;
          y_block_q <= y_pass_q;
          add_q <= 1'b0;
          row_last_q <= n_q > 32'(RowsTile) ? '1 : n_q[RowBits-1:0] - 1'b1;
          state_q <= StTile;
        end
        StTile: begin
          for (int unsigned c = 0; c < Cols; c++) on_q[c] <= (ColBits + 1)'(c) < cols_q;
          last_tile_q <= k_left_q <= 32'(KTile);
          word_last_q <= WordBits'((tile_k - 1'b1) >> 8);
          word_q <= '0;
          row_q <= '0;
          row_start_q <= 1'b1;
          state_q <= StLoad;
        end
        StLoad: if (load_done_i) state_q <= StRun;
        StRun: begin
          if (take_o) begin
            word_q <= row_end ? '0 : word_q + 1'b1;
            row_start_q <= row_end;
            if (row_end) row_q <= tile_end ? '0 : row_q + 1'b1;
            if (block_end) begin
              full_q[bank_q] <= 1'b1;
              bank_q <= !bank_q;
              n_left_q <= n_after;
              row_last_q <= row_last_after;
              y_block_q <= y_block_q + (64'(RowsTile) << 2);
              x_tile_q <= x_pass_q;
              k_left_q <= k_q;
              add_q <= 1'b0;
              if (pass_end) begin
                t_left_q <= t_left_q - 32'(Cols);
                x_pass_q <= x_pass_q + ({32'd0, x_stride_i} << ColBits);
                y_pass_q <= y_pass_q + ({32'd0, y_stride_i} << ColBits);
                state_q <= t_left_q > 32'(Cols) ? StPass : StFlush;
              end else if (tiled_q) begin
                state_q <= StTile;
              end
            end else if (tile_end) begin
              x_tile_q <= x_tile_q + 64'(KTile);
              k_left_q <= k_left_q - 32'(KTile);
              add_q <= 1'b1;
              state_q <= StTile;
            end
          end
        end
        StFlush: if (flushed_i && !array_busy_i && full_q == '0) state_q <= StDone;
        StDone: state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_o && block_end) begin
      if (bank_q) begin
        addr1_q <= y_block_q;
        rows1_q <= {1'b0, row_last_q} + 1'b1;
      end else begin
        addr0_q <= y_block_q;
        rows0_q <= {1'b0, row_last_q} + 1'b1;
      end
    end
  end

  // Adds: counted a pass, times the tokens of the pass.
  logic [63:0] trits_q, skipped, adds_q, adds_skipped_q;

  function automatic logic [63:0] times_cols(logic [63:0] value, logic [ColBits:0] cols);
    times_cols = '0;
    for (int unsigned b = 0; b <= ColBits; b++) begin
      if (cols[b]) times_cols = times_cols + (value << b);
    end
  endfunction

  assign skipped = trits_q - nonzeros_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      trits_q <= '0;
      adds_q <= '0;
      adds_skipped_q <= '0;
    end else if (start_i) begin
      trits_q <= '0;
      adds_q <= '0;
      adds_skipped_q <= '0;
    end else begin
      if (take_o && row_end) trits_q <= trits_q + {{(63 - TileBits) {1'b0}}, tile_k};
      if (pass_counted_i) begin
        adds_q <= adds_q + times_cols(nonzeros_i, cols_q);
        adds_skipped_q <= adds_skipped_q + times_cols(skipped, cols_q);
        trits_q <= '0;
      end
    end
  end

  assign done_o = state_q == StDone;
  assign idle_o = state_q == StIdle;
  assign load_start_o = state_q == StTile;
  assign load_addr_o = x_tile_q;
  assign load_k_o = tile_k;
  assign cols_o = cols_q;
  assign on_o = on_q;
  assign word_o = word_q;
  assign first_o = row_start_q;
  assign last_o = row_end;
  assign add_o = add_q;
  assign block_end_o = block_end;
  assign pass_end_o = pass_end;
  assign row_o = {bank_q, row_q};
  assign block_valid_o = array_block_end_i;
  assign block_bank_o = array_block_bank_i;
  assign block_addr_o = array_block_bank_i ? addr1_q : addr0_q;
  assign block_rows_o = array_block_bank_i ? rows1_q : rows0_q;
  assign adds_o = adds_q;
  assign adds_skipped_o = adds_skipped_q;
  assign stall_weights_o = state_q == StRun && !full_q[bank_q] && !weights_valid_i;
  assign stall_results_o = state_q == StRun && full_q[bank_q];
  assign stall_activations_o = state_q == StPass || state_q == StTile || state_q == StLoad;
  assign stall_link_o = state_q == StFlush;

endmodule
