// SPDX-License-Identifier: Apache-2.0

// What the writer remembers of a space: every burst of data that was begun is answered once, by
// the entry that stands for it, and the end of a job that writes nothing waits for its turn.

`include "tern_assert.svh"

module tern_writes_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic aw_i,          // a burst of data begins
  input logic none_i,        // the end of a job, without one
  input logic answer_i,      // a burst of data is answered
  input logic valid_i,       // the oldest entry
  input logic valid_none_i,
  input logic pop_i,
  input logic done_i,
  input logic fail_i
);

  logic [15:0] bursts_q;     // begun and not answered

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) bursts_q <= '0;
    else bursts_q <= bursts_q + 16'(aw_i) - 16'(answer_i);
  end

  `TERN_ASSERT(OneAtATime, !(aw_i && none_i));
  `TERN_ASSERT(AnswersWhatIsOwed, answer_i |-> bursts_q != '0);
  `TERN_ASSERT(AnswerFindsItsEntry, answer_i |-> valid_i && !valid_none_i && pop_i);
  `TERN_ASSERT(EntryWaitsForAnswer, pop_i && !valid_none_i |-> answer_i);
  `TERN_ASSERT(EmptyWhenAnswered, !valid_i |-> bursts_q == '0);
  `TERN_ASSERT(TellsWhatIsThere, done_i || fail_i |-> pop_i);

endmodule

bind tern_dma_wr tern_writes_sva u_host_sva (
  .clk_i,
  .rst_ni,
  .aw_i        (aw_done && !cpl_q && host_q),
  .none_i      (push_none && push_host),
  .answer_i    (host_b_data_i),
  .valid_i     (host_valid),
  .valid_none_i(host_none),
  .pop_i       (host_pop),
  .done_i      (host_done_o),
  .fail_i      (host_fail_o)
);

bind tern_dma_wr tern_writes_sva u_mem_sva (
  .clk_i,
  .rst_ni,
  .aw_i        (aw_done && !cpl_q && !host_q),
  .none_i      (push_none && !push_host),
  .answer_i    (mem_b_data_i),
  .valid_i     (mem_valid),
  .valid_none_i(mem_none),
  .pop_i       (mem_pop),
  .done_i      (mem_done_o),
  .fail_i      (mem_fail_o)
);
