// SPDX-License-Identifier: Apache-2.0

// The assertions that watch an AXI master, with nothing behind them: axi_rules_test.cpp breaks
// every rule.

module axi_rules (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         awvalid_i,
  input  logic         awready_i,
  input  logic [63:0]  awaddr_i,
  input  logic [7:0]   awlen_i,
  input  logic         wvalid_i,
  input  logic         wready_i,
  input  logic [511:0] wdata_i,
  input  logic         wlast_i,
  input  logic         bvalid_i,
  input  logic         arvalid_i,
  input  logic         arready_i,
  input  logic [63:0]  araddr_i,
  input  logic         rvalid_i
);

  tern_axi_sva u_axi_sva (
    .clk_i,
    .rst_ni,
    .awvalid(awvalid_i),
    .awready(awready_i),
    .awaddr (awaddr_i),
    .awlen  (awlen_i),
    .wvalid (wvalid_i),
    .wready (wready_i),
    .wdata  (wdata_i),
    .wstrb  ('1),
    .wlast  (wlast_i),
    .bvalid (bvalid_i),
    .arvalid(arvalid_i),
    .arready(arready_i),
    .araddr (araddr_i),
    .arlen  ('0),
    .rvalid (rvalid_i),
    .rlast  (1'b1)
  );

endmodule
