// SPDX-License-Identifier: Apache-2.0

// The commands inside the device: a slot each, tern_pkg::SlotsAQueue a queue, used in turn. A slot is
// filled by the decoder, issued (tern_issue), done when its last answer is here, and free again when
// its completion is handed over. All three happen in the queue's order, but for done.

module tern_jobs #(
  parameter int unsigned Queues = 8
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,

  input  logic                        job_valid_i,     // from the decoder; there is always a slot
  input  logic [511:0]                job_i,
  input  logic [7:0]                  job_status_i,
  input  logic [$clog2(Queues)-1:0]   job_queue_i,
  input  logic [26:0]                 job_row_beats_i,
  input  logic [63:0]                 job_src_end_i,
  input  logic [63:0]                 job_dst_end_i,
  input  logic [63:0]                 job_w_end_i,
  output logic [$clog2(Queues)+1:0]   job_slot_o,      // that it takes
  input  logic [Queues-1:0]           orphan_i,        // its jobs are to end, and are not completed

  input  logic                        abort_i,         // of one job; held until noted
  input  logic [7:0]                  abort_queue_i,
  input  logic [15:0]                 abort_id_i,
  output logic                        abort_noted_o,

  // What each queue would issue next.
  output logic [Queues-1:0]           next_valid_o,
  output logic [Queues*2-1:0]         next_kind_o,     // tern_pkg::Kind*
  output logic [Queues-1:0]           next_cancel_o,   // it has failed already
  output logic [Queues-1:0]           quiet_o,         // all jobs issued before are done
  input  logic [$clog2(Queues)-1:0]   issue_queue_i,
  output logic [$clog2(Queues)+1:0]   issue_slot_o,
  output logic [511:0]                issue_job_o,
  output logic [26:0]                 issue_row_beats_o,
  output logic [63:0]                 issue_src_end_o,
  output logic [63:0]                 issue_w_end_o,
  input  logic                        issue_advance_i, // all of the job is issued
  input  logic                        issue_done_i,    // and there was nothing to do

  // For the hazard check: what an earlier job of issue_queue_i writes.
  input  logic [1:0]                  earlier_i,       // so many slots before the one to be issued
  output logic                        earlier_valid_o, // there is one, and it is not done
  output logic                        earlier_host_o,
  output logic [63:0]                 earlier_dst_o,
  output logic [63:0]                 earlier_dst_end_o,

  input  logic                        fail0_i,         // the first failure of a job counts
  input  logic [$clog2(Queues)+1:0]   fail0_slot_i,
  input  logic [7:0]                  fail0_status_i,
  input  logic                        fail1_i,
  input  logic [$clog2(Queues)+1:0]   fail1_slot_i,
  input  logic [7:0]                  fail1_status_i,
  input  logic                        fail2_i,
  input  logic [$clog2(Queues)+1:0]   fail2_slot_i,
  input  logic [7:0]                  fail2_status_i,
  input  logic                        fail3_i,
  input  logic [$clog2(Queues)+1:0]   fail3_slot_i,
  input  logic [7:0]                  fail3_status_i,
  input  logic [$clog2(Queues)+1:0]   asked_slot_i,
  output logic                        asked_failed_o,

  input  logic                        done0_i,         // the last answer to a job is here
  input  logic [$clog2(Queues)+1:0]   done0_slot_i,
  input  logic                        done1_i,
  input  logic [$clog2(Queues)+1:0]   done1_slot_i,

  output logic                        retire_valid_o,  // a job to complete
  input  logic                        retire_ready_i,
  output logic [$clog2(Queues)+1:0]   retire_slot_o,
  output logic [15:0]                 retire_id_o,
  output logic [7:0]                  retire_status_o,
  output logic                        retire_irq_o,
  output logic                        retire_src_host_o,
  output logic                        retire_dst_host_o,

  output logic                        open_o,          // a job is issued and not done
  output logic                        work_o           // there is something to do here
);

  localparam int unsigned QueueBits = $clog2(Queues);
  localparam int unsigned SlotBits = QueueBits + 2;
  localparam int unsigned Slots = Queues * tern_pkg::SlotsAQueue;

  // ------------------------------------------------------------------ the table
  logic [511:0] job_q[Slots];
  logic [26:0]  row_beats_q[Slots];
  logic [63:0]  src_end_q[Slots];
  logic [63:0]  dst_end_q[Slots];
  logic [63:0]  w_end_q[Slots];
  logic [63:0]  dst_q[Slots];
  logic [15:0]  id_q[Slots];
  logic [Slots-1:0]   done_q, failed_q, src_host_q, dst_host_q, irq_q;
  logic [Slots*8-1:0] status_q;
  logic [Slots*2-1:0] kind_q;

  // Counters of three bits a queue, in fields of four: filled, issued, completed.
  logic [Queues*4-1:0] tail_q, issue_q, head_q;
  logic [Queues*4-1:0] open_q;   // issued and not done

  logic [SlotBits-1:0] in_slot;
  logic [7:0]          op;
  logic [1:0]          kind;
  assign in_slot = {job_queue_i, tail_q[{job_queue_i, 2'd0}+:2]};
  assign job_slot_o = in_slot;
  assign op = job_i[tern_abi_pkg::CommandOpcodeLsb+:8];

  always_comb begin
    kind = tern_pkg::KindInstant;
    if (job_status_i == tern_abi_pkg::StatusOk) begin
      unique case (op)
        tern_abi_pkg::OpGemm: kind = tern_pkg::KindGemm;
        tern_abi_pkg::OpCopy, tern_abi_pkg::OpFill: kind = tern_pkg::KindCopy;
        tern_abi_pkg::OpBarrier: kind = tern_pkg::KindBarrier;
        default: kind = tern_pkg::KindInstant;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (job_valid_i) begin
      job_q[in_slot] <= job_i;
      row_beats_q[in_slot] <= job_row_beats_i;
      src_end_q[in_slot] <= job_src_end_i;
      dst_end_q[in_slot] <= job_dst_end_i;
      w_end_q[in_slot] <= job_w_end_i;
      dst_q[in_slot] <= job_i[tern_abi_pkg::CommandDstLsb+:64];
      id_q[in_slot] <= job_i[tern_abi_pkg::CommandIdLsb+:16];
      src_host_q[in_slot] <= job_i[tern_abi_pkg::CommandSrcSpaceLsb+:8] ==
          tern_abi_pkg::SpaceHost;
      dst_host_q[in_slot] <= job_i[tern_abi_pkg::CommandDstSpaceLsb+:8] ==
          tern_abi_pkg::SpaceHost;
      irq_q[in_slot] <=
          job_i[tern_abi_pkg::CommandFlagsLsb+tern_abi_pkg::CommandFlagIrqBit];
      kind_q[{in_slot, 1'b0}+:2] <= kind;
    end
  end

  // ------------------------------------------------------------------ issue
  logic [SlotBits-1:0] issue_slot, earlier_slot;
  logic [2:0]          earlier_age;
  assign issue_slot = {issue_queue_i, issue_q[{issue_queue_i, 2'd0}+:2]};
  assign issue_slot_o = issue_slot;
  assign issue_job_o = job_q[issue_slot];
  assign issue_row_beats_o = row_beats_q[issue_slot];
  assign issue_src_end_o = src_end_q[issue_slot];
  assign issue_w_end_o = w_end_q[issue_slot];

  assign earlier_age = issue_q[{issue_queue_i, 2'd0}+:3] - head_q[{issue_queue_i, 2'd0}+:3];
  assign earlier_slot = {issue_queue_i, issue_slot[1:0] - earlier_i};
  assign earlier_valid_o = {1'b0, earlier_i} <= earlier_age && !done_q[earlier_slot];
  assign earlier_host_o = dst_host_q[earlier_slot];
  assign earlier_dst_o = dst_q[earlier_slot];
  assign earlier_dst_end_o = dst_end_q[earlier_slot];

  for (genvar q = 0; q < Queues; q++) begin : gen_next
    logic [SlotBits-1:0] slot;
    assign slot = {QueueBits'(q), issue_q[q*4+:2]};
    assign next_valid_o[q] = issue_q[q*4+:3] != tail_q[q*4+:3];
    assign next_kind_o[q*2+:2] = kind_q[{slot, 1'b0}+:2];
    assign next_cancel_o[q] = failed_q[slot] || orphan_i[q];
    assign quiet_o[q] = open_q[q*4+:3] == '0;
  end

  // ------------------------------------------------------------------ abort
  // One slot of the queue a cycle; the one that is being looked at, if it is inside.
  logic [1:0]           abort_at_q;
  logic                 abort_hit;
  logic [QueueBits-1:0] abort_queue;
  logic [SlotBits-1:0]  abort_slot;
  logic [2:0]           abort_count;
  logic [1:0]           abort_age;
  assign abort_queue = abort_queue_i[QueueBits-1:0];
  assign abort_slot = {abort_queue, abort_at_q};
  assign abort_count = tail_q[{abort_queue, 2'd0}+:3] - head_q[{abort_queue, 2'd0}+:3];
  assign abort_age = abort_at_q - head_q[{abort_queue, 2'd0}+:2];
  assign abort_hit = abort_i && abort_queue_i < 8'(Queues) && {1'b0, abort_age} < abort_count &&
      id_q[abort_slot] == abort_id_i && !done_q[abort_slot];
  assign abort_noted_o = abort_i && abort_at_q == 2'd3;

  // ------------------------------------------------------------------ state
  logic retire_fire;
  logic [QueueBits-1:0] retire_queue, retired_q;
  assign retire_fire = retire_valid_o && retire_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q <= '0;
      issue_q <= '0;
      head_q <= '0;
      open_q <= '0;
      done_q <= '0;
      failed_q <= '0;
      status_q <= '0;
      abort_at_q <= '0;
      retired_q <= '0;
    end else begin
      if (abort_i) abort_at_q <= abort_at_q + 2'd1;
      if (abort_hit && !failed_q[abort_slot]) begin
        failed_q[abort_slot] <= 1'b1;
        status_q[{abort_slot, 3'd0}+:8] <= tern_abi_pkg::StatusAborted;
      end
      if (fail3_i && !failed_q[fail3_slot_i]) begin
        failed_q[fail3_slot_i] <= 1'b1;
        status_q[{fail3_slot_i, 3'd0}+:8] <= fail3_status_i;
      end
      if (fail2_i && !failed_q[fail2_slot_i]) begin
        failed_q[fail2_slot_i] <= 1'b1;
        status_q[{fail2_slot_i, 3'd0}+:8] <= fail2_status_i;
      end
      if (fail1_i && !failed_q[fail1_slot_i]) begin
        failed_q[fail1_slot_i] <= 1'b1;
        status_q[{fail1_slot_i, 3'd0}+:8] <= fail1_status_i;
      end
      if (fail0_i && !failed_q[fail0_slot_i]) begin
        failed_q[fail0_slot_i] <= 1'b1;
        status_q[{fail0_slot_i, 3'd0}+:8] <= fail0_status_i;
      end
      if (job_valid_i) begin
        tail_q[{job_queue_i, 2'd0}+:3] <= tail_q[{job_queue_i, 2'd0}+:3] + 3'd1;
        done_q[in_slot] <= 1'b0;
        failed_q[in_slot] <= job_status_i != tern_abi_pkg::StatusOk;
        status_q[{in_slot, 3'd0}+:8] <= job_status_i;
      end
      if (issue_advance_i) begin
        issue_q[{issue_queue_i, 2'd0}+:3] <= issue_q[{issue_queue_i, 2'd0}+:3] + 3'd1;
        if (issue_done_i) done_q[issue_slot] <= 1'b1;
      end
      if (done0_i) done_q[done0_slot_i] <= 1'b1;
      if (done1_i) done_q[done1_slot_i] <= 1'b1;
      for (int unsigned q = 0; q < Queues; q++) begin
        if ((issue_advance_i && !issue_done_i && issue_queue_i == QueueBits'(q)) || done0_i ||
            done1_i) begin
          open_q[q*4+:3] <= open_q[q*4+:3] +
              3'(issue_advance_i && !issue_done_i && issue_queue_i == QueueBits'(q)) -
              3'(done0_i && done0_slot_i[SlotBits-1:2] == QueueBits'(q)) -
              3'(done1_i && done1_slot_i[SlotBits-1:2] == QueueBits'(q));
        end
      end
      if (retire_fire) begin
        head_q[{retire_queue, 2'd0}+:3] <= head_q[{retire_queue, 2'd0}+:3] + 3'd1;
        retired_q <= retire_queue;
      end
    end
  end

  // ------------------------------------------------------------------ completion
  logic [Queues-1:0] can_retire;
  for (genvar q = 0; q < Queues; q++) begin : gen_retire
    assign can_retire[q] = head_q[q*4+:3] != issue_q[q*4+:3] &&
        done_q[{QueueBits'(q), head_q[q*4+:2]}];
  end

  tern_rr_arb #(
    .Requests(Queues)
  ) u_arb (
    .request_i(can_retire),
    .last_i   (retired_q),
    .valid_o  (retire_valid_o),
    .index_o  (retire_queue)
  );

  logic [SlotBits-1:0] retire_slot;
  assign retire_slot = {retire_queue, head_q[{retire_queue, 2'd0}+:2]};
  assign retire_slot_o = retire_slot;
  assign retire_id_o = id_q[retire_slot];
  assign retire_status_o = status_q[{retire_slot, 3'd0}+:8];
  assign retire_irq_o = irq_q[retire_slot];
  assign retire_src_host_o = src_host_q[retire_slot];
  assign retire_dst_host_o = dst_host_q[retire_slot];

  assign asked_failed_o = failed_q[asked_slot_i] || orphan_i[asked_slot_i[SlotBits-1:2]];
  assign open_o = open_q != '0;
  assign work_o = retire_valid_o || abort_i || job_valid_i;

endmodule
