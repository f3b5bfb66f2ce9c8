// SPDX-License-Identifier: Apache-2.0

// The table of jobs, with an account of its own: slots of a queue are filled, issued and completed
// in turn and never more than there are; a job is done once, after it was issued, and completed
// after it is done; none begins while an earlier one still writes what it reads.

`include "tern_assert.svh"

module tern_jobs_sva #(
  parameter int unsigned Queues = 8,
  parameter int unsigned SlotBits = 5
) (
  input logic                clk_i,
  input logic                rst_ni,

  input logic                fill_i,
  input logic [SlotBits-1:0] fill_slot_i,
  input logic [SlotBits-3:0] fill_queue_i,
  input logic [511:0]        fill_job_i,
  input logic [7:0]          fill_status_i,
  input logic [63:0]         fill_src_end_i,
  input logic [63:0]         fill_dst_end_i,
  input logic [63:0]         fill_w_end_i,

  input logic                advance_i,     // all of a job is issued
  input logic                instant_i,     // and it is done
  input logic [SlotBits-1:0] issue_slot_i,
  input logic                issue_cancel_i,
  input logic                tile_i,
  input logic                chunk_i,
  input logic                first_i,
  input logic                void_i,
  input logic [Queues-1:0]   quiet_i,

  input logic [3:0]          fail_i,
  input logic [SlotBits-1:0] fail0_slot_i,
  input logic [SlotBits-1:0] fail1_slot_i,
  input logic [SlotBits-1:0] fail2_slot_i,
  input logic [SlotBits-1:0] fail3_slot_i,
  input logic                done0_i,
  input logic [SlotBits-1:0] done0_slot_i,
  input logic                done1_i,
  input logic [SlotBits-1:0] done1_slot_i,
  input logic                sent_i,        // a beat of data
  input logic [SlotBits-1:0] sent_slot_i,

  input logic                retire_i,
  input logic [SlotBits-1:0] retire_slot_i,
  input logic [15:0]         retire_id_i,
  input logic [7:0]          retire_status_i
);

  localparam int unsigned Slots = 1 << SlotBits;

  // A slot is inside from its filling until its completion; issued; done.
  logic [Slots-1:0]    inside_q, issued_q, done_q, failed_q, copy_q, barrier_q, host_q, src_host_q;
  logic [Queues*2-1:0] fill_at_q, issue_at_q, retire_at_q;   // the slot that is next
  // What it reads and writes: addresses [from, end).
  logic [63:0] src_q[Slots];
  logic [63:0] src_end_q[Slots];
  logic [63:0] w_q[Slots];
  logic [63:0] w_end_q[Slots];
  logic [63:0] dst_q[Slots];
  logic [63:0] dst_end_q[Slots];
  logic [15:0] id_q[Slots];

  logic [7:0] op;
  assign op = fill_job_i[tern_abi_pkg::CommandOpcodeLsb+:8];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      inside_q <= '0;
      issued_q <= '0;
      done_q <= '0;
      failed_q <= '0;
      fill_at_q <= '0;
      issue_at_q <= '0;
      retire_at_q <= '0;
    end else begin
      if (fail_i[0]) failed_q[fail0_slot_i] <= 1'b1;
      if (fail_i[1]) failed_q[fail1_slot_i] <= 1'b1;
      if (fail_i[2]) failed_q[fail2_slot_i] <= 1'b1;
      if (fail_i[3]) failed_q[fail3_slot_i] <= 1'b1;
      if (advance_i) begin
        issued_q[issue_slot_i] <= 1'b1;
        if (instant_i) done_q[issue_slot_i] <= 1'b1;
        issue_at_q[{issue_slot_i[SlotBits-1:2], 1'b0}+:2] <= issue_slot_i[1:0] + 2'd1;
      end
      if (done0_i) done_q[done0_slot_i] <= 1'b1;
      if (done1_i) done_q[done1_slot_i] <= 1'b1;
      if (retire_i) begin
        inside_q[retire_slot_i] <= 1'b0;
        retire_at_q[{retire_slot_i[SlotBits-1:2], 1'b0}+:2] <= retire_slot_i[1:0] + 2'd1;
      end
      if (fill_i) begin
        inside_q[fill_slot_i] <= 1'b1;
        issued_q[fill_slot_i] <= 1'b0;
        done_q[fill_slot_i] <= 1'b0;
        failed_q[fill_slot_i] <= fill_status_i != tern_abi_pkg::StatusOk;
        fill_at_q[{fill_slot_i[SlotBits-1:2], 1'b0}+:2] <= fill_slot_i[1:0] + 2'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      copy_q[fill_slot_i] <= op == tern_abi_pkg::OpCopy || op == tern_abi_pkg::OpFill;
      barrier_q[fill_slot_i] <= op == tern_abi_pkg::OpBarrier;
      host_q[fill_slot_i] <=
          fill_job_i[tern_abi_pkg::CommandDstSpaceLsb+:8] == tern_abi_pkg::SpaceHost;
      src_host_q[fill_slot_i] <=
          fill_job_i[tern_abi_pkg::CommandSrcSpaceLsb+:8] == tern_abi_pkg::SpaceHost;
      src_q[fill_slot_i] <= fill_job_i[tern_abi_pkg::CommandSrcLsb+:64];
      src_end_q[fill_slot_i] <= fill_src_end_i;
      w_q[fill_slot_i] <= fill_job_i[tern_abi_pkg::CommandWeightsLsb+:64];
      w_end_q[fill_slot_i] <= fill_w_end_i;
      dst_q[fill_slot_i] <= fill_job_i[tern_abi_pkg::CommandDstLsb+:64];
      dst_end_q[fill_slot_i] <= fill_dst_end_i;
      id_q[fill_slot_i] <= fill_job_i[tern_abi_pkg::CommandIdLsb+:16];
    end
  end

  // Read out here: a property can't look into an array in Verilator 5.006. Only when something
  // happens: a simulator has nothing to do, then, either.
  logic fill_ok, issue_ok, done0_ok, done1_ok, fail_ok, sent_ok, retire_ok, status_ok, barrier_ok;
  always_comb begin
    fill_ok = 1'b1;
    issue_ok = 1'b1;
    done0_ok = 1'b1;
    done1_ok = 1'b1;
    fail_ok = 1'b1;
    sent_ok = 1'b1;
    retire_ok = 1'b1;
    status_ok = 1'b1;
    barrier_ok = 1'b1;
    if (fill_i) fill_ok = !inside_q[fill_slot_i] && fill_slot_i[SlotBits-1:2] == fill_queue_i &&
        fill_slot_i[1:0] == fill_at_q[{fill_queue_i, 1'b0}+:2];
    if (advance_i) begin
      issue_ok = inside_q[issue_slot_i] && !issued_q[issue_slot_i] &&
          issue_slot_i[1:0] == issue_at_q[{issue_slot_i[SlotBits-1:2], 1'b0}+:2];
      barrier_ok = !barrier_q[issue_slot_i] || issue_cancel_i || failed_q[issue_slot_i] ||
          !pending;
    end
    if (done0_i) done0_ok = inside_q[done0_slot_i] && issued_q[done0_slot_i] &&
        !done_q[done0_slot_i];
    if (done1_i) done1_ok = inside_q[done1_slot_i] && issued_q[done1_slot_i] &&
        !done_q[done1_slot_i] && !(done0_i && done0_slot_i == done1_slot_i);
    if (fail_i[0]) fail_ok = inside_q[fail0_slot_i] && !done_q[fail0_slot_i];
    if (fail_i[1] && !(inside_q[fail1_slot_i] && !done_q[fail1_slot_i])) fail_ok = 1'b0;
    if (fail_i[2] && !(inside_q[fail2_slot_i] && !done_q[fail2_slot_i])) fail_ok = 1'b0;
    if (fail_i[3] && !(inside_q[fail3_slot_i] && !done_q[fail3_slot_i])) fail_ok = 1'b0;
    if (sent_i) sent_ok = inside_q[sent_slot_i] && !done_q[sent_slot_i];
    if (retire_i) begin
      retire_ok = inside_q[retire_slot_i] && issued_q[retire_slot_i] && done_q[retire_slot_i] &&
          retire_slot_i[1:0] == retire_at_q[{retire_slot_i[SlotBits-1:2], 1'b0}+:2] &&
          id_q[retire_slot_i] == retire_id_i;
      status_ok = (retire_status_i != tern_abi_pkg::StatusOk) == failed_q[retire_slot_i] ||
          retire_status_i == tern_abi_pkg::StatusAborted;
    end
  end

  // Jobs of the queue that were issued before and are not done: any; a copy; one that writes what
  // this one reads.
  logic                pending, copying, hazard;
  logic [SlotBits-1:0] other;
  always_comb begin
    pending = 1'b0;
    copying = 1'b0;
    hazard = 1'b0;
    other = '0;
    if (advance_i || tile_i || chunk_i) begin
      for (int unsigned i = 1; i < 4; i++) begin
        other = {issue_slot_i[SlotBits-1:2], issue_slot_i[1:0] - 2'(i)};
        if (inside_q[other] && issued_q[other] && !done_q[other]) begin
          pending = 1'b1;
          if (copy_q[other]) copying = 1'b1;
          if (host_q[other] == src_host_q[issue_slot_i] &&
              dst_q[other] < src_end_q[issue_slot_i] && src_q[issue_slot_i] < dst_end_q[other])
            hazard = 1'b1;
          if (!host_q[other] && dst_q[other] < w_end_q[issue_slot_i] &&
              w_q[issue_slot_i] < dst_end_q[other])
            hazard = 1'b1;
        end
      end
    end
  end

  // A queue is quiet when nothing of it is issued and not done.
  logic [Queues-1:0] quiet;
  for (genvar q = 0; q < Queues; q++) begin : gen_quiet
    assign quiet[q] = (inside_q[q*4+:4] & issued_q[q*4+:4] & ~done_q[q*4+:4]) == '0;
  end

  `TERN_ASSERT(FillsFreeSlotsInTurn, fill_ok);
  `TERN_ASSERT(IssuesInTurn, issue_ok);
  `TERN_ASSERT(BarrierWaits, barrier_ok);
  `TERN_ASSERT(DoneOnceAfterIssue, done0_ok && done1_ok);
  `TERN_ASSERT(FailsWhileInside, fail_ok);
  `TERN_ASSERT(WritesNothingAfterDone, sent_ok);
  `TERN_ASSERT(RetiresWhatIsDone, retire_ok);
  `TERN_ASSERT(StatusIsTrue, status_ok);
  `TERN_ASSERT(QuietIsTrue, quiet == quiet_i);
  `TERN_ASSERT(NoHazard, tile_i && !void_i |-> !hazard);
  `TERN_ASSERT(GemmAfterCopies, tile_i && !void_i |-> !copying);
  `TERN_ASSERT(CopyAfterAll, chunk_i && first_i && !void_i |-> !pending);

endmodule

bind tern_top tern_jobs_sva #(.Queues(Queues), .SlotBits(SlotBits)) u_jobs_sva (
  .clk_i          (clk_ctl_i),
  .rst_ni         (core_rst_n),
  .fill_i         (decoded_valid),
  .fill_slot_i    (opened_slot),
  .fill_queue_i   (decoded_queue),
  .fill_job_i     (decoded),
  .fill_status_i  (decoded_status),
  .fill_src_end_i (decoded_src_end),
  .fill_dst_end_i (decoded_dst_end),
  .fill_w_end_i   (decoded_w_end),
  .advance_i      (issue_advance),
  .instant_i      (issue_done),
  .issue_slot_i   (issue_slot),
  .issue_cancel_i (next_cancel[issue_queue]),
  .tile_i         (tile),
  .chunk_i        (chunk),
  .first_i        (tile_first),
  .void_i         (tile_void),
  .quiet_i        (quiet),
  .fail_i         ({u_jobs.fail3_i, u_jobs.fail2_i, u_jobs.fail1_i, u_jobs.fail0_i}),
  .fail0_slot_i   (u_jobs.fail0_slot_i),
  .fail1_slot_i   (host_slot),
  .fail2_slot_i   (mem_slot),
  .fail3_slot_i   (u_jobs.fail3_slot_i),
  .done0_i        (host_done),
  .done0_slot_i   (host_slot),
  .done1_i        (mem_done),
  .done1_slot_i   (mem_slot),
  .sent_i         (y_beat || c_beat),
  .sent_slot_i    (beat_slot),
  .retire_i       (retire_valid && retire_ready),
  .retire_slot_i  (retire_slot),
  .retire_id_i    (retire_id),
  .retire_status_i(retire_status)
);
