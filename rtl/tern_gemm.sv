// SPDX-License-Identifier: Apache-2.0

// GEMM: Y[t][n] = X[t][k] * W[n][k]^T, int8 by ternary. The sequencer walks the loops; weights stream
// in, activations are loaded a pass (or a K tile) ahead of the array, sums leave by two banks.
//
//   memory -> tern_weights --(beats)--> tern_array --(rows)--> tern_results --> tern_drain -> memory
//   memory -> tern_xload --(planes)--------^                                                or host
//   or host                     tern_gemm_seq says what each beat is

module tern_gemm #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         abort_i,         // drop the job; what is on its way still arrives
  input  logic         clear_i,         // forget what was read; only when idle

  input  logic         start_i,         // the job, steady until done
  input  logic [63:0]  weights_addr_i,
  input  logic [55:0]  weights_beats_i,
  input  logic [63:0]  x_addr_i,
  input  logic [63:0]  y_addr_i,
  input  logic [31:0]  x_stride_i,
  input  logic [31:0]  y_stride_i,
  input  logic [31:0]  n_i,
  input  logic [31:0]  k_i,
  input  logic [31:0]  t_i,
  output logic         done_o,          // one cycle
  output logic         idle_o,          // at rest, and nothing on its way

  output logic         ar_valid_o,      // weights, from device memory
  output logic [63:0]  ar_addr_o,
  output logic [6:0]   ar_beats_o,
  input  logic         ar_grant_i,
  input  logic         r_valid_i,
  input  logic [511:0] r_data_i,

  output logic         x_req_valid_o,   // activations -> reader
  input  logic         x_req_ready_i,
  output logic [63:0]  x_req_addr_o,
  output logic [57:0]  x_req_beats_o,
  input  logic         x_beat_valid_i,
  input  logic [511:0] x_beat_data_i,

  output logic         y_req_valid_o,   // sums -> writer
  input  logic         y_req_ready_i,
  output logic [63:0]  y_req_addr_o,
  output logic [63:0]  y_req_bytes_o,
  output logic         y_valid_o,
  output logic [511:0] y_data_o,
  input  logic         y_read_i,
  input  logic         y_flushed_i,     // all that was written is answered

  output logic         take_o,          // the job's account
  output logic         stall_weights_o,
  output logic         stall_activations_o,
  output logic         stall_results_o,
  output logic         stall_link_o,
  output logic [63:0]  adds_o,
  output logic [63:0]  adds_skipped_o
);

  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned WordBits = $clog2(KTile / 256);
  localparam int unsigned RowBits = $clog2(RowsTile);

  logic load_start, load_done, load_idle, weights_valid, weights_idle, seq_idle, pass_counted;
  logic first, last, add, block_end, pass_end, array_block_end, row_valid, row_add, array_busy;
  logic block_valid, block_bank, freed, freed_bank, drain_idle;
  logic [63:0] load_addr, block_addr, nonzeros;
  logic [$clog2(KTile):0] load_k;
  logic [ColBits:0] cols;
  logic [Cols-1:0] cols_on;
  logic [WordBits-1:0] word;
  logic [RowBits:0] row_in, row_out, block_rows;
  logic [511:0] weights_data;
  logic [Cols*32-1:0] row_acc;
  logic x_write;
  logic [ColBits-1:0] x_write_col, results_col;
  logic [WordBits-1:0] x_write_word;
  logic [511:0] x_quarter0, x_quarter1, x_quarter2, x_quarter3;
  logic [RowBits-4:0] results_word;

  tern_gemm_seq #(
    .Cols    (Cols),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_gemm_seq (
    .clk_i,
    .rst_ni,
    .abort_i,
    .start_i,
    .n_i,
    .k_i,
    .t_i,
    .x_addr_i,
    .y_addr_i,
    .x_stride_i,
    .y_stride_i,
    .done_o,
    .idle_o             (seq_idle),
    .load_start_o       (load_start),
    .load_addr_o        (load_addr),
    .load_k_o           (load_k),
    .cols_o             (cols),
    .load_done_i        (load_done),
    .weights_valid_i    (weights_valid),
    .take_o,
    .on_o               (cols_on),
    .word_o             (word),
    .first_o            (first),
    .last_o             (last),
    .add_o              (add),
    .block_end_o        (block_end),
    .pass_end_o         (pass_end),
    .row_o              (row_in),
    .block_valid_o      (block_valid),
    .block_bank_o       (block_bank),
    .block_addr_o       (block_addr),
    .block_rows_o       (block_rows),
    .array_block_end_i  (array_block_end),
    .array_block_bank_i (row_out[RowBits]),
    .freed_i            (freed),
    .freed_bank_i       (freed_bank),
    .array_busy_i       (array_busy),
    .flushed_i          (drain_idle && y_flushed_i),
    .pass_counted_i     (pass_counted),
    .nonzeros_i         (nonzeros),
    .adds_o,
    .adds_skipped_o,
    .stall_weights_o,
    .stall_activations_o,
    .stall_results_o,
    .stall_link_o
  );

  tern_weights #(
    .Cols    (Cols),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_weights (
    .clk_i,
    .rst_ni,
    .abort_i,
    .clear_i,
    .start_i,
    .addr_i    (weights_addr_i),
    .beats_i   (weights_beats_i),
    .n_i,
    .k_i,
    .t_i,
    .ar_valid_o,
    .ar_addr_o,
    .ar_beats_o,
    .ar_grant_i,
    .r_valid_i,
    .r_data_i,
    .valid_o   (weights_valid),
    .data_o    (weights_data),
    .read_i    (take_o),
    .idle_o    (weights_idle)
  );

  tern_xload #(
    .Cols (Cols),
    .KTile(KTile)
  ) u_xload (
    .clk_i,
    .rst_ni,
    .abort_i,
    .start_i     (load_start),
    .addr_i      (load_addr),
    .stride_i    (x_stride_i),
    .k_i         (load_k),
    .cols_i      (cols),
    .done_o      (load_done),
    .req_valid_o (x_req_valid_o),
    .req_ready_i (x_req_ready_i),
    .req_addr_o  (x_req_addr_o),
    .req_beats_o (x_req_beats_o),
    .beat_valid_i(x_beat_valid_i),
    .beat_data_i (x_beat_data_i),
    .write_o     (x_write),
    .write_col_o (x_write_col),
    .write_word_o(x_write_word),
    .quarter0_o  (x_quarter0),
    .quarter1_o  (x_quarter1),
    .quarter2_o  (x_quarter2),
    .quarter3_o  (x_quarter3),
    .idle_o      (load_idle)
  );

  tern_array #(
    .Cols    (Cols),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_array (
    .clk_i,
    .rst_ni,
    .start_i,
    .on_i        (cols_on),
    .write_i     (x_write),
    .write_col_i (x_write_col),
    .write_word_i(x_write_word),
    .quarter0_i  (x_quarter0),
    .quarter1_i  (x_quarter1),
    .quarter2_i  (x_quarter2),
    .quarter3_i  (x_quarter3),
    .valid_i     (take_o),
    .weights_i   (weights_data),
    .word_i      (word),
    .first_i     (first),
    .last_i      (last),
    .add_i       (add),
    .block_end_i (block_end),
    .pass_end_i  (pass_end),
    .row_i       (row_in),
    .row_valid_o (row_valid),
    .row_add_o   (row_add),
    .row_o       (row_out),
    .row_acc_o   (row_acc),
    .block_end_o (array_block_end),
    .pass_end_o  (pass_counted),
    .nonzeros_o  (nonzeros),
    .busy_o      (array_busy)
  );

  tern_results #(
    .Cols    (Cols),
    .RowsTile(RowsTile)
  ) u_results (
    .clk_i,
    .write_i    (row_valid),
    .on_i       (cols_on),
    .add_i      (row_add),
    .row_i      (row_out),
    .acc_i      (row_acc),
    .read_col_i (results_col),
    .read_word_i(results_word),
    .read_data_o(y_data_o)
  );

  tern_drain #(
    .Cols    (Cols),
    .RowsTile(RowsTile)
  ) u_drain (
    .clk_i,
    .rst_ni,
    .abort_i,
    .block_valid_i(block_valid),
    .block_bank_i (block_bank),
    .block_addr_i (block_addr),
    .block_rows_i (block_rows),
    .block_cols_i (cols),
    .stride_i     (y_stride_i),
    .freed_o      (freed),
    .freed_bank_o (freed_bank),
    .read_col_o   (results_col),
    .read_word_o  (results_word),
    .req_valid_o  (y_req_valid_o),
    .req_ready_i  (y_req_ready_i),
    .req_addr_o   (y_req_addr_o),
    .req_bytes_o  (y_req_bytes_o),
    .data_valid_o (y_valid_o),
    .data_read_i  (y_read_i),
    .idle_o       (drain_idle)
  );

  assign idle_o = seq_idle && load_idle && weights_idle && drain_idle && !array_busy;

endmodule
