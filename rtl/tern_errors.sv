// SPDX-License-Identifier: Apache-2.0

// Errors that no completion can report: sets the ERROR bits, keeps the story of the first one, and
// asks for vector 0. Also keeps the first job that failed, which its own completion reports.

module tern_errors #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      fetch_i,
  input  logic [$clog2(Queues)-1:0] fetch_queue_i,
  input  logic [63:0]               fetch_addr_i,
  input  logic                      complete_i,
  input  logic [$clog2(Queues)-1:0] complete_queue_i,
  input  logic [63:0]               complete_addr_i,
  input  logic                      bell_i,
  input  logic [7:0]                bell_queue_i,
  input  logic [31:0]               bell_value_i,

  input  logic                      any_i,        // one of the bits of ERROR for these is set
  input  logic                      job_i,        // a job ended with another status than OK
  input  logic [7:0]                job_queue_i,
  input  logic [7:0]                job_status_i,
  input  logic [15:0]               job_id_i,
  input  logic                      job_any_i,    // ERROR.JOB is set
  output logic [31:0]               queue_o,
  output logic [31:0]               addr_lo_o,
  output logic [31:0]               addr_hi_o,
  output logic [31:0]               job_o,
  output logic                      irq_o
);

  logic [7:0]  queue_q;
  logic [63:0] addr_q;
  logic [31:0] job_q;
  logic        irq_q, event_now;

  assign event_now = fetch_i || complete_i || bell_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      queue_q <= '0;
      addr_q <= '0;
      irq_q <= 1'b0;
      job_q <= '0;
    end else begin
      if (job_i && !job_any_i) job_q <= {job_queue_i, job_status_i, job_id_i};
      irq_q <= event_now;
      if (event_now && !any_i) begin
        if (fetch_i) begin
          queue_q <= 8'(fetch_queue_i);
          addr_q <= fetch_addr_i;
        end else if (complete_i) begin
          queue_q <= 8'(complete_queue_i);
          addr_q <= complete_addr_i;
        end else begin
          queue_q <= bell_queue_i;
          addr_q <= {32'd0, bell_value_i};
        end
      end
    end
  end

  assign queue_o = {24'd0, queue_q};
  assign addr_lo_o = addr_q[31:0];
  assign addr_hi_o = addr_q[63:32];
  assign job_o = job_q;
  assign irq_o = irq_q;

endmodule
