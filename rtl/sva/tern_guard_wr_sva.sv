// SPDX-License-Identifier: Apache-2.0

// The watchdog of writes, from its ports and an account of its own: nothing is changed while the
// memory answers; every burst of the writer is taken and answered, once, after its last beat; the
// bus sees whole bursts, and after the trip no strobes but those that stood there.

`include "tern_assert.svh"

module tern_guard_wr_sva #(
  parameter logic [3:0] IdA = 4'd1,
  parameter logic [3:0] IdB = 4'd3
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic [31:0]  limit_i,
  input logic         aw_valid_i,
  input logic         aw_ready_o,
  input logic [3:0]   aw_id_i,
  input logic [7:0]   aw_len_i,
  input logic         w_valid_i,
  input logic         w_ready_o,
  input logic         w_last_i,
  input logic         b_a_valid_o,
  input logic         b_b_valid_o,
  input logic         b_bad_o,
  input logic         b_timeout_o,
  input logic         awvalid_o,
  input logic         awready_i,
  input logic [3:0]   awid_o,
  input logic [63:0]  awaddr_o,
  input logic [7:0]   awlen_o,
  input logic         wvalid_o,
  input logic         wready_i,
  input logic [511:0] wdata_o,
  input logic [63:0]  wstrb_o,
  input logic         wlast_o,
  input logic         bvalid_i,
  input logic [3:0]   bid_i,
  input logic [1:0]   bresp_i,
  input logic         dead_o
);

  logic         aw, w, bus_aw, bus_w;
  logic [75:0]  aw_bits;
  logic [576:0] w_bits;

  assign aw = aw_valid_i && aw_ready_o;
  assign w = w_valid_i && w_ready_o;
  assign bus_aw = awvalid_o && awready_i;
  assign bus_w = wvalid_o && wready_i;
  assign aw_bits = {awid_o, awaddr_o, awlen_o};
  assign w_bits = {wdata_o, wstrb_o, wlast_o};

  // Answers owed to the writer and by the memory; beats of the bursts that began on either side.
  logic [15:0] a_q, b_q, bus_q;
  logic [8:0]  core_left_q, bus_left_q;
  logic        core_b_q;
  logic [31:0] silent_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_q <= '0;
      b_q <= '0;
      bus_q <= '0;
      core_left_q <= '0;
      bus_left_q <= '0;
      core_b_q <= 1'b0;
      silent_q <= '0;
    end else begin
      if (aw) core_b_q <= aw_id_i == IdB;
      core_left_q <= core_left_q + (aw ? {1'b0, aw_len_i} + 9'd1 : '0) - 9'(w);
      bus_left_q <= bus_left_q + (bus_aw ? {1'b0, awlen_o} + 9'd1 : '0) - 9'(bus_w);
      a_q <= a_q + 16'(w && w_last_i && !core_b_q) - 16'(b_a_valid_o);
      b_q <= b_q + 16'(w && w_last_i && core_b_q) - 16'(b_b_valid_o);
      bus_q <= bus_q + 16'(bus_w && wlast_o) - 16'(bvalid_i);
      if (dead_o || bvalid_i) silent_q <= '0;
      else if (a_q != '0 || b_q != '0) silent_q <= silent_q + 32'd1;
      else if ((awvalid_o && !awready_i) || (wvalid_o && !wready_i)) silent_q <= silent_q + 32'd1;
      else silent_q <= '0;
    end
  end

  // The writer and the memory keep to what the guard takes for granted.
  `TERN_ASSERT(OneBurstAfterAnother, aw_valid_i |-> core_left_q == '0);
  `TERN_ASSERT(BeatsAfterTheirAddress, w_valid_i |-> core_left_q != '0);
  `TERN_ASSERT(WriterMarksTheLast, w_valid_i |-> w_last_i == (core_left_q == 9'd1));
  `TERN_ASSERT(ShortBursts, aw_valid_i |-> aw_len_i < 8'd64);
  `TERN_ASSERT(MemoryAnswersWhatItOwes, bvalid_i |-> bus_q != '0);

  `TERN_ASSERT(LivePassesRequests, !dead_o && awvalid_o |-> aw_valid_i && aw_ready_o == awready_i);
  `TERN_ASSERT(LivePassesBeats, !dead_o |-> wvalid_o == w_valid_i && w_ready_o == wready_i);
  `TERN_ASSERT(LivePassesAnswers, !dead_o |-> b_a_valid_o == (bvalid_i && bid_i == IdA) &&
      b_b_valid_o == (bvalid_i && bid_i == IdB) && !b_timeout_o &&
      b_bad_o == (bresp_i != tern_pkg::RespOkay));
  `TERN_ASSERT(OneAnswerACycle, !(b_a_valid_o && b_b_valid_o));
  `TERN_ASSERT(AnswersWhatIsOwedA, b_a_valid_o |-> a_q != '0);
  `TERN_ASSERT(AnswersWhatIsOwedB, b_b_valid_o |-> b_q != '0);
  `TERN_ASSERT(DeadTakesBeats, dead_o |-> w_ready_o);
  `TERN_ASSERT(DeadAnswersAtOnce, dead_o && (a_q != '0 || b_q != '0) |->
      (b_a_valid_o || b_b_valid_o) && b_bad_o && b_timeout_o);
  `TERN_ASSERT(DeadBeginsNothing, dead_o && !awvalid_o |=> !awvalid_o || !dead_o);
  `TERN_ASSERT(DeadWritesNothing, $past(dead_o) && dead_o && !$past(wvalid_o && !wready_i) |->
      !wvalid_o || wstrb_o == '0);
  `TERN_ASSERT(BackWhenClean, dead_o |=> dead_o || (bus_q == '0 && bus_left_q == '0 &&
      core_left_q == '0 && a_q == '0 && b_q == '0));
  // For a limit that does not change while something is owed.
  `TERN_ASSERT(PatienceEnds, !dead_o && limit_i != '0 |-> silent_q < limit_i);
  `TERN_ASSERT(PatienceLasts, !dead_o |=> !dead_o || $past(silent_q) + 32'd1 == $past(limit_i));

  `TERN_ASSERT(BusBeatsAfterAddress, wvalid_o |-> bus_left_q != '0);
  `TERN_ASSERT(BusMarksTheLast, wvalid_o |-> wlast_o == (bus_left_q == 9'd1));
  `TERN_ASSERT_STABLE(Guard, awvalid_o, awready_i, aw_bits);
  `TERN_ASSERT_STABLE(Guard, wvalid_o, wready_i, w_bits);

endmodule

bind tern_guard_wr tern_guard_wr_sva #(.IdA(IdA), .IdB(IdB)) u_sva (.*);
