// SPDX-License-Identifier: Apache-2.0

// Single units side by side, driven by unit_test.cpp: the array in a small configuration, the
// FIFO with its assertions, the arbiter, the serial multiplier, and the assertions of an AXI
// master with nothing behind them, so that a test can break every rule.

module units #(
  parameter int unsigned Cols = 2,
  parameter int unsigned KTile = 1024,
  parameter int unsigned RowsTile = 64,
  parameter int unsigned Depth = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         start_i,
  input  logic [1:0]   on_i,
  input  logic         write_i,
  input  logic         write_col_i,
  input  logic [1:0]   write_word_i,
  input  logic [511:0] x0_i,         // 64 activations each
  input  logic [511:0] x1_i,
  input  logic [511:0] x2_i,
  input  logic [511:0] x3_i,
  input  logic         valid_i,
  input  logic [511:0] weights_i,
  input  logic [1:0]   word_i,
  input  logic         first_i,
  input  logic         last_i,
  input  logic         pass_end_i,
  input  logic [6:0]   row_i,
  output logic         row_valid_o,
  output logic [6:0]   row_o,
  output logic [63:0]  row_acc_o,
  output logic         pass_end_o,
  output logic [63:0]  nonzeros_o,

  input  logic         fifo_clear_i,
  input  logic         fifo_write_i,
  input  logic [31:0]  fifo_data_i,
  output logic         fifo_valid_o,
  output logic [31:0]  fifo_data_o,
  input  logic         fifo_read_i,

  input  logic [7:0]   arb_request_i,
  input  logic [2:0]   arb_last_i,
  output logic         arb_valid_o,
  output logic [2:0]   arb_index_o,

  input  logic         mul_start_i,
  input  logic [31:0]  mul_a_i,
  input  logic [31:0]  mul_b_i,
  output logic         mul_done_o,
  output logic [63:0]  mul_product_o,

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

  tern_array #(
    .Cols    (Cols),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_array (
    .clk_i,
    .rst_ni,
    .start_i,
    .on_i,
    .write_i,
    .write_col_i,
    .write_word_i,
    .quarter0_i  (tern_pkg::to_planes(x0_i, '1)),
    .quarter1_i  (tern_pkg::to_planes(x1_i, '1)),
    .quarter2_i  (tern_pkg::to_planes(x2_i, '1)),
    .quarter3_i  (tern_pkg::to_planes(x3_i, '1)),
    .valid_i,
    .weights_i,
    .word_i,
    .first_i,
    .last_i,
    .add_i       (1'b0),
    .block_end_i (1'b0),
    .pass_end_i,
    .row_i,
    .row_valid_o,
    .row_add_o   (),
    .row_o,
    .row_acc_o,
    .block_end_o (),
    .pass_end_o,
    .nonzeros_o,
    .busy_o      ()
  );

  tern_fifo #(
    .Width(32),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i(fifo_clear_i),
    .write_i(fifo_write_i),
    .data_i (fifo_data_i),
    .valid_o(fifo_valid_o),
    .data_o (fifo_data_o),
    .read_i (fifo_read_i)
  );

  tern_fifo_sva #(
    .Depth(Depth)
  ) u_fifo_sva (
    .clk_i,
    .rst_ni,
    .clear_i(fifo_clear_i),
    .write_i(fifo_write_i),
    .valid_o(fifo_valid_o),
    .read_i (fifo_read_i)
  );

  tern_rr_arb #(
    .Requests(8)
  ) u_arb (
    .request_i(arb_request_i),
    .last_i   (arb_last_i),
    .valid_o  (arb_valid_o),
    .index_o  (arb_index_o)
  );

  tern_serial_mul u_mul (
    .clk_i,
    .rst_ni,
    .start_i  (mul_start_i),
    .a_i      (mul_a_i),
    .b_i      (mul_b_i),
    .done_o   (mul_done_o),
    .product_o(mul_product_o)
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
