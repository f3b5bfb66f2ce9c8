// SPDX-License-Identifier: Apache-2.0

// What AXI4 asks of a master, and what the house asks beyond: whole beats, bursts inside 4 KiB,
// data only after its address, no answer that nobody waits for.

`include "tern_assert.svh"

module tern_axi_sva (
  input logic         clk_i,
  input logic         rst_ni,

  input logic         awvalid,
  input logic         awready,
  input logic [63:0]  awaddr,
  input logic [7:0]   awlen,
  input logic         wvalid,
  input logic         wready,
  input logic [511:0] wdata,
  input logic [63:0]  wstrb,
  input logic         wlast,
  input logic         bvalid,
  input logic         arvalid,
  input logic         arready,
  input logic [63:0]  araddr,
  input logic [7:0]   arlen,
  input logic         rvalid,
  input logic         rlast
);

  logic [75:0]  aw;
  logic [576:0] w;
  logic [71:0]  ar;
  assign aw = {4'd0, awaddr, awlen};
  assign w = {wdata, wstrb, wlast};
  assign ar = {araddr, arlen};

  `TERN_ASSERT_STABLE(Stable, awvalid, awready, aw);
  `TERN_ASSERT_STABLE(Stable, wvalid, wready, w);
  `TERN_ASSERT_STABLE(Stable, arvalid, arready, ar);

  `TERN_ASSERT(AwAligned, awvalid |-> awaddr[5:0] == '0);
  `TERN_ASSERT(ArAligned, arvalid |-> araddr[5:0] == '0);
  `TERN_ASSERT(Aw4K, awvalid |-> {3'd0, awaddr[11:6]} + {1'b0, awlen} < 9'd64);
  `TERN_ASSERT(Ar4K, arvalid |-> {3'd0, araddr[11:6]} + {1'b0, arlen} < 9'd64);

  // Beats that may still be sent, bursts unanswered, beats on their way.
  logic [31:0] w_owed_q, b_owed_q, r_owed_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_owed_q <= '0;
      b_owed_q <= '0;
      r_owed_q <= '0;
    end else begin
      w_owed_q <= w_owed_q + ((awvalid && awready) ? {24'd0, awlen} + 32'd1 : '0) -
          ((wvalid && wready) ? 32'd1 : '0);
      b_owed_q <= b_owed_q + ((wvalid && wready && wlast) ? 32'd1 : '0) - {31'd0, bvalid};
      r_owed_q <= r_owed_q + ((arvalid && arready) ? {24'd0, arlen} + 32'd1 : '0) -
          {31'd0, rvalid};
    end
  end

  `TERN_ASSERT(WAfterAw, wvalid |-> w_owed_q != '0 || (awvalid && awready));
  `TERN_ASSERT(BExpected, bvalid |-> b_owed_q != '0);
  `TERN_ASSERT(RExpected, rvalid |-> r_owed_q != '0);
  `TERN_ASSERT(RLastExpected, rvalid && r_owed_q == 32'd1 |-> rlast);

endmodule
