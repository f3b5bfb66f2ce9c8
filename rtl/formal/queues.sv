// SPDX-License-Identifier: Apache-2.0
  // tern_queues between a unit that fetches (one command at a time, from the queue that is picked)
  // and one that completes (one command at a time, of those inside). Any one queue, of any size,
  // turned on and off at will.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  (* anyconst *) logic [Bits-1:0]      f_q;
  (* anyconst *) logic [Queues*32-1:0] f_size;

  // ---------------------------------------------------------------- who uses it
  // A fetch is under way; a completion has its slot and is not written yet; the queue's commands
  // that were fetched and not completed.
  logic            f_fetching_q, f_taken_q, f_cpl_waits_q;
  logic [Bits-1:0] f_fetch_queue_q, f_cpl_queue_q;
  logic [1:0]      f_cpl_event_q;
  logic [7:0]      f_held_q;
  logic [1:0]      f_bell_q;
  logic            f_begins, f_good, f_bad, f_takes, f_ends;

  assign f_begins = ev_fetch && fetch_event_i == tern_pkg::FetchBegins;
  assign f_good = ev_fetch && fetch_event_i == tern_pkg::FetchGood;
  assign f_bad = ev_fetch && fetch_event_i == tern_pkg::FetchBad;
  assign f_takes = ev_cpl && cpl_event_i == tern_pkg::CplTakes;
  assign f_ends = ev_cpl && cpl_event_i != tern_pkg::CplTakes;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_fetching_q <= 1'b0;
      f_taken_q <= 1'b0;
      f_cpl_waits_q <= 1'b0;
      f_fetch_queue_q <= '0;
      f_cpl_queue_q <= '0;
      f_cpl_event_q <= '0;
      f_held_q <= '0;
      f_bell_q <= '0;
    end else begin
      if (f_begins) begin
        f_fetching_q <= 1'b1;
        f_fetch_queue_q <= fetch_queue_i;
      end else if (f_good || f_bad) begin
        f_fetching_q <= 1'b0;
      end
      if (f_takes) f_taken_q <= 1'b1;
      else if (f_ends) f_taken_q <= 1'b0;
      f_cpl_waits_q <= cpl_valid_i && !cpl_ready_o;
      f_cpl_queue_q <= cpl_queue_i;
      f_cpl_event_q <= cpl_event_i;
      f_held_q <= f_held_q + 8'(f_good && fetch_queue_i == f_q) - 8'(f_ends && cpl_queue_i == f_q);
      f_bell_q <= {f_bell_q[0], bell_valid_i};
    end
  end

  // The commands of other queues are nobody's business here, so any may complete at any time.
  always_comb begin
    assume (q_size_i == f_size);
    assume (!bell_valid_i || (f_bell_q == '0 && 32'(bell_queue_i) < Queues));
    if (fetch_valid_i) begin
      if (!f_fetching_q) begin
        assume (fetch_event_i == tern_pkg::FetchBegins && pick_valid_o &&
            fetch_queue_i == pick_queue_o);
      end else begin
        assume (fetch_event_i == tern_pkg::FetchGood || fetch_event_i == tern_pkg::FetchBad);
        assume (fetch_queue_i == f_fetch_queue_q);
      end
    end
    if (cpl_valid_i) begin
      assume (cpl_queue_i != f_q || f_held_q != '0);
      if (f_taken_q) begin
        assume (cpl_event_i == tern_pkg::CplGood || cpl_event_i == tern_pkg::CplBad);
      end else begin
        assume (cpl_event_i == tern_pkg::CplTakes ||
            (cpl_event_i == tern_pkg::CplGood && orphan_o[cpl_queue_i]));
      end
    end
    if (f_taken_q) assume (cpl_queue_i == f_cpl_queue_q);
    if (f_cpl_waits_q) begin
      assume (cpl_valid_i && cpl_queue_i == f_cpl_queue_q && cpl_event_i == f_cpl_event_q);
    end
  end

  // ---------------------------------------------------------------- the queue
  logic [3:0]  f_log2;
  logic [11:0] f_mask, f_sq_head, f_sq_tail, f_cq_head, f_cq_tail, f_sq_used, f_cq_used;
  logic [7:0]  f_inside;
  logic        f_ok, f_mine_fetching, f_mine_taken;
  assign f_log2 = f_size[{f_q, 5'd0}+:4];
  assign f_mask = 12'((16'd1 << f_log2) - 16'd1);
  assign f_ok = f_log2 >= 4'(tern_abi_pkg::QueueLog2Min) &&
      f_log2 <= 4'(tern_abi_pkg::QueueLog2Max);
  assign f_sq_head = sq_head_q[{f_q, 5'd0}+:12];
  assign f_sq_tail = sq_tail_q[{f_q, 5'd0}+:12];
  assign f_cq_head = cq_head_q[{f_q, 5'd0}+:12];
  assign f_cq_tail = cq_tail_q[{f_q, 5'd0}+:12];
  assign f_sq_used = (f_sq_tail - f_sq_head) & f_mask;
  assign f_cq_used = (f_cq_tail - f_cq_head) & f_mask;
  assign f_inside = {4'd0, inside_q[{f_q, 2'd0}+:4]};
  assign f_mine_fetching = f_fetching_q && f_fetch_queue_q == f_q;
  assign f_mine_taken = f_taken_q && f_cpl_queue_q == f_q;

  logic f_orphan_q;  // a cycle ago
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) f_orphan_q <= 1'b0;
    else f_orphan_q <= orphan_q[f_q];
  end

  // Completions that took a slot, and commands fetched, since the queue was turned on.
  logic [12:0] f_total_q, f_fetched_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_total_q <= '0;
      f_fetched_q <= '0;
    end else if (ev_switch && queue == f_q) begin
      f_total_q <= '0;
      f_fetched_q <= '0;
    end else begin
      f_total_q <= f_total_q + 13'(f_takes && cpl_queue_i == f_q);
      f_fetched_q <= f_fetched_q + 13'(f_good && fetch_queue_i == f_q);
    end
  end

  always_comb begin
    if (rst_ni) begin
      // Every command that was fetched leaves once; never more inside than there are slots.
      assert (f_inside == f_held_q + 8'(f_mine_fetching));
      assert (f_inside <= 8'(tern_pkg::SlotsAQueue) && f_held_q <= 8'(tern_pkg::SlotsAQueue));
      assert (!f_mine_taken || f_held_q != '0);
      assert (q_status_o[{f_q, 5'd1}] == (f_inside != '0));

      // Commands from before a queue was turned off, or of one that lost a completion, are orphans
      // until the last of them has left.
      assert (!orphan_q[f_q] || f_inside != '0);
      assert (!f_orphan_q || orphan_q[f_q] || f_inside == '0);
      if ((!on_q[f_q] || lost_q[f_q]) && f_inside != '0) assert (orphan_q[f_q]);

      if (on_q[f_q] && f_ok) begin
        assert (((f_sq_head | f_sq_tail | f_cq_head | f_cq_tail) & ~f_mask) == '0);
        assert (f_sq_head == (f_fetched_q[11:0] & f_mask));
        // The tail has gone around as often as completions say, and the phase tells how often.
        assert (f_cq_tail == (f_total_q[11:0] & f_mask));
        assert (phase_q[f_q] == !f_total_q[f_log2]);
        if (!orphan_q[f_q]) begin
          // What is being fetched is in the ring; what is inside has room for its completion.
          assert (f_sq_used >= 12'(f_mine_fetching));
          assert ({1'b0, f_cq_used} + {5'd0, f_inside} - 13'(f_mine_taken) <= {1'b0, f_mask});
        end
      end
      if (f_inside != '0 && !orphan_q[f_q]) assert (f_ok && on_q[f_q]);

      // What the events do, said once more.
      if (f_good && queue == f_q && !orphan_q[f_q] && f_ok) assert (f_sq_head != f_sq_tail);
      if (f_takes && queue == f_q && !orphan_q[f_q] && f_ok) assert (f_cq_used != f_mask);
      if (f_begins && queue == f_q) assert (on_q[f_q] && !stopped_q[f_q] && !orphan_q[f_q]);
      assert (3'(ev_switch) + 3'(ev_bell) + 3'(ev_cpl) + 3'(ev_fetch) <= 3'd1);

      // A queue is ready if there is something to fetch and room for its completion.
      assert (ready_q[f_q] == (on_q[f_q] && f_ok && !stopped_q[f_q] && !orphan_q[f_q] &&
          f_sq_head != f_sq_tail && f_inside < 8'(tern_pkg::SlotsAQueue) &&
          {1'b0, f_cq_used} + {5'd0, f_inside} < {1'b0, f_mask}));
    end
  end
