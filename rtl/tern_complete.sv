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
  input  logic [Queues*12-1:0]      cq_tail_i,
  input  logic [Queues-1:0]         phase_i,
  input  logic [Queues-1:0]         orphan_i,
  output logic                      complete_o,     // a slot is taken
  output logic                      completed_o,    // and answered, or nothing was to be written
  output logic                      failed_o,       // ... with an error
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
  output logic                      busy_o
);

  localparam int unsigned Bits = $clog2(Queues);

  typedef enum logic [1:0] {StIdle, StAddress, StWrite, StAnswer} state_e;

  state_e            state_q;
  logic [Bits-1:0]   queue_q;
  logic              irq_q;
  logic [63:0]       addr_q;
  logic [511:0]      entry_q;
  logic [Queues-1:0] irq_out_q;
  logic [11:0]       tail;

  always_comb begin
    tail = '0;
    if (state_q == StAddress) begin
      for (int unsigned q = 0; q < Queues; q++) begin
        if (queue_q == Bits'(q)) tail = cq_tail_i[q*12+:12];
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      queue_q <= '0;
      irq_q <= 1'b0;
      addr_q <= '0;
      irq_out_q <= '0;
    end else begin
      irq_out_q <= '0;
      unique case (state_q)
        StIdle: begin
          if (cpl_valid_i) begin
            queue_q <= cpl_queue_i;
            irq_q <= cpl_irq_i;
            state_q <= StAddress;
          end
        end
        StAddress: begin
          addr_q <= {q_cq_base_hi_i[{queue_q, 5'd0}+:32], q_cq_base_lo_i[{queue_q, 5'd6}+:26],
              6'd0} + {46'd0, tail, 6'd0};
          state_q <= orphan_i[queue_q] ? StIdle : StWrite;
        end
        StWrite: if (wr_ready_i) state_q <= StAnswer;
        StAnswer: begin
          if (wr_done_i) begin
            if (!wr_bad_i && irq_q && q_ctrl_i[{queue_q, 5'd1}]) irq_out_q[queue_q] <= 1'b1;
            state_q <= StIdle;
          end
        end
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
  // The slot counts as taken before the host can see it: it may ring CQ_HEAD before the answer.
  assign complete_o = state_q == StWrite && wr_ready_i;
  assign completed_o = (state_q == StAnswer && wr_done_i) ||
      (state_q == StAddress && orphan_i[queue_q]);
  assign failed_o = state_q == StAnswer && wr_done_i && wr_bad_i;
  assign written_o = state_q == StAnswer && wr_done_i && !wr_bad_i;
  assign queue_o = queue_q;
  assign addr_o = addr_q;
  assign wr_valid_o = state_q == StWrite;
  assign wr_addr_o = addr_q;
  assign wr_data_o = entry_q;
  assign irq_o = irq_out_q;
  assign busy_o = state_q != StIdle || irq_out_q != '0;

endmodule
