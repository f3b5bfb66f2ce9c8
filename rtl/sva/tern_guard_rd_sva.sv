// SPDX-License-Identifier: Apache-2.0

// The watchdog of reads, from its ports and an account of its own: nothing is changed while the
// memory answers; every beat that was asked for is answered, once, and soon; a dead port begins
// nothing and lives again only when the memory owes nothing.

`include "tern_assert.svh"

module tern_guard_rd_sva #(
  parameter int unsigned        Units = 2,
  parameter logic [Units*4-1:0] Ids = 8'h21
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic [31:0]      limit_i,
  input logic             ar_valid_i,
  input logic             ar_ready_o,
  input logic [3:0]       ar_id_i,
  input logic [63:0]      ar_addr_i,
  input logic [7:0]       ar_len_i,
  input logic [Units-1:0] r_valid_o,
  input logic             r_bad_o,
  input logic             r_timeout_o,
  input logic             arvalid_o,
  input logic             arready_i,
  input logic [3:0]       arid_o,
  input logic [63:0]      araddr_o,
  input logic [7:0]       arlen_o,
  input logic             rvalid_i,
  input logic [3:0]       rid_i,
  input logic [1:0]       rresp_i,
  input logic             dead_o
);

  // Beats owed to the units together, and by the memory; cycles of silence.
  logic [15:0] owed_q, bus_q;
  logic [31:0] silent_q;
  logic [75:0] ar, bus_ar;

  assign ar = {ar_id_i, ar_addr_i, ar_len_i};
  assign bus_ar = {arid_o, araddr_o, arlen_o};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      owed_q <= '0;
      bus_q <= '0;
      silent_q <= '0;
    end else begin
      owed_q <= owed_q + ((ar_valid_i && ar_ready_o) ? {8'd0, ar_len_i} + 16'd1 : '0) -
          16'(r_valid_o != '0);
      bus_q <= bus_q + ((arvalid_o && arready_i) ? {8'd0, arlen_o} + 16'd1 : '0) -
          16'(rvalid_i);
      silent_q <= (dead_o || rvalid_i || (bus_q == '0 && !arvalid_o)) ? '0 : silent_q + 32'd1;
    end
  end

  `TERN_ASSERT(MemoryAnswersWhatItOwes, rvalid_i |-> bus_q != '0);
  `TERN_ASSERT(ShortBursts, ar_valid_i |-> ar_len_i < 8'd64);
  `TERN_ASSERT_STABLE(Asks, ar_valid_i, ar_ready_o, ar);

  `TERN_ASSERT(LivePassesRequests, !dead_o && arvalid_o |-> ar_valid_i && ar_ready_o == arready_i &&
      bus_ar == ar);
  `TERN_ASSERT(LivePassesAnswers, !dead_o |-> (r_valid_o != '0) == rvalid_i && !r_timeout_o &&
      r_bad_o == (rresp_i != tern_pkg::RespOkay));
  `TERN_ASSERT(OneAnswerACycle, $onehot0(r_valid_o));
  `TERN_ASSERT(AnswersWhatIsOwed, r_valid_o != '0 |-> owed_q != '0);
  `TERN_ASSERT(DeadAnswersAtOnce, dead_o && owed_q != '0 |-> r_valid_o != '0 && r_bad_o &&
      r_timeout_o);
  `TERN_ASSERT(DeadBeginsNothing, dead_o && !arvalid_o |=> !arvalid_o || !dead_o);
  `TERN_ASSERT(BackWhenClean, dead_o |=> dead_o || (bus_q == '0 && owed_q == '0));
  // For a limit that does not change while something is owed.
  `TERN_ASSERT(PatienceEnds, !dead_o && limit_i != '0 |-> silent_q < limit_i);
  `TERN_ASSERT(PatienceLasts, !dead_o |=> !dead_o || $past(silent_q) + 32'd1 == $past(limit_i));
  `TERN_ASSERT_STABLE(Guard, arvalid_o, arready_i, bus_ar);

  for (genvar u = 0; u < Units; u++) begin : gen_unit
    logic [15:0] mine_q;
    logic        asked;
    assign asked = ar_valid_i && ar_ready_o && ar_id_i == Ids[u*4+:4];
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) mine_q <= '0;
      else mine_q <= mine_q + (asked ? {8'd0, ar_len_i} + 16'd1 : '0) - 16'(r_valid_o[u]);
    end
    `TERN_ASSERT(AnswersWhoAsked, r_valid_o[u] |-> mine_q != '0);
    `TERN_ASSERT(PassesToWhoAsked, !dead_o && r_valid_o[u] |-> rid_i == Ids[u*4+:4]);
  end

endmodule

bind tern_guard_rd tern_guard_rd_sva #(.Units(Units), .Ids(Ids)) u_sva (.*);
