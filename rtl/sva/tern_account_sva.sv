// SPDX-License-Identifier: Apache-2.0

// The account adds up: a tile's and a job's cycles are the sum of what they were spent on, and the
// cycles of all jobs together are those in which the device was at work, counted here; a tile's adds
// done and not done are its rows times its K times its columns, and the array takes just the beats
// that they need.

`include "tern_assert.svh"

module tern_account_sva #(
  parameter int unsigned Lanes = 256,
  parameter int unsigned Streams = 1,
  parameter int unsigned TileBits = 14,
  parameter int unsigned ColBits = 3,
  parameter int unsigned RowBits = 6
) (
  input logic              clk_i,
  input logic              rst_ni,

  input logic              start_i,      // a tile comes to the array
  input logic              start_void_i,
  input logic [TileBits:0] start_k_i,
  input logic [RowBits:0]  start_rows_i,
  input logic [ColBits:0]  start_cols_i,
  input logic              final_i,      // its last beat goes in
  input logic              here_i,       // a tile is at the array, or waits for its activations

  input logic              end_i,        // what became of it
  input logic [31:0]       end_cycles_i,
  input logic [31:0]       end_array_i,
  input logic [31:0]       end_stalls_i,
  input logic [31:0]       end_trits_i,
  input logic [63:0]       adds_i,
  input logic [63:0]       skipped_i,

  input logic              work_i,       // the device works for some job, or waits for it
  input logic [63:0]       unpaid_i,     // cycles that no job has been charged with yet
  input logic              rest_i,       // all jobs are completed
  input logic              retire_i,
  input logic [511:0]      cpl_i
);

  // ------------------------------------------------------------------ tiles
  logic [31:0] trits_q, beats_q, cycles_q;
  logic [31:0] last_trits_q, last_beats_q, last_cycles_q;
  logic [63:0] adds_q, last_adds_q;
  logic [31:0] rows, trits;
  always_comb begin
    rows = '0;
    trits = '0;
    if (start_i && !start_void_i) begin
      rows = Streams == 1 ? 32'(start_rows_i) : 32'(tern_pkg::first_rows(16'(start_rows_i)));
      trits = 32'(start_rows_i) * 32'(start_k_i);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      trits_q <= '0;
      beats_q <= '0;
      cycles_q <= '0;
      adds_q <= '0;
      last_trits_q <= '0;
      last_beats_q <= '0;
      last_cycles_q <= '0;
      last_adds_q <= '0;
    end else begin
      if (start_i) begin
        trits_q <= trits;
        beats_q <= start_void_i ? 32'd1 : rows * ((32'(start_k_i) + Lanes - 1) / Lanes);
        adds_q <= 64'(trits) * 64'(start_cols_i);
      end
      if (final_i) begin
        last_trits_q <= trits_q;
        last_beats_q <= beats_q;
        last_adds_q <= adds_q;
        last_cycles_q <= cycles_q + 32'd1;
      end
      if (final_i) cycles_q <= '0;
      else if (here_i) cycles_q <= cycles_q + 32'd1;
    end
  end

  `TERN_ASSERT(TileAddsUp, end_i |-> end_cycles_i == end_array_i + end_stalls_i);
  `TERN_ASSERT(TileCycles, end_i |-> end_cycles_i == last_cycles_q);
  `TERN_ASSERT(TileBeats, end_i |-> end_array_i == last_beats_q);
  `TERN_ASSERT(TileTrits, end_i |-> end_trits_i == last_trits_q);
  `TERN_ASSERT(TileAdds, end_i |-> adds_i + skipped_i == last_adds_q);

  // ------------------------------------------------------------------ jobs
  logic        rest_q;           // an account is written a cycle later
  logic [63:0] worked_q, charged_q;
  logic [31:0] cycles, parts;
  assign cycles = cpl_i[tern_abi_pkg::CompletionCyclesLsb+:32];
  always_comb begin
    parts = '0;
    if (retire_i) begin
      parts = cpl_i[tern_abi_pkg::CompletionArrayLsb+:32] +
          cpl_i[tern_abi_pkg::CompletionStallWeightsLsb+:32] +
          cpl_i[tern_abi_pkg::CompletionStallActivationsLsb+:32] +
          cpl_i[tern_abi_pkg::CompletionStallResultsLsb+:32] +
          cpl_i[tern_abi_pkg::CompletionStallCommandsLsb+:32] +
          cpl_i[tern_abi_pkg::CompletionStallLinkLsb+:32];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rest_q <= 1'b0;
      worked_q <= '0;
      charged_q <= '0;
    end else begin
      rest_q <= rest_i;
      if (work_i) worked_q <= worked_q + 64'd1;
      if (retire_i) charged_q <= charged_q + 64'(cycles);
    end
  end

  // Counters stay at their greatest value.
  `TERN_ASSERT(JobAddsUp, retire_i |-> cycles == parts || cycles == '1);
  `TERN_ASSERT(NoCycleTwice, charged_q <= worked_q);
  `TERN_ASSERT(NoCycleLost, rest_i && rest_q |-> charged_q + unpaid_i == worked_q);

endmodule

bind tern_top tern_account_sva #(
  .Lanes(Lanes), .Streams(Streams), .TileBits($clog2(KTile)), .ColBits($clog2(Cols)),
  .RowBits($clog2(RowsTile))
) u_account_sva (
  .clk_i,
  .rst_ni      (core_rst_n),
  .start_i     (u_gemm.s_read),
  .start_void_i(u_gemm.s_void),
  .start_k_i   (u_gemm.s_k),
  .start_rows_i(u_gemm.s_rows),
  .start_cols_i(u_gemm.s_cols),
  .final_i     (u_gemm.take && u_gemm.tag[$clog2(RowsTile)+5] && u_gemm.last),
  .here_i      (!array_idle),
  .end_i       (end_valid_q),
  .end_cycles_i(end_cycles_q),
  .end_array_i (end_array_q),
  .end_stalls_i(end_stall_weights_q + end_stall_activations_q + end_stall_results_q),
  .end_trits_i (end_trits_q),
  .adds_i      (u_account.adds),
  .skipped_i   (u_account.adds_skipped),
  .work_i      (!array_idle_q || copy_runs || open || commands_inside),
  .unpaid_i    (64'(u_account.link_wait_q) + 64'(u_account.command_wait_q)),
  .rest_i      (!device_busy && next_valid == '0),
  .retire_i    (retire_valid && retire_ready),
  .cpl_i       (cpl)
);
