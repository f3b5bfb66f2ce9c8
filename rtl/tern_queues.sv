// SPDX-License-Identifier: Apache-2.0

// All queues, and which of them is served next.

module tern_queues #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      enable_i,   // CTRL.ENABLE of the device
  input  logic [Queues*32-1:0]      q_size_i,
  input  logic [Queues*32-1:0]      q_ctrl_i,
  output logic [Queues*32-1:0]      q_status_o,
  output logic [Queues*32-1:0]      q_sq_head_o,
  output logic [Queues*32-1:0]      q_sq_tail_o,
  output logic [Queues*32-1:0]      q_cq_head_o,
  output logic [Queues*32-1:0]      q_cq_tail_o,

  input  logic                      bell_valid_i,
  input  logic                      bell_cq_i,
  input  logic [7:0]                bell_queue_i,
  input  logic [31:0]               bell_value_i,
  output logic                      bell_bad_o,

  // The queue to serve next, and what the fetch does with it.
  output logic                      pick_valid_o,
  output logic [$clog2(Queues)-1:0] pick_queue_o,
  input  logic                      fetch_i,         // this one is taken
  input  logic                      fetched_i,
  input  logic                      fetch_failed_i,
  input  logic [$clog2(Queues)-1:0] fetch_queue_i,   // of the two above

  input  logic                      complete_i,      // the completion takes the slot at cq_tail
  input  logic                      completed_i,
  input  logic                      complete_bad_i,
  input  logic [$clog2(Queues)-1:0] complete_queue_i,
  input  logic                      dropped_i,
  input  logic [$clog2(Queues)-1:0] dropped_queue_i,

  output logic [Queues*12-1:0]      sq_head_o,
  output logic [Queues*12-1:0]      cq_tail_o,
  output logic [Queues-1:0]         phase_o,
  output logic [Queues-1:0]         orphan_o,
  output logic                      work_o           // a fetch will begin, or pointers still move
);

  localparam int unsigned Bits = $clog2(Queues);

  logic [Queues-1:0] on, on_q, ready, bad;
  logic              changed, settle_q;
  logic [Bits-1:0]   last_q;

  for (genvar q = 0; q < Queues; q++) begin : gen_on
    assign on[q] = q_ctrl_i[q*32];
  end

  assign changed = bell_valid_i || fetch_i || fetched_i || fetch_failed_i || complete_i ||
      completed_i || dropped_i || on != on_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      on_q <= '0;
      settle_q <= 1'b0;
      last_q <= '0;
    end else begin
      settle_q <= changed;
      if (changed) on_q <= on;
      if (fetch_i) last_q <= pick_queue_o;
    end
  end

  for (genvar q = 0; q < Queues; q++) begin : gen_queue
    logic        fetch_me, bell_me, complete_me, stopped, busy;
    logic [11:0] sq_head, sq_tail, cq_head, cq_tail;

    assign fetch_me = fetch_queue_i == Bits'(q);
    assign complete_me = complete_queue_i == Bits'(q);
    assign bell_me = bell_valid_i && bell_queue_i == 8'(q);

    tern_queue u_queue (
      .clk_i,
      .rst_ni,
      .on_i           (on[q]),
      .log2_i         (q_size_i[q*32+:4]),
      .event_i        (changed),
      .settle_i       (settle_q),
      .bell_sq_i      (bell_me && !bell_cq_i),
      .bell_cq_i      (bell_me && bell_cq_i),
      .bell_value_i,
      .bell_bad_o     (bad[q]),
      .fetch_i        (fetch_i && pick_queue_o == Bits'(q)),
      .fetched_i      (fetched_i && fetch_me),
      .fetch_failed_i (fetch_failed_i && fetch_me),
      .complete_i     (complete_i && complete_me),
      .completed_i    (completed_i && complete_me),
      .complete_bad_i (completed_i && complete_bad_i && complete_me),
      .dropped_i      (dropped_i && dropped_queue_i == Bits'(q)),
      .sq_head_o      (sq_head),
      .sq_tail_o      (sq_tail),
      .cq_head_o      (cq_head),
      .cq_tail_o      (cq_tail),
      .phase_o        (phase_o[q]),
      .stopped_o      (stopped),
      .busy_o         (busy),
      .orphan_o       (orphan_o[q]),
      .ready_o        (ready[q])
    );

    assign q_status_o[q*32+:32]  = {30'd0, busy, stopped};
    assign q_sq_head_o[q*32+:32] = {20'd0, sq_head};
    assign q_sq_tail_o[q*32+:32] = {20'd0, sq_tail};
    assign q_cq_head_o[q*32+:32] = {20'd0, cq_head};
    assign q_cq_tail_o[q*32+:32] = {20'd0, cq_tail};
    assign sq_head_o[q*12+:12]   = sq_head;
    assign cq_tail_o[q*12+:12]   = cq_tail;
  end

  assign bell_bad_o = bad != '0;

  logic pick_valid;

  tern_rr_arb #(
    .Requests(Queues)
  ) u_arb (
    .request_i(ready),
    .last_i   (last_q),
    .valid_o  (pick_valid),
    .index_o  (pick_queue_o)
  );

  // While pointers move, "ready" is of the past.
  logic quiet;
  assign quiet = !settle_q && on == on_q && !bell_valid_i;
  assign pick_valid_o = pick_valid && enable_i && quiet;
  assign work_o = !quiet || (pick_valid && enable_i);

endmodule
