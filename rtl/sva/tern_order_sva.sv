// SPDX-License-Identifier: Apache-2.0

// Exactly one completion a command, in the order of its queue, in its place in the ring; and the
// interrupt only once the completion stands in memory. Commands of a queue that was turned off
// are not written.

`include "tern_assert.svh"

module tern_order_sva #(
  parameter int unsigned Queues = 8
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input logic                      busy_i,

  input logic                      fetched_i,        // a command goes to the decoder
  input logic [$clog2(Queues)-1:0] fetched_queue_i,
  input logic [511:0]              fetched_cmd_i,
  input logic                      done_i,           // a job hands over its completion
  input logic [$clog2(Queues)-1:0] done_queue_i,
  input logic [511:0]              done_cpl_i,
  input logic                      write_i,          // a completion goes to the writer
  input logic [$clog2(Queues)-1:0] write_queue_i,
  input logic [63:0]               write_addr_i,
  input logic [511:0]              write_data_i,
  input logic                      answer_i,         // and is in memory
  input logic                      answer_bad_i,
  input logic [Queues-1:0]         orphan_i,

  input logic [Queues*32-1:0]      q_cq_base_lo_i,
  input logic [Queues*32-1:0]      q_cq_base_hi_i,
  input logic [Queues*32-1:0]      q_ctrl_i,
  input logic [Queues-1:0]         irq_i,
  input logic                      error_irq_i
);

  localparam int unsigned Bits = $clog2(Queues);
  localparam int unsigned Depth = 8;  // commands of a queue between fetch and completion

  // What was fetched: {asks for an interrupt, id}.
  logic [16:0] ring_q[Queues*Depth];
  logic [2:0]  first_q[Queues];
  logic [3:0]  count_q[Queues];

  // The completion that is on its way: handed over, written, answered.
  logic            open_q, written_q, irq_q;
  logic [Bits-1:0] queue_q;
  logic [15:0]     id_q;

  logic [16:0] oldest;
  logic [15:0] done_id, write_id;
  assign oldest = ring_q[{done_queue_i, first_q[done_queue_i]}];
  // Read out here: a property can't look into an array in Verilator 5.006.
  logic [3:0] fetched_count, done_count;
  assign fetched_count = count_q[fetched_queue_i];
  assign done_count = count_q[done_queue_i];
  assign done_id = done_cpl_i[tern_abi_pkg::CompletionIdLsb+:16];
  assign write_id = write_data_i[tern_abi_pkg::CompletionIdLsb+:16];

  // An interrupt that may come, and one that must.
  logic [Queues-1:0] may_q, must_q;

  logic [Queues*4-1:0] counts;
  for (genvar q = 0; q < Queues; q++) begin : gen_counts
    assign counts[q*4+:4] = count_q[q];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
      written_q <= 1'b0;
      irq_q <= 1'b0;
      queue_q <= '0;
      id_q <= '0;
      may_q <= '0;
      must_q <= '0;
      for (int unsigned q = 0; q < Queues; q++) begin
        first_q[q] <= '0;
        count_q[q] <= '0;
      end
    end else begin
      for (int unsigned q = 0; q < Queues; q++) begin
        count_q[q] <= count_q[q] + 4'(fetched_i && 32'(fetched_queue_i) == q) -
            4'(done_i && 32'(done_queue_i) == q);
        first_q[q] <= first_q[q] + 3'(done_i && 32'(done_queue_i) == q);
        if (irq_i[q] || !q_ctrl_i[q*32+1]) must_q[q] <= 1'b0;
        if (irq_i[q]) may_q[q] <= 1'b0;
      end
      if (fetched_i) begin
        ring_q[{fetched_queue_i, first_q[fetched_queue_i] + count_q[fetched_queue_i][2:0]}] <=
            {fetched_cmd_i[tern_abi_pkg::CommandFlagsLsb+tern_abi_pkg::CommandFlagIrqBit],
             fetched_cmd_i[tern_abi_pkg::CommandIdLsb+:16]};
      end
      if (done_i) begin
        open_q <= 1'b1;
        written_q <= 1'b0;
        queue_q <= done_queue_i;
        id_q <= done_id;
        irq_q <= oldest[16];
      end
      if (write_i) written_q <= 1'b1;
      if (answer_i) begin
        open_q <= 1'b0;
        if (irq_q && !answer_bad_i) begin
          may_q[queue_q] <= 1'b1;
          must_q[queue_q] <= q_ctrl_i[{queue_q, 5'd1}];
        end
      end
    end
  end

  `TERN_ASSERT(CheckerHasRoom, fetched_i |-> fetched_count < 4'(Depth));
  `TERN_ASSERT(CompletesWhatWasFetched, done_i |-> done_count != '0);
  `TERN_ASSERT(CompletesInOrder, done_i |-> done_id == oldest[15:0]);
  // The one before was written, unless its queue had been turned off.
  `TERN_ASSERT(CompletionIsWritten, done_i && open_q |-> !written_q &&
      (orphan_i[queue_q] || !q_ctrl_i[{queue_q, 5'd0}] || orphaned_q));
  `TERN_ASSERT(WritesOnce, write_i |-> open_q && !written_q);
  `TERN_ASSERT(WritesWhatIsDone, write_i |-> write_queue_i == queue_q && write_id == id_q);
  `TERN_ASSERT(AnswersWhatIsWritten, answer_i |-> open_q && written_q);
  `TERN_ASSERT(AllDoneAtRest, !busy_i |-> counts == '0 && (!open_q || !written_q));

  // It was an orphan when it was handed over or since.
  logic orphaned_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) orphaned_q <= 1'b0;
    else if (done_i) orphaned_q <= orphan_i[done_queue_i];
    else orphaned_q <= orphaned_q || orphan_i[queue_q];
  end

  // Into the ring: its base plus an index of at most 12 bits, in whole entries.
  logic [63:0] into_ring;
  assign into_ring = write_addr_i - {q_cq_base_hi_i[{write_queue_i, 5'd0}+:32],
      q_cq_base_lo_i[{write_queue_i, 5'd6}+:26], 6'd0};
  `TERN_ASSERT(WritesIntoItsRing, write_i |-> into_ring[63:18] == '0 && into_ring[5:0] == '0);

  for (genvar q = 0; q < Queues; q++) begin : gen_irq
    `TERN_ASSERT(IrqAfterCompletion, irq_i[q] |-> may_q[q] || (q == 0 && error_irq_i));
    `TERN_ASSERT(IrqIsNotLost, !busy_i |-> !must_q[q]);
  end

endmodule

bind tern_top tern_order_sva #(.Queues(Queues)) u_order_sva (
  .clk_i          (clk_ctl_i),
  .rst_ni         (core_rst_n),
  .busy_i         (busy_o),
  .fetched_i      (cmd_valid && cmd_ready),
  .fetched_queue_i(fetch_queue),
  .fetched_cmd_i  (cmd),
  .done_i         (retire_valid && retire_ready),
  .done_queue_i   (retire_slot[SlotBits-1:2]),
  .done_cpl_i     (cpl),
  .write_i        (cpl_wr_valid && cpl_wr_ready),
  .write_queue_i  (complete_queue),
  .write_addr_i   (cpl_wr_addr),
  .write_data_i   (cpl_wr_data),
  .answer_i       (cpl_wr_done),
  .answer_bad_i   (host_b_error != tern_pkg::Good),
  .orphan_i       (orphan),
  .q_cq_base_lo_i (q_cq_base_lo),
  .q_cq_base_hi_i (q_cq_base_hi),
  .q_ctrl_i       (q_ctrl),
  .irq_i          (irq_o),
  .error_irq_i    (error_irq)
);
