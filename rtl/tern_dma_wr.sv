// SPDX-License-Identifier: Apache-2.0

// Writes for everybody, a burst of each in turn: results, copies and fills, and completions before
// them. One data register feeds both spaces. Whose bursts are unanswered, and which of them is a
// job's last, stands in a tracker a space.

module tern_dma_wr #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  // Results, one stretch.
  input  logic                      y_valid_i,
  output logic                      y_ready_o,
  input  logic                      y_host_i,
  input  logic                      y_none_i,       // nothing to write: the job's end only
  input  logic                      y_last_i,       // of the job
  input  logic [$clog2(Queues)+1:0] y_slot_i,
  input  logic [63:0]               y_addr_i,
  input  logic [63:0]               y_bytes_i,
  input  logic                      y_data_valid_i,
  input  logic [511:0]              y_data_i,
  output logic                      y_read_o,

  // COPY and FILL, one stretch.
  input  logic                      c_valid_i,
  output logic                      c_ready_o,
  input  logic                      c_host_i,
  input  logic                      c_none_i,
  input  logic                      c_last_i,
  input  logic                      c_fill_i,
  input  logic [$clog2(Queues)+1:0] c_slot_i,
  input  logic [63:0]               c_addr_i,
  input  logic [63:0]               c_bytes_i,
  input  logic [31:0]               c_pattern_i,
  input  logic                      c_data_valid_i,
  input  logic [511:0]              c_data_i,
  input  logic                      c_data_bad_i,
  output logic                      c_read_o,
  output logic                      c_sent_o,

  input  logic                      cpl_valid_i,    // one completion entry, into host memory
  output logic                      cpl_ready_o,
  input  logic [63:0]               cpl_addr_i,
  input  logic [511:0]              cpl_data_i,
  output logic                      cpl_done_o,     // its response is here

  output logic                      host_awvalid_o,
  input  logic                      host_awready_i,
  output logic                      mem_awvalid_o,
  input  logic                      mem_awready_i,
  output logic [3:0]                awid_o,
  output logic [63:0]               awaddr_o,
  output logic [7:0]                awlen_o,
  output logic                      host_wvalid_o,
  input  logic                      host_wready_i,
  output logic                      mem_wvalid_o,
  input  logic                      mem_wready_i,
  output logic [511:0]              wdata_o,
  output logic [63:0]               wstrb_o,
  output logic                      wlast_o,
  input  logic                      host_b_data_i,  // answers: to a burst of data,
  input  logic                      host_b_cpl_i,   // ... to a completion
  input  logic [1:0]                host_b_error_i, // tern_pkg::Good, Refused, Overdue
  input  logic                      mem_b_data_i,
  input  logic [1:0]                mem_b_error_i,

  output logic                      y_beat_o,       // a beat of results is sent
  output logic                      c_beat_o,
  output logic [$clog2(Queues)+1:0] beat_slot_o,

  output logic                      host_fail_o,    // a write of this job was refused
  output logic                      host_done_o,    // the job's last write is answered
  output logic [$clog2(Queues)+1:0] host_slot_o,
  output logic [7:0]                host_status_o,
  output logic                      mem_fail_o,
  output logic                      mem_done_o,
  output logic [$clog2(Queues)+1:0] mem_slot_o,
  output logic [7:0]                mem_status_o,

  output logic                      busy_o,         // something is to be sent, or unanswered
  output logic                      awake_o         // not only waiting for answers
);

  localparam int unsigned SlotBits = $clog2(Queues) + 2;

  typedef enum logic [1:0] {StIdle, StAddress, StData} state_e;

  // The stretches: results in the y registers, copies in the c ones.
  logic                y_active_q, y_host_q, y_last_q, c_active_q, c_host_q, c_last_q, c_fill_q;
  logic [SlotBits-1:0] y_slot_q, c_slot_q;
  logic [63:0]         y_addr_q, c_addr_q;
  logic [57:0]         y_left_q, c_left_q;
  logic [5:0]          y_tail_q, c_tail_q;
  logic [31:0]         c_pattern_q;

  // The burst that is being sent.
  state_e              state_q;
  logic                host_q, cpl_q, copy_q, final_q, last_q, wvalid_q, wlast_q, turn_q;
  logic [SlotBits-1:0] slot_q;
  logic [63:0]         awaddr_q, wstrb_q;
  logic [6:0]          beats_q;   // still to be loaded
  logic [5:0]          tail_q;
  logic [7:0]          awlen_q;
  logic [511:0]        wdata_q;

  logic       host_room, mem_room, y_can, c_can, take_cpl, take_y, take_c, awready, wready, aw_done;
  logic       load, data_valid, sent, y_none, c_none, none_q, hold;
  logic [6:0] y_beats, c_beats;
  assign y_beats = tern_pkg::burst_beats(y_addr_q[11:6], y_left_q);
  assign c_beats = tern_pkg::burst_beats(c_addr_q[11:6], c_left_q);
  assign y_can = y_active_q && (y_host_q ? host_room : mem_room);
  assign c_can = c_active_q && (c_host_q ? host_room : mem_room);
  assign take_cpl = state_q == StIdle && cpl_valid_i;
  assign take_y = state_q == StIdle && !cpl_valid_i && !hold && y_can && !(c_can && turn_q);
  assign take_c = state_q == StIdle && !cpl_valid_i && !hold && c_can && !take_y;
  assign awready = host_q ? host_awready_i : mem_awready_i;
  assign wready = host_q ? host_wready_i : mem_wready_i;
  assign aw_done = state_q == StAddress && awready;
  assign data_valid = cpl_q || (copy_q ? c_data_valid_i : y_data_valid_i);
  assign load = state_q == StData && beats_q != '0 && (!wvalid_q || wready) && data_valid;
  assign sent = state_q == StData && wvalid_q && wready && wlast_q;

  // A job's end with nothing to write goes to its tracker when no burst's address does. Until it
  // is out again no burst begins behind it: that one's answer might come in the cycle in which the
  // end leaves, and would find it instead of its own entry.
  assign y_none = y_valid_i && y_none_i && !y_active_q && state_q != StAddress && !none_q &&
      (y_host_i ? host_room : mem_room);
  assign c_none = c_valid_i && c_none_i && !c_active_q && state_q != StAddress && !none_q &&
      !y_none && (c_host_i ? host_room : mem_room);
  assign hold = none_q || y_none || c_none;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      y_active_q <= 1'b0;
      y_host_q <= 1'b0;
      y_last_q <= 1'b0;
      y_slot_q <= '0;
      y_addr_q <= '0;
      y_left_q <= '0;
      y_tail_q <= '0;
      c_active_q <= 1'b0;
      c_host_q <= 1'b0;
      c_last_q <= 1'b0;
      c_fill_q <= 1'b0;
      c_slot_q <= '0;
      c_addr_q <= '0;
      c_left_q <= '0;
      c_tail_q <= '0;
      c_pattern_q <= '0;
    end else begin
      if (y_valid_i && y_ready_o && !y_none_i) begin
        y_active_q <= 1'b1;
        y_host_q <= y_host_i;
        y_last_q <= y_last_i;
        y_slot_q <= y_slot_i;
        y_addr_q <= y_addr_i;
        y_left_q <= y_bytes_i[63:6] + {57'd0, y_bytes_i[5:0] != '0};
        y_tail_q <= y_bytes_i[5:0];
      end else if (take_y) begin
        y_addr_q <= y_addr_q + {51'd0, y_beats, 6'd0};
        y_left_q <= y_left_q - {51'd0, y_beats};
        y_active_q <= y_left_q != {51'd0, y_beats};
      end
      if (c_valid_i && c_ready_o && !c_none_i) begin
        c_active_q <= 1'b1;
        c_host_q <= c_host_i;
        c_last_q <= c_last_i;
        c_fill_q <= c_fill_i;
        c_slot_q <= c_slot_i;
        c_addr_q <= c_addr_i;
        c_left_q <= c_bytes_i[63:6] + {57'd0, c_bytes_i[5:0] != '0};
        c_tail_q <= c_bytes_i[5:0];
        c_pattern_q <= c_pattern_i;
      end else if (take_c) begin
        c_addr_q <= c_addr_q + {51'd0, c_beats, 6'd0};
        c_left_q <= c_left_q - {51'd0, c_beats};
        c_active_q <= c_left_q != {51'd0, c_beats};
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      host_q <= 1'b0;
      cpl_q <= 1'b0;
      copy_q <= 1'b0;
      final_q <= 1'b0;
      last_q <= 1'b0;
      turn_q <= 1'b0;
      slot_q <= '0;
      wvalid_q <= 1'b0;
      wlast_q <= 1'b0;
      wstrb_q <= '0;
      awaddr_q <= '0;
      awlen_q <= '0;
      beats_q <= '0;
      tail_q <= '0;
    end else begin
      unique case (state_q)
        StIdle: begin
          cpl_q <= take_cpl;
          copy_q <= take_c;
          if (take_cpl) begin
            host_q <= 1'b1;
            awaddr_q <= cpl_addr_i;
            awlen_q <= '0;
            beats_q <= 7'd1;
            state_q <= StAddress;
          end else if (take_y) begin
            host_q <= y_host_q;
            awaddr_q <= y_addr_q;
            awlen_q <= {1'b0, y_beats - 7'd1};
            beats_q <= y_beats;
            tail_q <= y_tail_q;
            slot_q <= y_slot_q;
            final_q <= y_left_q == {51'd0, y_beats};
            last_q <= y_last_q && y_left_q == {51'd0, y_beats};
            turn_q <= 1'b1;
            state_q <= StAddress;
          end else if (take_c) begin
            host_q <= c_host_q;
            awaddr_q <= c_addr_q;
            awlen_q <= {1'b0, c_beats - 7'd1};
            beats_q <= c_beats;
            tail_q <= c_tail_q;
            slot_q <= c_slot_q;
            final_q <= c_left_q == {51'd0, c_beats};
            last_q <= c_last_q && c_left_q == {51'd0, c_beats};
            turn_q <= 1'b0;
            state_q <= StAddress;
          end
        end
        StAddress: if (awready) state_q <= StData;
        StData: begin
          if (load) begin
            wvalid_q <= 1'b1;
            wlast_q <= beats_q == 7'd1;
            if (cpl_q) wstrb_q <= '1;
            else if (copy_q && c_data_bad_i) wstrb_q <= '0;
            else wstrb_q <= (final_q && beats_q == 7'd1) ? tern_pkg::tail_mask(tail_q) : '1;
            beats_q <= beats_q - 7'd1;
          end else if (wready) begin
            wvalid_q <= 1'b0;
          end
          if (sent) state_q <= StIdle;
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      if (cpl_q) wdata_q <= cpl_data_i;
      else if (!copy_q) wdata_q <= y_data_i;
      else if (c_fill_q) wdata_q <= {16{c_pattern_q}};
      else wdata_q <= c_data_i;
    end
  end

  // ------------------------------------------------------------------ what is unanswered
  logic                host_push, mem_push, push_none, push_last, push_host;
  logic [SlotBits-1:0] push_slot;
  logic                host_valid, mem_valid, host_none, host_last, mem_none, mem_last;
  logic                host_pop, mem_pop;
  always_comb begin
    push_none = y_none || c_none;
    push_slot = slot_q;
    push_last = last_q;
    push_host = host_q;
    if (y_none) begin
      push_slot = y_slot_i;
      push_last = y_last_i;
      push_host = y_host_i;
    end else if (c_none) begin
      push_slot = c_slot_i;
      push_last = c_last_i;
      push_host = c_host_i;
    end
  end
  assign host_push = ((aw_done && !cpl_q) || push_none) && push_host;
  assign mem_push = ((aw_done && !cpl_q) || push_none) && !push_host;

  tern_ring #(
    .Width(SlotBits + 2),
    .Depth(16)
  ) u_host_tracker (
    .clk_write_i(clk_i),
    .clk_read_i (clk_i),
    .rst_ni,
    .write_i    (host_push),
    .data_i     ({push_none, push_last, push_slot}),
    .room_o     (host_room),
    .valid_o    (host_valid),
    .data_o     ({host_none, host_last, host_slot_o}),
    .read_i     (host_pop)
  );

  tern_ring #(
    .Width(SlotBits + 2),
    .Depth(16)
  ) u_mem_tracker (
    .clk_write_i(clk_i),
    .clk_read_i (clk_i),
    .rst_ni,
    .write_i    (mem_push),
    .data_i     ({push_none, push_last, push_slot}),
    .room_o     (mem_room),
    .valid_o    (mem_valid),
    .data_o     ({mem_none, mem_last, mem_slot_o}),
    .read_i     (mem_pop)
  );

  assign host_pop = host_valid && (host_none || host_b_data_i);
  assign mem_pop = mem_valid && (mem_none || mem_b_data_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) none_q <= 1'b0;
    else if (push_none) none_q <= 1'b1;
    else if ((host_pop && host_none) || (mem_pop && mem_none)) none_q <= 1'b0;
  end

  assign host_done_o = host_pop && host_last;
  assign mem_done_o = mem_pop && mem_last;
  assign host_fail_o = host_pop && !host_none && host_b_error_i != tern_pkg::Good;
  assign mem_fail_o = mem_pop && !mem_none && mem_b_error_i != tern_pkg::Good;
  assign host_status_o = tern_pkg::status_of(host_b_error_i, 1'b1);
  assign mem_status_o = tern_pkg::status_of(mem_b_error_i, 1'b0);

  assign y_ready_o = y_none_i ? y_none : !y_active_q;
  assign c_ready_o = c_none_i ? c_none : !c_active_q;
  assign y_read_o = load && !cpl_q && !copy_q;
  assign c_read_o = load && copy_q;
  assign c_sent_o = !c_active_q && !(state_q != StIdle && copy_q);
  assign cpl_ready_o = aw_done && cpl_q;
  assign cpl_done_o = host_b_cpl_i;
  assign y_beat_o = wvalid_q && wready && !cpl_q && !copy_q;
  assign c_beat_o = wvalid_q && wready && copy_q;
  assign beat_slot_o = slot_q;

  assign host_awvalid_o = state_q == StAddress && host_q;
  assign mem_awvalid_o = state_q == StAddress && !host_q;
  assign awid_o = cpl_q ? tern_pkg::IdCompletion : tern_pkg::IdData;
  assign awaddr_o = awaddr_q;
  assign awlen_o = awlen_q;
  assign host_wvalid_o = wvalid_q && host_q;
  assign mem_wvalid_o = wvalid_q && !host_q;
  assign wdata_o = wdata_q;
  assign wstrb_o = wstrb_q;
  assign wlast_o = wlast_q;

  assign awake_o = state_q != StIdle || y_active_q || c_active_q || (host_valid && host_none) ||
      (mem_valid && mem_none) || cpl_valid_i || y_valid_i || c_valid_i;
  assign busy_o = awake_o || host_valid || mem_valid;

endmodule
