// SPDX-License-Identifier: Apache-2.0

// The write side of a memory port: watchdog, then registers in both directions. Data never overtake
// their address.

module tern_write_port (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [31:0]  limit_i,      // the watchdog's patience

  // The writer, as tern_guard_wr knows it.
  input  logic         aw_valid_i,
  output logic         aw_ready_o,
  input  logic [3:0]   aw_id_i,
  input  logic [63:0]  aw_addr_i,
  input  logic [7:0]   aw_len_i,
  input  logic         w_valid_i,
  output logic         w_ready_o,
  input  logic [511:0] w_data_i,
  input  logic [63:0]  w_strb_i,
  input  logic         w_last_i,
  output logic         b_data_o,     // an answer: to a burst of data,
  output logic         b_cpl_o,      // ... to a completion
  output logic [1:0]   b_error_o,    // tern_pkg::Good, Refused, Overdue

  // The bus.
  output logic         awvalid_o,
  input  logic         awready_i,
  output logic [3:0]   awid_o,
  output logic [63:0]  awaddr_o,
  output logic [7:0]   awlen_o,
  output logic [2:0]   awsize_o,
  output logic [1:0]   awburst_o,
  output logic         wvalid_o,
  input  logic         wready_i,
  output logic [511:0] wdata_o,
  output logic [63:0]  wstrb_o,
  output logic         wlast_o,
  input  logic         bvalid_i,
  output logic         bready_o,
  input  logic [3:0]   bid_i,
  input  logic [1:0]   bresp_i,

  output logic         sending_o,    // something waits for the bus
  output logic         answer_o,     // an answer of the bus is being looked at
  output logic         dead_o
);

  logic         aw_valid, aw_ready, aw_busy, w_valid, w_ready, w_place, w_last, w_busy, b_bad, b_late;
  logic [3:0]   aw_id;
  logic [63:0]  aw_addr, w_strb;
  logic [7:0]   aw_len;
  logic [511:0] w_data;

  logic         bvalid_q;
  logic [3:0]   bid_q;
  logic [1:0]   bresp_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) bvalid_q <= 1'b0;
    else bvalid_q <= bvalid_i;
  end
  always_ff @(posedge clk_i) begin
    bid_q <= bid_i;
    bresp_q <= bresp_i;
  end

  tern_guard_wr u_guard (
    .clk_i,
    .rst_ni,
    .limit_i,
    .aw_valid_i,
    .aw_ready_o,
    .aw_id_i,
    .aw_addr_i,
    .aw_len_i,
    .w_valid_i,
    .w_ready_o,
    .w_data_i,
    .w_strb_i,
    .w_last_i,
    .b_a_valid_o(b_data_o),
    .b_b_valid_o(b_cpl_o),
    .b_bad_o    (b_bad),
    .b_timeout_o(b_late),
    .awvalid_o  (aw_valid),
    .awready_i  (aw_ready),
    .awid_o     (aw_id),
    .awaddr_o   (aw_addr),
    .awlen_o    (aw_len),
    .wvalid_o   (w_valid),
    .wready_i   (w_ready),
    .wdata_o    (w_data),
    .wstrb_o    (w_strb),
    .wlast_o    (w_last),
    .bvalid_i   (bvalid_q),
    .bid_i      (bid_q),
    .bresp_i    (bresp_q),
    .dead_o
  );

  tern_slice #(
    .Width(76)
  ) u_slice_aw (
    .clk_i,
    .rst_ni,
    .valid_i(aw_valid),
    .ready_o(aw_ready),
    .data_i ({aw_id, aw_len, aw_addr}),
    .valid_o(awvalid_o),
    .ready_i(awready_i),
    .data_o ({awid_o, awlen_o, awaddr_o}),
    .busy_o (aw_busy)
  );

  tern_slice #(
    .Width(577)
  ) u_slice_w (
    .clk_i,
    .rst_ni,
    .valid_i(w_valid && !aw_busy),
    .ready_o(w_place),
    .data_i ({w_last, w_strb, w_data}),
    .valid_o(wvalid_o),
    .ready_i(wready_i),
    .data_o ({wlast_o, wstrb_o, wdata_o}),
    .busy_o (w_busy)
  );

  assign w_ready = w_place && !aw_busy;
  assign b_error_o = tern_pkg::error_of(b_bad, b_late);
  assign awsize_o = tern_pkg::BeatSize;
  assign awburst_o = tern_pkg::BurstIncr;
  assign bready_o = 1'b1;   // every answer has a place waiting for it
  assign sending_o = aw_busy || w_busy;
  assign answer_o = bvalid_q;

endmodule
