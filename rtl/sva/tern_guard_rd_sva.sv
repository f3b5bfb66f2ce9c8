// SPDX-License-Identifier: Apache-2.0

// The watchdog of reads, from its ports and an account of its own: nothing is changed while the
// memory answers; every beat that was granted is answered, once, and soon; a dead port begins
// nothing and lives again only when the memory owes nothing.

`include "tern_assert.svh"

module tern_guard_rd_sva #(
  parameter logic [3:0] IdA = 4'd1,
  parameter logic [3:0] IdB = 4'd2
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic [31:0] limit_i,
  input logic        a_valid_i,
  input logic [6:0]  a_beats_i,
  input logic        a_grant_o,
  input logic        b_valid_i,
  input logic [6:0]  b_beats_i,
  input logic        b_grant_o,
  input logic        r_a_valid_o,
  input logic        r_b_valid_o,
  input logic        r_bad_o,
  input logic        r_timeout_o,
  input logic        arvalid_o,
  input logic        arready_i,
  input logic [3:0]  arid_o,
  input logic [63:0] araddr_o,
  input logic [7:0]  arlen_o,
  input logic        rvalid_i,
  input logic [3:0]  rid_i,
  input logic [1:0]  rresp_i,
  input logic        dead_o
);

  // Beats owed to the units, and by the memory; cycles of silence.
  logic [15:0] a_q, b_q, bus_q;
  logic [31:0] silent_q;
  logic [75:0] ar;

  assign ar = {arid_o, araddr_o, arlen_o};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_q <= '0;
      b_q <= '0;
      bus_q <= '0;
      silent_q <= '0;
    end else begin
      a_q <= a_q + (a_grant_o ? {9'd0, a_beats_i} : '0) - 16'(r_a_valid_o);
      b_q <= b_q + (b_grant_o ? {9'd0, b_beats_i} : '0) - 16'(r_b_valid_o);
      bus_q <= bus_q + ((arvalid_o && arready_i) ? {8'd0, arlen_o} + 16'd1 : '0) -
          16'(rvalid_i);
      silent_q <= (dead_o || rvalid_i || (a_q == '0 && b_q == '0)) ? '0 : silent_q + 32'd1;
    end
  end

  `TERN_ASSERT(MemoryAnswersWhatItOwes, rvalid_i |-> bus_q != '0);
  `TERN_ASSERT(BeatsAreABurstA, a_valid_i |-> a_beats_i >= 7'd1 && a_beats_i <= 7'd64);
  `TERN_ASSERT(BeatsAreABurstB, b_valid_i |-> b_beats_i >= 7'd1 && b_beats_i <= 7'd64);
  `TERN_ASSERT(LivePassesAnswers, !dead_o |-> r_a_valid_o == (rvalid_i && rid_i == IdA) &&
      r_b_valid_o == (rvalid_i && rid_i == IdB) && !r_timeout_o &&
      r_bad_o == (rresp_i != tern_pkg::RespOkay));
  `TERN_ASSERT(OneAnswerACycle, !(r_a_valid_o && r_b_valid_o));
  `TERN_ASSERT(AnswersWhatIsOwedA, r_a_valid_o |-> a_q != '0);
  `TERN_ASSERT(AnswersWhatIsOwedB, r_b_valid_o |-> b_q != '0);
  `TERN_ASSERT(DeadAnswersAtOnce, dead_o && (a_q != '0 || b_q != '0) |->
      (r_a_valid_o || r_b_valid_o) && r_bad_o && r_timeout_o);
  `TERN_ASSERT(DeadBeginsNothing, dead_o && !arvalid_o |=> !arvalid_o);
  `TERN_ASSERT(BackWhenClean, dead_o |=>
      dead_o || (bus_q == '0 && !arvalid_o && a_q == '0 && b_q == '0));
  // For a limit that does not change while something is owed.
  `TERN_ASSERT(PatienceEnds, !dead_o && limit_i != '0 |-> silent_q < limit_i);
  `TERN_ASSERT(PatienceLasts, !dead_o |=> !dead_o || $past(silent_q) + 32'd1 == $past(limit_i));
  `TERN_ASSERT_STABLE(Guard, arvalid_o, arready_i, ar);

endmodule

bind tern_guard_rd tern_guard_rd_sva #(.IdA(IdA), .IdB(IdB)) u_sva (.*);
