// SPDX-License-Identifier: Apache-2.0

// Runs one job after another: starts the engine, collects errors, counts, and hands over the
// completion. An error on a job's data stops the engines where they stand; the job ends when
// everything that was on its way has come back.
//
// A job's cycles run from the completion of the job before it (or, if the device was at rest, from
// its fetch) to its own, so the cycles of all jobs add up to the cycles of the device.

module tern_exec #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      job_valid_i,
  output logic                      job_ready_o,
  input  logic [511:0]              job_i,
  input  logic [7:0]                job_status_i,
  input  logic [$clog2(Queues)-1:0] job_queue_i,
  input  logic [55:0]               job_w_beats_i,
  input  logic [Queues-1:0]         orphan_i,
  output logic                      drop_valid_o,   // the job belonged to a queue turned off
  input  logic                      drop_ready_i,

  output logic [511:0]              job_o,          // the one that runs
  output logic [55:0]               w_beats_o,
  output logic                      gemm_start_o,
  input  logic                      gemm_done_i,
  output logic                      copy_start_o,
  input  logic                      copy_done_i,
  output logic                      abort_o,
  output logic                      clear_o,
  input  logic                      engines_idle_i, // nothing asked for or on its way anywhere

  input  logic                      mem_bad_i,      // an error answer to the job's data
  input  logic                      host_bad_i,

  input  logic                      waiting_i,      // what the job's cycles went into
  input  logic                      upstream_busy_i,
  input  logic                      array_i,
  input  logic                      stall_weights_i,
  input  logic                      stall_activations_i,
  input  logic                      stall_results_i,
  input  logic                      stall_link_i,
  input  logic                      mem_read_i,
  input  logic                      mem_written_i,
  input  logic                      host_read_i,
  input  logic                      host_written_i,
  input  logic [63:0]               adds_i,
  input  logic [63:0]               adds_skipped_i,

  output logic                      cpl_valid_o,    // -> completion
  input  logic                      cpl_ready_i,
  output logic [511:0]              cpl_o,          // without its phase
  output logic                      cpl_irq_o,
  output logic [$clog2(Queues)-1:0] cpl_queue_o,

  output logic                      busy_o
);

  typedef enum logic [2:0] {StIdle, StStart, StRun, StAbort, StComplete} state_e;

  state_e                    state_q;
  logic [511:0]              job_q;
  logic [55:0]               w_beats_q;
  logic [$clog2(Queues)-1:0] queue_q;
  logic                      bad_q, started_q;
  logic [7:0]                status_q, op_in, op;
  logic                      take, dropped, is_gemm, is_data;

  assign take = state_q == StIdle && job_valid_i && !orphan_i[job_queue_i];
  assign op_in = job_i[tern_abi_pkg::CommandOpcodeLsb+:8];
  assign op = job_q[tern_abi_pkg::CommandOpcodeLsb+:8];
  assign is_gemm = op == tern_abi_pkg::OpGemm;
  assign is_data = op_in == tern_abi_pkg::OpGemm || op_in == tern_abi_pkg::OpCopy ||
      op_in == tern_abi_pkg::OpFill;

  always_ff @(posedge clk_i) begin
    if (take) begin
      job_q <= job_i;
      w_beats_q <= job_w_beats_i;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      status_q <= tern_abi_pkg::StatusOk;
      bad_q <= 1'b0;
      started_q <= 1'b0;
      queue_q <= '0;
    end else begin
      if (state_q == StRun && (mem_bad_i || host_bad_i) && !bad_q) begin
        bad_q <= 1'b1;
        status_q <= mem_bad_i ? tern_abi_pkg::StatusMemError : tern_abi_pkg::StatusHostError;
      end
      unique case (state_q)
        StIdle: begin
          bad_q <= 1'b0;
          started_q <= 1'b0;
          status_q <= job_status_i;
          queue_q <= job_queue_i;
          if (take) begin
            state_q <= (job_status_i == tern_abi_pkg::StatusOk && is_data) ? StStart : StComplete;
          end
        end
        StStart: begin
          started_q <= 1'b1;
          state_q <= StRun;
        end
        StRun: begin
          if (bad_q) state_q <= StAbort;
          else if (gemm_done_i || copy_done_i) begin
            state_q <= (mem_bad_i || host_bad_i) ? StAbort : StComplete;
          end
        end
        StAbort: if (engines_idle_i) state_q <= StComplete;
        StComplete: if (cpl_ready_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  assign drop_valid_o = state_q == StIdle && job_valid_i && orphan_i[job_queue_i];
  assign dropped = drop_valid_o && drop_ready_i;
  assign job_ready_o = take || dropped;
  assign job_o = job_q;
  assign w_beats_o = w_beats_q;
  assign gemm_start_o = state_q == StStart && is_gemm;
  assign copy_start_o = state_q == StStart && !is_gemm;
  assign abort_o = state_q == StAbort || (state_q == StRun && bad_q);
  assign clear_o = state_q == StAbort && engines_idle_i;
  assign busy_o = state_q != StIdle;
  assign cpl_valid_o = state_q == StComplete;
  assign cpl_irq_o = job_q[tern_abi_pkg::CommandFlagsLsb+tern_abi_pkg::CommandFlagIrqBit];
  assign cpl_queue_o = queue_q;

  // ------------------------------------------------------------------ the job's counters
  logic handover, count, waited;
  logic [31:0] cycles_q, array_q, stall_weights_q, stall_activations_q, stall_results_q;
  logic [31:0] stall_commands_q, stall_link_q, mem_read_q, mem_written_q, host_read_q;
  logic [31:0] host_written_q;

  // Counters of 32 bits stay at their greatest value.
  function automatic logic [31:0] next(logic [31:0] value);
    next = value + {31'd0, value != '1};
  endfunction

  assign handover = (cpl_valid_o && cpl_ready_i) || dropped ||
      (state_q == StIdle && !upstream_busy_i);
  assign waited = state_q == StIdle && waiting_i && !job_valid_i;
  assign count = state_q != StIdle || upstream_busy_i;

  // In one cycle a job waits for one thing only.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycles_q <= '0;
      array_q <= '0;
      stall_weights_q <= '0;
      stall_activations_q <= '0;
      stall_results_q <= '0;
      stall_commands_q <= '0;
      stall_link_q <= '0;
      mem_read_q <= '0;
      mem_written_q <= '0;
      host_read_q <= '0;
      host_written_q <= '0;
    end else if (handover) begin
      cycles_q <= '0;
      array_q <= '0;
      stall_weights_q <= '0;
      stall_activations_q <= '0;
      stall_results_q <= '0;
      stall_commands_q <= '0;
      stall_link_q <= '0;
      mem_read_q <= '0;
      mem_written_q <= '0;
      host_read_q <= '0;
      host_written_q <= '0;
    end else if (count) begin
      cycles_q <= next(cycles_q);
      if (array_i) array_q <= next(array_q);
      else if (stall_weights_i) stall_weights_q <= next(stall_weights_q);
      else if (stall_activations_i) stall_activations_q <= next(stall_activations_q);
      else if (stall_results_i) stall_results_q <= next(stall_results_q);
      else if (stall_link_i) stall_link_q <= next(stall_link_q);
      else if (waited) stall_commands_q <= next(stall_commands_q);
      if (mem_read_i) mem_read_q <= next(mem_read_q);
      if (mem_written_i) mem_written_q <= next(mem_written_q);
      else if (host_written_i) host_written_q <= next(host_written_q);
      if (host_read_i) host_read_q <= next(host_read_q);
    end
  end

  // A GEMM that was refused never started the sequencer: its sums are another job's.
  logic counts_adds;
  assign counts_adds = is_gemm && started_q;

  always_comb begin
    cpl_o = '0;
    if (state_q == StComplete) begin
      cpl_o[tern_abi_pkg::CompletionAddsLsb+:64] = counts_adds ? adds_i : '0;
      cpl_o[tern_abi_pkg::CompletionAddsSkippedLsb+:64] = counts_adds ? adds_skipped_i : '0;
      cpl_o[tern_abi_pkg::CompletionCyclesLsb+:32] = cycles_q;
      cpl_o[tern_abi_pkg::CompletionArrayLsb+:32] = array_q;
      cpl_o[tern_abi_pkg::CompletionStallWeightsLsb+:32] = stall_weights_q;
      cpl_o[tern_abi_pkg::CompletionStallActivationsLsb+:32] = stall_activations_q;
      cpl_o[tern_abi_pkg::CompletionStallResultsLsb+:32] = stall_results_q;
      cpl_o[tern_abi_pkg::CompletionStallCommandsLsb+:32] = stall_commands_q;
      cpl_o[tern_abi_pkg::CompletionStallLinkLsb+:32] = stall_link_q;
      cpl_o[tern_abi_pkg::CompletionMemReadLsb+:32] = mem_read_q;
      cpl_o[tern_abi_pkg::CompletionMemWrittenLsb+:32] = mem_written_q;
      cpl_o[tern_abi_pkg::CompletionHostReadLsb+:32] = host_read_q;
      cpl_o[tern_abi_pkg::CompletionHostWrittenLsb+:32] = host_written_q;
      cpl_o[tern_abi_pkg::CompletionIdLsb+:16] =
          job_q[tern_abi_pkg::CommandIdLsb+:16];
      cpl_o[tern_abi_pkg::CompletionStatusLsb+:8] = status_q;
    end
  end

endmodule
