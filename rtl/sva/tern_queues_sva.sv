// SPDX-License-Identifier: Apache-2.0

// Rings: a head never passes its tail, a completion has a slot, and every command that was fetched
// leaves the device exactly once.

`include "tern_assert.svh"

module tern_queues_sva #(
  parameter int unsigned Queues = 8
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input logic [Queues*32-1:0]      q_size_i,
  input logic [Queues*32-1:0]      sq_head_q,
  input logic [Queues*32-1:0]      sq_tail_q,
  input logic [Queues*32-1:0]      cq_head_q,
  input logic [Queues*32-1:0]      cq_tail_q,
  input logic [Queues*4-1:0]       inside_q,
  input logic [Queues-1:0]         orphan_q,
  input logic                      ev_fetch,
  input logic [1:0]                fetch_event_i,
  input logic                      ev_cpl,
  input logic [1:0]                cpl_event_i,
  input logic                      ev_switch,
  input logic                      ev_bell,
  input logic [$clog2(Queues)-1:0] queue,
  input logic                      cpl_valid_i,
  input logic                      cpl_ready_o,
  input logic [$clog2(Queues)-1:0] cpl_queue_i
);

  logic [11:0] mask, cq_used;
  logic [3:0]  count;
  assign mask = 12'((16'd1 << q_size_i[{queue, 5'd0}+:4]) - 16'd1);
  assign cq_used = (cq_tail_q[{queue, 5'd0}+:12] - cq_head_q[{queue, 5'd0}+:12]) & mask;
  assign count = inside_q[{queue, 2'd0}+:4];

  `TERN_ASSERT(HeadBehindTail, ev_fetch && fetch_event_i == tern_pkg::FetchGood &&
      !orphan_q[queue] |-> sq_head_q[{queue, 5'd0}+:12] != sq_tail_q[{queue, 5'd0}+:12]);
  `TERN_ASSERT(CompletionHasSlot, ev_cpl && cpl_event_i == tern_pkg::CplTakes &&
      !orphan_q[queue] |-> cq_used < mask);
  `TERN_ASSERT(LeavesOnce, ((ev_cpl && cpl_event_i != tern_pkg::CplTakes) ||
      (ev_fetch && fetch_event_i == tern_pkg::FetchBad)) |-> count != '0);
  `TERN_ASSERT(FewInside, ev_fetch && fetch_event_i == tern_pkg::FetchBegins |-> count < 4'd5);
  `TERN_ASSERT(OneEvent, $onehot0({ev_switch, ev_bell, ev_fetch, ev_cpl}));
  `TERN_ASSERT(CplHeld, cpl_valid_i && !cpl_ready_o |=> cpl_valid_i && $stable(cpl_queue_i));

  // A completion's slot is taken once for each completion that ends well, and in this order.
  logic taken_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) taken_q <= 1'b0;
    else if (ev_cpl) taken_q <= cpl_event_i == tern_pkg::CplTakes;
  end
  `TERN_ASSERT(TakenOnce, ev_cpl && cpl_event_i == tern_pkg::CplTakes |-> !taken_q);

endmodule
