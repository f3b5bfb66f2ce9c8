// SPDX-License-Identifier: Apache-2.0

// The rings of all queues: heads, tails, phases, and which queue is served next.
//
// The state of a queue changes on events only: it is turned on or off, a doorbell rings, a command
// is fetched, a completion takes its slot. One unit works on one event a cycle, so a queue more
// costs its registers and no logic, and queues at rest toggle nothing. Who brings an event waits
// until it is taken.

module tern_queues #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      enable_i,        // CTRL.ENABLE of the device
  input  logic [Queues*32-1:0]      q_size_i,
  input  logic [Queues*32-1:0]      q_ctrl_i,
  output logic [Queues*32-1:0]      q_status_o,
  output logic [Queues*32-1:0]      q_sq_head_o,
  output logic [Queues*32-1:0]      q_sq_tail_o,
  output logic [Queues*32-1:0]      q_cq_head_o,
  output logic [Queues*32-1:0]      q_cq_tail_o,

  input  logic                      bell_valid_i,    // a cycle; not more often than each third
  input  logic                      bell_cq_i,
  input  logic [7:0]                bell_queue_i,
  input  logic [31:0]               bell_value_i,
  output logic                      bell_bad_o,      // bell_queue_o's ring has no such index
  output logic [7:0]                bell_queue_o,
  output logic [31:0]               bell_value_o,

  output logic                      pick_valid_o,    // the queue to fetch from next
  output logic [$clog2(Queues)-1:0] pick_queue_o,

  input  logic                      fetch_valid_i,   // from the fetch
  input  logic [1:0]                fetch_event_i,   // tern_pkg::Fetch*
  input  logic [$clog2(Queues)-1:0] fetch_queue_i,
  output logic                      fetch_ready_o,
  input  logic                      cpl_valid_i,     // from the completion
  input  logic [1:0]                cpl_event_i,     // tern_pkg::Cpl*
  input  logic [$clog2(Queues)-1:0] cpl_queue_i,
  output logic                      cpl_ready_o,

  output logic [Queues-1:0]         phase_o,
  output logic [Queues-1:0]         orphan_o,        // commands inside came before the queue was
                                                     // turned off, or before a completion was lost:
                                                     // they write nothing into its rings
  output logic                      work_o           // a fetch can begin, or an event waits
);

  localparam int unsigned Bits = $clog2(Queues);

  // ------------------------------------------------------------------ state
  logic [Queues*32-1:0] status_q, sq_head_q, sq_tail_q, cq_head_q, cq_tail_q;
  logic [Queues*4-1:0]  inside_q;   // commands fetched and not yet completed
  logic [Queues-1:0]    on_q, stopped_q, lost_q, orphan_q, phase_q, ready_q;

  logic [Bits-1:0]      last_q;     // fetched from last
  logic                 bell_q, bell_cq_q, bell_bad_q;
  logic [7:0]           bell_queue_q;
  logic [31:0]          bell_value_q;

  // ------------------------------------------------------------------ one event a cycle
  logic [Queues-1:0] on;
  logic              ev, ev_switch, ev_bell, ev_cpl, ev_fetch;
  logic [Bits-1:0]   switched, queue;

  for (genvar q = 0; q < Queues; q++) begin : gen_on
    assign on[q] = q_ctrl_i[q*32];
  end

  assign ev_switch = on != on_q;
  assign ev_bell = bell_q && !ev_switch;
  assign ev_cpl = cpl_valid_i && !ev_switch && !bell_q;
  assign ev_fetch = fetch_valid_i && !ev_switch && !bell_q && !cpl_valid_i;
  assign ev = ev_switch || bell_q || cpl_valid_i || fetch_valid_i;

  always_comb begin
    switched = '0;
    queue = '0;
    if (ev) begin
      for (int unsigned q = 0; q < Queues; q++) begin
        if (on[q] != on_q[q]) switched = Bits'(q);
      end
      if (ev_switch) queue = switched;
      else if (bell_q) queue = bell_queue_q[Bits-1:0];
      else if (cpl_valid_i) queue = cpl_queue_i;
      else queue = fetch_queue_i;
    end
  end

  // ------------------------------------------------------------------ what it does
  logic [3:0]  log2;
  logic [11:0] mask, value, sq_head_d, sq_tail_d, cq_head_d, cq_tail_d;
  logic [11:0] sq_head, sq_tail, cq_head, cq_tail;
  logic [3:0]  inside_d;
  logic        size_ok, on_d, stopped_d, lost_d, orphan_d, phase_d, ready_d, in_ring, bell_bad;

  always_comb begin
    log2 = '0;
    mask = '0;
    value = '0;
    sq_head = '0;
    sq_tail = '0;
    cq_head = '0;
    cq_tail = '0;
    sq_head_d = '0;
    sq_tail_d = '0;
    cq_head_d = '0;
    cq_tail_d = '0;
    inside_d = '0;
    size_ok = 1'b0;
    on_d = 1'b0;
    stopped_d = 1'b0;
    lost_d = 1'b0;
    orphan_d = 1'b0;
    phase_d = 1'b0;
    ready_d = 1'b0;
    in_ring = 1'b0;
    bell_bad = 1'b0;
    if (ev) begin
      log2 = q_size_i[{queue, 5'd0}+:4];
      mask = 12'((16'd1 << log2) - 16'd1);
      size_ok = log2 >= 4'(tern_abi_pkg::QueueLog2Min) && log2 <= 4'(tern_abi_pkg::QueueLog2Max);
      value = bell_value_q[11:0];
      sq_head = sq_head_q[{queue, 5'd0}+:12];
      sq_tail = sq_tail_q[{queue, 5'd0}+:12];
      cq_head = cq_head_q[{queue, 5'd0}+:12];
      cq_tail = cq_tail_q[{queue, 5'd0}+:12];
      sq_head_d = sq_head;
      sq_tail_d = sq_tail;
      cq_head_d = cq_head;
      cq_tail_d = cq_tail;
      inside_d = inside_q[{queue, 2'd0}+:4];
      on_d = on_q[queue];
      stopped_d = stopped_q[queue];
      lost_d = lost_q[queue];
      phase_d = phase_q[queue];

      if (ev_switch) begin
        on_d = !on_q[queue];
        if (on_d) begin
          sq_head_d = '0;
          sq_tail_d = '0;
          cq_head_d = '0;
          cq_tail_d = '0;
          phase_d = 1'b1;
          stopped_d = 1'b0;
          lost_d = 1'b0;
        end
      end
      if (ev_bell && on_d && size_ok) begin
        // Inside the ring also means: a tail doesn't fall back behind commands already given
        // away, and a head doesn't pass completions that were never written.
        in_ring = bell_value_q[31:12] == '0 && (value & ~mask) == '0;
        if (bell_cq_q) begin
          bell_bad = !in_ring || ((value - cq_head) & mask) > ((cq_tail - cq_head) & mask);
          if (!bell_bad) cq_head_d = value;
        end else begin
          bell_bad = !in_ring || ((value - sq_head) & mask) < ((sq_tail - sq_head) & mask);
          if (!bell_bad) sq_tail_d = value;
        end
      end
      if (ev_fetch) begin
        unique case (fetch_event_i)
          tern_pkg::FetchBegins: inside_d = inside_d + 4'd1;
          tern_pkg::FetchGood: sq_head_d = (sq_head + 12'd1) & mask;
          default: begin
            inside_d = inside_d - 4'd1;
            stopped_d = 1'b1;
          end
        endcase
      end
      if (ev_cpl) begin
        unique case (cpl_event_i)
          tern_pkg::CplTakes: begin
            cq_tail_d = (cq_tail + 12'd1) & mask;
            if (cq_tail == mask) phase_d = !phase_d;
          end
          tern_pkg::CplGood: inside_d = inside_d - 4'd1;
          default: begin
            inside_d = inside_d - 4'd1;
            stopped_d = 1'b1;
            lost_d = 1'b1;
          end
        endcase
      end

      orphan_d = inside_d != '0 && (orphan_q[queue] || lost_d || !on_d);
      // Room for the completions of all commands inside and of one more.
      ready_d = on_d && size_ok && !stopped_d && !orphan_d && sq_head_d != sq_tail_d &&
          inside_d < 4'(tern_pkg::SlotsAQueue) &&
          {1'b0, (cq_tail_d - cq_head_d) & mask} + {9'd0, inside_d} < {1'b0, mask};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      status_q <= '0;
      sq_head_q <= '0;
      sq_tail_q <= '0;
      cq_head_q <= '0;
      cq_tail_q <= '0;
      inside_q <= '0;
      on_q <= '0;
      stopped_q <= '0;
      lost_q <= '0;
      orphan_q <= '0;
      phase_q <= '0;
      ready_q <= '0;
    end else if (ev) begin
      status_q[{queue, 5'd0}+:2] <= {inside_d != '0, stopped_d};
      sq_head_q[{queue, 5'd0}+:12] <= sq_head_d;
      sq_tail_q[{queue, 5'd0}+:12] <= sq_tail_d;
      cq_head_q[{queue, 5'd0}+:12] <= cq_head_d;
      cq_tail_q[{queue, 5'd0}+:12] <= cq_tail_d;
      inside_q[{queue, 2'd0}+:4] <= inside_d;
      on_q[queue] <= on_d;
      stopped_q[queue] <= stopped_d;
      lost_q[queue] <= lost_d;
      orphan_q[queue] <= orphan_d;
      phase_q[queue] <= phase_d;
      ready_q[queue] <= ready_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bell_q <= 1'b0;
      bell_bad_q <= 1'b0;
      bell_cq_q <= 1'b0;
      bell_queue_q <= '0;
      bell_value_q <= '0;
      last_q <= '0;
    end else begin
      bell_bad_q <= bell_bad;
      if (bell_valid_i) begin
        bell_q <= 1'b1;
        bell_cq_q <= bell_cq_i;
        bell_queue_q <= bell_queue_i;
        bell_value_q <= bell_value_i;
      end else if (ev_bell) begin
        bell_q <= 1'b0;
      end
      if (ev_fetch && fetch_event_i == tern_pkg::FetchBegins) last_q <= fetch_queue_i;
    end
  end

  // ------------------------------------------------------------------ who is next
  tern_rr_arb #(
    .Requests(Queues)
  ) u_arb (
    .request_i(ready_q),
    .last_i   (last_q),
    .valid_o  (pick_valid),
    .index_o  (pick_queue_o)
  );

  logic pick_valid;
  assign pick_valid_o = pick_valid && enable_i;

  assign fetch_ready_o = ev_fetch;
  assign cpl_ready_o = ev_cpl;
  assign work_o = pick_valid_o || ev || bell_bad_q;
  assign bell_bad_o = bell_bad_q;
  assign bell_queue_o = bell_queue_q;
  assign bell_value_o = bell_value_q;
  assign q_status_o = status_q;
  assign q_sq_head_o = sq_head_q;
  assign q_sq_tail_o = sq_tail_q;
  assign q_cq_head_o = cq_head_q;
  assign q_cq_tail_o = cq_tail_q;
  assign phase_o = phase_q;
  assign orphan_o = orphan_q;

endmodule
