// SPDX-License-Identifier: Apache-2.0

// The register port: an answer waits for its taker, every request has one, and soon.

`include "tern_assert.svh"

module tern_axil_sva (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        awvalid_i,
  input logic        awready_o,
  input logic        wvalid_i,
  input logic        wready_o,
  input logic        bvalid_o,
  input logic        bready_i,
  input logic [1:0]  bresp_o,
  input logic        arvalid_i,
  input logic        arready_o,
  input logic        rvalid_o,
  input logic        rready_i,
  input logic [31:0] rdata_o,
  input logic [1:0]  rresp_o,
  input logic        busy_o,
  input logic        doorbell_valid_o
);

  localparam logic [1:0] Okay = 2'b00;
  localparam logic [1:0] SlvErr = 2'b10;

  // Requests taken and not yet answered.
  logic [7:0] aw_open_q, w_open_q, ar_open_q;
  logic       aw, w, b, ar, r, write_open;

  assign aw = awvalid_i && awready_o;
  assign w = wvalid_i && wready_o;
  assign b = bvalid_o && bready_i;
  assign ar = arvalid_i && arready_o;
  assign r = rvalid_o && rready_i;
  assign write_open = aw_open_q != '0 && w_open_q != '0;

  logic [33:0] r_payload;
  assign r_payload = {rdata_o, rresp_o};

  // Cycles that a request has waited for its answer.
  logic [2:0] write_waits_q, read_waits_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_open_q <= '0;
      w_open_q <= '0;
      ar_open_q <= '0;
      write_waits_q <= '0;
      read_waits_q <= '0;
    end else begin
      write_waits_q <= (write_open && !bvalid_o) ? write_waits_q + 1'b1 : '0;
      read_waits_q <= (ar_open_q != '0 && !rvalid_o) ? read_waits_q + 1'b1 : '0;
      aw_open_q <= aw_open_q + 8'(aw) - 8'(b);
      w_open_q <= w_open_q + 8'(w) - 8'(b);
      ar_open_q <= ar_open_q + 8'(ar) - 8'(r);
    end
  end

  `TERN_ASSERT_STABLE(Waits, bvalid_o, bready_i, bresp_o);
  `TERN_ASSERT_STABLE(Waits, rvalid_o, rready_i, r_payload);
  `TERN_ASSERT(WriteAnswerHasItsRequest, bvalid_o |-> write_open);
  `TERN_ASSERT(ReadAnswerHasItsRequest, rvalid_o |-> ar_open_q != '0);
  `TERN_ASSERT(WriteIsAnswered, write_waits_q <= 3'd4);
  `TERN_ASSERT(ReadIsAnswered, read_waits_q <= 3'd4);
  `TERN_ASSERT(WriteAnswerIsKnown, bvalid_o |-> bresp_o == Okay || bresp_o == SlvErr);
  `TERN_ASSERT(ReadAnswerIsKnown, rvalid_o |-> rresp_o == Okay || rresp_o == SlvErr);
  `TERN_ASSERT(RefusedReadsAreZero, rvalid_o |-> rresp_o == Okay || rdata_o == '0);
  `TERN_ASSERT(BusyWhileOpen, !busy_o |->
      aw_open_q == '0 && w_open_q == '0 && ar_open_q == '0);
  `TERN_ASSERT(DoorbellIsOneCycle, doorbell_valid_o |=> !doorbell_valid_o);

endmodule

bind tern_reg_top tern_axil_sva u_sva (
  .clk_i,
  .rst_ni,
  .awvalid_i(s_axil_awvalid_i),
  .awready_o(s_axil_awready_o),
  .wvalid_i (s_axil_wvalid_i),
  .wready_o (s_axil_wready_o),
  .bvalid_o (s_axil_bvalid_o),
  .bready_i (s_axil_bready_i),
  .bresp_o  (s_axil_bresp_o),
  .arvalid_i(s_axil_arvalid_i),
  .arready_o(s_axil_arready_o),
  .rvalid_o (s_axil_rvalid_o),
  .rready_i (s_axil_rready_i),
  .rdata_o  (s_axil_rdata_o),
  .rresp_o  (s_axil_rresp_o),
  .busy_o,
  .doorbell_valid_o
);
