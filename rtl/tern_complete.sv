// SPDX-License-Identifier: Apache-2.0

// Writes completions into their ring, one at a time, and raises the interrupt once the answer to
// the write is back: who sees the interrupt finds the completion.

module tern_complete #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      cpl_valid_i,
  output logic                      cpl_ready_o,
  input  logic [511:0]              cpl_i,          // its phase is filled in here
  input  logic                      cpl_irq_i,
  input  logic [$clog2(Queues)-1:0] cpl_queue_i,

  input  logic [Queues*32-1:0]      q_cq_base_lo_i,
  input  logic [Queues*32-1:0]      q_cq_base_hi_i,
  input  logic [Queues*32-1:0]      q_ctrl_i,
  input  logic [Queues*32-1:0]      q_cq_tail_i,
  input  logic [Queues-1:0]         phase_i,
  input  logic [Queues-1:0]         orphan_i,
  output logic                      event_valid_o,  // -> queues
  output logic [1:0]                event_o,        // tern_pkg::Cpl*
  input  logic                      event_ready_i,
  output logic                      failed_o,       // a cycle: it could not be written
  output logic [$clog2(Queues)-1:0] queue_o,
  output logic [63:0]               addr_o,
  output logic                      written_o,      // a completion stands in memory

  output logic                      wr_valid_o,     // -> writer
  input  logic                      wr_ready_i,
  output logic [63:0]               wr_addr_o,
  output logic [511:0]              wr_data_o,
  input  logic                      wr_done_i,
  input  logic                      wr_bad_i,

  output logic [Queues-1:0]         irq_o,
  output logic                      busy_o,
  output logic                      awake_o         // not only waiting for the answer
);

  localparam int unsigned Bits = $clog2(Queues);

  typedef enum logic [2:0] {StIdle, StAddress, StTake, StWrite, StAnswer, StGood, StBad} state_e;

  state_e            state_q;
  logic [Bits-1:0]   queue_q;
  logic              irq_q, written_q;
  logic [63:0]       addr_q;
  logic [511:0]      entry_q;
  logic [Queues-1:0] irq_out_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      queue_q <= '0;
      irq_q <= 1'b0;
      written_q <= 1'b0;
      addr_q <= '0;
      irq_out_q <= '0;
    end else begin
      irq_out_q <= '0;
      unique case (state_q)
        StIdle: begin
          if (cpl_valid_i) begin
            queue_q <= cpl_queue_i;
            irq_q <= cpl_irq_i;
            written_q <= 1'b0;
            state_q <= StAddress;
          end
        end
        StAddress: begin
          addr_q <= {q_cq_base_hi_i[{queue_q, 5'd0}+:32], q_cq_base_lo_i[{queue_q, 5'd6}+:26],
              6'd0} + {46'd0, q_cq_tail_i[{queue_q, 5'd0}+:12], 6'd0};
          state_q <= orphan_i[queue_q] ? StGood : StTake;
        end
        // The slot counts as taken before the host can see it: it may ring CQ_HEAD before the
        // answer comes back.
        StTake: if (event_ready_i) state_q <= StWrite;
        StWrite: begin
          written_q <= 1'b1;
          if (wr_ready_i) state_q <= StAnswer;
        end
        StAnswer: if (wr_done_i) state_q <= wr_bad_i ? StBad : StGood;
        StGood: begin
          if (event_ready_i) begin
            if (written_q && irq_q && q_ctrl_i[{queue_q, 5'd1}]) irq_out_q[queue_q] <= 1'b1;
            state_q <= StIdle;
          end
        end
        StBad: if (event_ready_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle && cpl_valid_i) begin
      entry_q <= {7'd0, phase_i[cpl_queue_i], cpl_i[tern_abi_pkg::CompletionPhaseLsb-1:0]};
    end
  end

  assign cpl_ready_o = state_q == StIdle;
  assign event_valid_o = state_q == StTake || state_q == StGood || state_q == StBad;
  always_comb begin
    unique case (state_q)
      StTake: event_o = tern_pkg::CplTakes;
      StGood: event_o = tern_pkg::CplGood;
      default: event_o = tern_pkg::CplBad;
    endcase
  end
  assign failed_o = state_q == StBad && event_ready_i;
  assign written_o = state_q == StGood && event_ready_i && written_q;
  assign queue_o = queue_q;
  assign addr_o = addr_q;
  assign wr_valid_o = state_q == StWrite;
  assign wr_addr_o = addr_q;
  assign wr_data_o = entry_q;
  assign irq_o = irq_out_q;
  assign busy_o = state_q != StIdle || irq_out_q != '0;
  assign awake_o = (state_q != StIdle && state_q != StAnswer) || irq_out_q != '0;

endmodule
