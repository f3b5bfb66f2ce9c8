// SPDX-License-Identifier: Apache-2.0

// The rings as software sees them, from the ports of tern_queues and an account of its own: indices
// move one at a time, for their reasons, and stay inside their ring; a head never passes its tail,
// a completion never overruns what software has not read. (tern_queues_sva looks inside.)

`include "tern_assert.svh"

module tern_rings_sva #(
  parameter int unsigned Queues = 8
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input logic                      enable_i,
  input logic [Queues*32-1:0]      q_size_i,
  input logic [Queues*32-1:0]      q_ctrl_i,
  input logic [Queues*32-1:0]      q_status_o,
  input logic [Queues*32-1:0]      q_sq_head_o,
  input logic [Queues*32-1:0]      q_sq_tail_o,
  input logic [Queues*32-1:0]      q_cq_head_o,
  input logic [Queues*32-1:0]      q_cq_tail_o,
  input logic                      bell_valid_i,
  input logic                      pick_valid_o,
  input logic [$clog2(Queues)-1:0] pick_queue_o,
  input logic                      fetch_valid_i,
  input logic [1:0]                fetch_event_i,
  input logic [$clog2(Queues)-1:0] fetch_queue_i,
  input logic                      fetch_ready_o,
  input logic                      cpl_valid_i,
  input logic [1:0]                cpl_event_i,
  input logic [$clog2(Queues)-1:0] cpl_queue_i,
  input logic                      cpl_ready_o,
  input logic [Queues-1:0]         phase_o
);

  logic fetch, begins, good, fetch_bad, cpl, takes, ends;
  assign fetch = fetch_valid_i && fetch_ready_o;
  assign begins = fetch && fetch_event_i == tern_pkg::FetchBegins;
  assign good = fetch && fetch_event_i == tern_pkg::FetchGood;
  assign fetch_bad = fetch && fetch_event_i == tern_pkg::FetchBad;
  assign cpl = cpl_valid_i && cpl_ready_o;
  assign takes = cpl && cpl_event_i == tern_pkg::CplTakes;
  assign ends = cpl && cpl_event_i != tern_pkg::CplTakes;

  logic picked_on, picked_stopped;
  assign picked_on = q_ctrl_i[{pick_queue_o, 5'd0}];
  assign picked_stopped = q_status_o[{pick_queue_o, 5'd0}];

  `TERN_ASSERT(OneEventACycle, 2'(fetch) + 2'(cpl) <= 2'd1);
  `TERN_ASSERT(PickOnlyWhenEnabled, pick_valid_o |-> enable_i);
  `TERN_ASSERT(FetchOnlyFromQueuesOn, begins |-> (picked_on && !picked_stopped));
  `TERN_ASSERT(FetchWhatIsPicked, begins |-> (pick_valid_o && fetch_queue_i == pick_queue_o));
  `TERN_ASSERT(BellsAreApart, bell_valid_i |=> !bell_valid_i);

  for (genvar q = 0; q < Queues; q++) begin : gen_queue
    logic [31:0] size, sq_head, sq_tail, cq_head, cq_tail, status;
    logic [12:0] mask;
    logic        on, on_q, size_ok, mine_begins, mine_good, mine_takes, mine_leaves;
    logic [7:0]  inside_q;     // commands between their fetch and their completion

    assign size = q_size_i[q*32+:32];
    assign status = q_status_o[q*32+:32];
    assign sq_head = q_sq_head_o[q*32+:32];
    assign sq_tail = q_sq_tail_o[q*32+:32];
    assign cq_head = q_cq_head_o[q*32+:32];
    assign cq_tail = q_cq_tail_o[q*32+:32];
    assign on = q_ctrl_i[q*32];
    assign mask = 13'((32'd1 << size[3:0]) - 32'd1);
    assign size_ok = size >= tern_abi_pkg::QueueLog2Min && size <= tern_abi_pkg::QueueLog2Max;
    assign mine_begins = begins && 32'(fetch_queue_i) == q;
    assign mine_good = good && 32'(fetch_queue_i) == q;
    assign mine_takes = takes && 32'(cpl_queue_i) == q;
    assign mine_leaves = (fetch_bad && 32'(fetch_queue_i) == q) ||
        (ends && 32'(cpl_queue_i) == q);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        on_q <= 1'b0;
        inside_q <= '0;
      end else begin
        on_q <= on;
        inside_q <= inside_q + 8'(mine_begins) - 8'(mine_leaves);
      end
    end

    // Entries between an index and another, going forward.
    function automatic logic [12:0] distance(logic [31:0] from, logic [31:0] to);
      distance = (to[12:0] - from[12:0]) & mask;
    endfunction

    // What a queue was while it was off, or before the event that turns it on, is nobody's business.
    logic steady;
    assign steady = on && on_q && size_ok;

    `TERN_ASSERT(IndicesInRing, steady |-> ((sq_head | sq_tail | cq_head | cq_tail) &
        ~{19'd0, mask}) == '0);
    `TERN_ASSERT(HeadNeverPassesTail, mine_good && steady |-> sq_head != sq_tail);
    `TERN_ASSERT(FetchesOnlyWhatIsThere, mine_begins |-> sq_head != sq_tail);
    `TERN_ASSERT(KeepsRoomForCompletions, mine_begins |->
        {1'b0, distance(cq_head, cq_tail)} + {6'd0, inside_q} < {1'b0, mask});
    `TERN_ASSERT(NeverOverrunsReader, mine_takes && steady |->
        distance(cq_head, cq_tail) != mask);
    `TERN_ASSERT(LeavesOnlyWhatIsInside, mine_leaves |-> inside_q != '0);
    `TERN_ASSERT(InsideIsBounded, inside_q <= 8'd8);
    `TERN_ASSERT(BusyIsTrue, status[1] == (inside_q != '0));
    `TERN_ASSERT(SqHeadMovesByOne, steady && mine_good |=>
        !steady || sq_head == (($past(sq_head) + 32'd1) & {19'd0, mask}));
    `TERN_ASSERT(SqHeadStays, steady && !mine_good |=>
        !steady || sq_head == $past(sq_head) || sq_head == '0);
    `TERN_ASSERT(CqTailMovesByOne, steady && mine_takes |=>
        !steady || cq_tail == (($past(cq_tail) + 32'd1) & {19'd0, mask}));
    `TERN_ASSERT(CqTailStays, steady && !mine_takes |=>
        !steady || cq_tail == $past(cq_tail) || cq_tail == '0);
    // The phase turns where the tail goes around.
    `TERN_ASSERT(PhaseTurns, steady && mine_takes |=>
        !steady || phase_o[q] == ($past(phase_o[q]) ^ (cq_tail == '0)));
  end

endmodule

bind tern_queues tern_rings_sva #(.Queues(Queues)) u_rings_sva (
  .clk_i, .rst_ni, .enable_i, .q_size_i, .q_ctrl_i, .q_status_o,
  .q_sq_head_o, .q_sq_tail_o, .q_cq_head_o, .q_cq_tail_o,
  .bell_valid_i, .pick_valid_o, .pick_queue_o,
  .fetch_valid_i, .fetch_event_i, .fetch_queue_i, .fetch_ready_o,
  .cpl_valid_i, .cpl_event_i, .cpl_queue_i, .cpl_ready_o,
  .phase_o
);
