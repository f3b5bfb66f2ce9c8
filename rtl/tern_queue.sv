// SPDX-License-Identifier: Apache-2.0

// The two rings of one queue: heads, tails, the phase, and whether there is work.
//
// Everything here changes on events only (a doorbell, a fetch, a completion, the enable bit), and
// whether the queue is ready is worked out the cycle after, so that a queue at rest toggles
// nothing.

module tern_queue (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        on_i,        // CTRL.ENABLE of the queue
  input  logic [3:0]  log2_i,      // SIZE
  input  logic        event_i,     // something below happens to some queue, or on_i changed
  input  logic        settle_i,    // the cycle after an event

  input  logic        bell_sq_i,
  input  logic        bell_cq_i,
  input  logic [31:0] bell_value_i,
  output logic        bell_bad_o,  // the doorbell of this cycle points outside the ring

  input  logic        fetch_i,         // a fetch begins
  input  logic        fetched_i,       // ... and ended well
  input  logic        fetch_failed_i,  // ... or did not
  input  logic        complete_i,      // a completion takes its slot
  input  logic        completed_i,     // ... and was answered
  input  logic        complete_bad_i,  // ... with an error
  input  logic        dropped_i,       // a command of a queue turned off was thrown away

  output logic [11:0] sq_head_o,
  output logic [11:0] sq_tail_o,
  output logic [11:0] cq_head_o,
  output logic [11:0] cq_tail_o,
  output logic        phase_o,
  output logic        stopped_o,
  output logic        busy_o,    // commands of this queue are in the device
  output logic        orphan_o,  // ... that came before it was turned off, or before a completion was lost:
                                 // nothing of them is written into the ring
  output logic        ready_o    // a command may be fetched
);

  logic        on_q, size_ok_q, stopped_q, hole_q, orphan_q, ready_q, phase_q;
  logic [11:0] mask_q, sq_head_q, sq_tail_q, cq_head_q, cq_tail_q;
  logic [2:0]  inside_q;  // commands fetched and not yet completed

  logic        bell_in_ring, sq_forward, cq_written;
  logic [12:0] cq_used;
  logic [11:0] value;

  assign value = bell_value_i[11:0];
  assign cq_used = {1'b0, (cq_tail_q - cq_head_q) & mask_q} + {10'd0, inside_q};

  // Inside the ring also means: a tail does not fall back behind commands already given away, and
  // a head does not pass completions that were never written.
  always_comb begin
    bell_in_ring = 1'b0;
    sq_forward = 1'b0;
    cq_written = 1'b0;
    bell_bad_o = 1'b0;
    if (bell_sq_i || bell_cq_i) begin
      bell_in_ring = bell_value_i[31:12] == '0 && (value & ~mask_q) == '0;
      sq_forward = ((value - sq_head_q) & mask_q) >= ((sq_tail_q - sq_head_q) & mask_q);
      cq_written = ((value - cq_head_q) & mask_q) <= ((cq_tail_q - cq_head_q) & mask_q);
      bell_bad_o = on_q && size_ok_q && !(bell_in_ring && (bell_sq_i ? sq_forward : cq_written));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      on_q <= 1'b0;
      size_ok_q <= 1'b0;
      stopped_q <= 1'b0;
      hole_q <= 1'b0;
      orphan_q <= 1'b0;
      ready_q <= 1'b0;
      phase_q <= 1'b0;
      mask_q <= '0;
      sq_head_q <= '0;
      sq_tail_q <= '0;
      cq_head_q <= '0;
      cq_tail_q <= '0;
      inside_q <= '0;
    end else begin
      if (event_i) begin
        on_q <= on_i;
        inside_q <= inside_q + {2'd0, fetch_i} - {2'd0, fetch_failed_i} - {2'd0, completed_i} -
            {2'd0, dropped_i};
        if (fetched_i) sq_head_q <= (sq_head_q + 12'd1) & mask_q;
        if (complete_i) begin
          cq_tail_q <= (cq_tail_q + 12'd1) & mask_q;
          if (cq_tail_q == mask_q) phase_q <= !phase_q;
        end
        if (fetch_failed_i || complete_bad_i) stopped_q <= 1'b1;
        if (complete_bad_i) hole_q <= 1'b1;
        if (bell_sq_i && !bell_bad_o) sq_tail_q <= value;
        if (bell_cq_i && !bell_bad_o) cq_head_q <= value;
        if (!on_q) begin
          // Off, or just turned on: the rings are at their start.
          size_ok_q <= log2_i >= 4'(tern_abi_pkg::QueueLog2Min) &&
              log2_i <= 4'(tern_abi_pkg::QueueLog2Max);
          mask_q <= 12'((16'd1 << log2_i) - 16'd1);
          sq_head_q <= '0;
          sq_tail_q <= '0;
          cq_head_q <= '0;
          cq_tail_q <= '0;
          phase_q <= 1'b1;
          stopped_q <= 1'b0;
          hole_q <= 1'b0;
        end
      end
      if (settle_i) begin
        orphan_q <= inside_q != '0 && (orphan_q || hole_q || !on_q);
        ready_q <= on_q && size_ok_q && !stopped_q && !(inside_q != '0 && orphan_q) &&
            sq_head_q != sq_tail_q && cq_used < {1'b0, mask_q};
      end
    end
  end

  assign sq_head_o = sq_head_q;
  assign sq_tail_o = sq_tail_q;
  assign cq_head_o = cq_head_q;
  assign cq_tail_o = cq_tail_q;
  assign phase_o   = phase_q;
  assign stopped_o = stopped_q;
  assign busy_o    = inside_q != '0;
  assign orphan_o  = orphan_q;
  assign ready_o   = ready_q;

endmodule
