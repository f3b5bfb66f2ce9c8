// SPDX-License-Identifier: Apache-2.0
  // tern_complete with any units around it that keep their word: an event or a write is taken when
  // they like, an answer comes only to a write. Slot and phase of a queue change when this unit
  // takes a slot, or else its commands have become orphans.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  (* anyconst *) logic [Queues*32-1:0] f_base_lo, f_base_hi;

  logic f_takes, f_good, f_bad, f_write, f_in;
  assign f_in = cpl_valid_i && cpl_ready_o;
  assign f_takes = event_valid_o && event_ready_i && event_o == tern_pkg::CplTakes;
  assign f_good = event_valid_o && event_ready_i && event_o == tern_pkg::CplGood;
  assign f_bad = event_valid_o && event_ready_i && event_o == tern_pkg::CplBad;
  assign f_write = wr_valid_o && wr_ready_i;

  // The command whose completion is here: what was done for it so far.
  logic            f_open_q, f_taken_q, f_sent_q, f_answered_q, f_refused_q, f_phase_q, f_irq_q;
  logic            f_orphan_q, f_first_q, f_drop_q;
  logic [Bits-1:0] f_queue_q;
  logic [11:0]     f_tail_q;
  logic [511:0]    f_entry_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_open_q <= 1'b0;
      f_taken_q <= 1'b0;
      f_sent_q <= 1'b0;
      f_answered_q <= 1'b0;
      f_refused_q <= 1'b0;
      f_orphan_q <= 1'b0;
      f_first_q <= 1'b0;
      f_drop_q <= 1'b0;
      f_phase_q <= 1'b0;
      f_irq_q <= 1'b0;
      f_queue_q <= '0;
      f_tail_q <= '0;
    end else begin
      f_first_q <= f_in;
      if (f_in) begin
        f_open_q <= 1'b1;
        f_taken_q <= 1'b0;
        f_sent_q <= 1'b0;
        f_answered_q <= 1'b0;
        f_refused_q <= 1'b0;
        f_orphan_q <= 1'b0;
        f_drop_q <= 1'b0;
        f_phase_q <= phase_i[cpl_queue_i];
        f_irq_q <= cpl_irq_i;
        f_queue_q <= cpl_queue_i;
        f_tail_q <= q_cq_tail_i[{cpl_queue_i, 5'd0}+:12];
      end else begin
        if (f_takes) f_taken_q <= 1'b1;
        if (f_write) f_sent_q <= 1'b1;
        if (wr_done_i) begin
          f_answered_q <= 1'b1;
          f_refused_q <= wr_bad_i;
        end
        if (f_good || f_bad) f_open_q <= 1'b0;
        if (orphan_i[f_queue_q]) f_orphan_q <= 1'b1;
        if (f_first_q && orphan_i[f_queue_q]) f_drop_q <= 1'b1;
      end
    end
  end
  always_ff @(posedge clk_i) if (f_in) f_entry_q <= cpl_i;

  always_comb begin
    assume (q_cq_base_lo_i == f_base_lo && q_cq_base_hi_i == f_base_hi);
    if (wr_done_i) assume (f_open_q && f_sent_q && !f_answered_q);
    // An orphan stays one while it is inside.
    if (f_open_q && f_orphan_q) assume (orphan_i[f_queue_q]);
    if (f_open_q && !orphan_i[f_queue_q] && !f_taken_q) begin
      assume (q_cq_tail_i[{f_queue_q, 5'd0}+:12] == f_tail_q);
      assume (phase_i[f_queue_q] == f_phase_q);
    end
  end

  logic f_slot;  // the queue's own slot is what it writes to
  logic [63:0] f_addr;
  assign f_addr = {f_base_hi[{f_queue_q, 5'd0}+:32], f_base_lo[{f_queue_q, 5'd6}+:26], 6'd0} +
      {46'd0, f_tail_q, 6'd0};
  assign f_slot = !f_orphan_q && !orphan_i[f_queue_q];

  // Where it stands, from what was done.
  always_comb begin
    if (rst_ni) begin
      assert (f_open_q == (state_q != StIdle));
      assert (cpl_ready_o == !f_open_q);
      assert (!event_valid_o || f_open_q);
      if (f_open_q) begin
        assert (queue_o == f_queue_q && queue_q == f_queue_q && irq_q == f_irq_q);
        // In this order, and each once: slot, write, answer, end.
        assert (!f_sent_q || f_taken_q);
        assert (!f_answered_q || f_sent_q);
        assert (!f_refused_q || f_answered_q);
        assert (!written_q || f_sent_q || state_q == StWrite);
        assert (!f_sent_q || written_q);
        unique case (state_q)
          StAddress, StTake: begin assert (!f_taken_q); end
          StWrite: begin assert (f_taken_q && !f_sent_q); end
          StAnswer: begin assert (f_sent_q && !f_answered_q); end
          StGood: begin assert (f_taken_q ? f_answered_q && !f_refused_q : f_orphan_q); end
          default: begin assert (state_q == StBad && f_answered_q && f_refused_q); end
        endcase
        assert (entry_q == {7'd0, f_phase_q, f_entry_q[tern_abi_pkg::CompletionPhaseLsb-1:0]});
        if (f_slot && state_q != StAddress) assert (addr_q == f_addr);
      end

      assert (f_first_q == (state_q == StAddress));
      // An orphan's completion takes no slot and is not written.
      if (f_open_q && f_drop_q) assert (state_q == StGood && f_orphan_q && !f_taken_q);

      if (f_takes) assert (!f_taken_q);
      if (wr_valid_o) assert (f_taken_q && !f_sent_q);
      if (f_good && f_taken_q) assert (f_answered_q && !f_refused_q && written_o);
      if (f_good && !f_taken_q) assert (f_orphan_q && !written_o);
      if (f_bad) assert (f_refused_q && failed_o && !written_o);
      if (written_o) assert (f_good);
      // It writes what it was given, with the phase, into the slot that it took.
      if (wr_valid_o && f_slot) begin
        assert (wr_addr_o == f_addr);
        assert (wr_data_o == {7'd0, f_phase_q,
            f_entry_q[tern_abi_pkg::CompletionPhaseLsb-1:0]});
      end
    end
  end

  // Interrupts: only for what stands in memory, if the command and the queue want one.
  logic [Queues-1:0] f_irq_may_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_irq_may_q <= '0;
    end else begin
      f_irq_may_q <= '0;
      f_irq_may_q[f_queue_q] <= written_o && f_irq_q && q_ctrl_i[{f_queue_q, 5'd1}];
    end
  end
  always_comb if (rst_ni) assert (irq_o == f_irq_may_q);

  // No state is without a way on: what it waits for is one of the three.
  logic f_moves;
  logic [2:0] f_state_q;
  always_ff @(posedge clk_i) begin
    f_state_q <= state_q;
    f_moves <= rst_ni && f_open_q && (state_q == StAddress || (event_valid_o && event_ready_i) ||
        f_write || wr_done_i);
  end
  always_comb if (rst_ni && f_started && f_moves) assert (state_q != f_state_q);
