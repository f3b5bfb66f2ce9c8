// SPDX-License-Identifier: Apache-2.0

// Fetches one command at a time from the ring of the queue that is served next, and holds it until
// the decoder takes it: while a job runs, the next command is already here.

module tern_fetch #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      pick_valid_i,
  input  logic [$clog2(Queues)-1:0] pick_queue_i,
  input  logic [Queues*32-1:0]      q_sq_base_lo_i,
  input  logic [Queues*32-1:0]      q_sq_base_hi_i,
  input  logic [Queues*32-1:0]      q_sq_head_i,
  output logic                      event_valid_o,  // -> queues
  output logic [1:0]                event_o,        // tern_pkg::Fetch*
  output logic [$clog2(Queues)-1:0] event_queue_o,
  input  logic                      event_ready_i,
  output logic                      failed_o,       // a cycle: the command could not be read
  output logic [$clog2(Queues)-1:0] queue_o,
  output logic [63:0]               addr_o,         // of the command being fetched

  output logic                      ar_valid_o,     // -> host read port
  input  logic                      ar_grant_i,
  input  logic                      r_valid_i,      // the beat that was asked for
  input  logic [511:0]              r_data_i,
  input  logic                      r_bad_i,

  output logic                      cmd_valid_o,    // -> decoder
  input  logic                      cmd_ready_i,
  output logic [511:0]              cmd_o,

  output logic                      busy_o,
  output logic                      awake_o         // not only waiting for the beat
);

  typedef enum logic [2:0] {StIdle, StAddress, StRequest, StWait, StGood, StBad, StHold} state_e;

  state_e                    state_q;
  logic [$clog2(Queues)-1:0] queue_q;
  logic [63:0]               addr_q;
  logic [511:0]              cmd_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      queue_q <= '0;
      addr_q <= '0;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (pick_valid_i && event_ready_i) begin
            queue_q <= pick_queue_i;
            state_q <= StAddress;
          end
        end
        StAddress: begin
          addr_q <= {q_sq_base_hi_i[{queue_q, 5'd0}+:32], q_sq_base_lo_i[{queue_q, 5'd6}+:26],
              6'd0} + {46'd0, q_sq_head_i[{queue_q, 5'd0}+:12], 6'd0};
          state_q <= StRequest;
        end
        StRequest: if (ar_grant_i) state_q <= StWait;
        StWait: if (r_valid_i) state_q <= r_bad_i ? StBad : StGood;
        StGood: if (event_ready_i) state_q <= StHold;
        StBad: if (event_ready_i) state_q <= StIdle;
        StHold: if (cmd_ready_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StWait && r_valid_i) cmd_q <= r_data_i;
  end

  always_comb begin
    unique case (state_q)
      StIdle: event_o = tern_pkg::FetchBegins;
      StGood: event_o = tern_pkg::FetchGood;
      default: event_o = tern_pkg::FetchBad;
    endcase
  end

  assign event_valid_o = (state_q == StIdle && pick_valid_i) || state_q == StGood ||
      state_q == StBad;
  assign event_queue_o = state_q == StIdle ? pick_queue_i : queue_q;
  assign failed_o = state_q == StBad && event_ready_i;
  assign queue_o = queue_q;
  assign addr_o = addr_q;
  assign ar_valid_o = state_q == StRequest;
  assign cmd_valid_o = state_q == StHold;
  assign cmd_o = cmd_q;
  assign busy_o = state_q != StIdle;
  assign awake_o = state_q != StIdle && state_q != StWait;

endmodule
