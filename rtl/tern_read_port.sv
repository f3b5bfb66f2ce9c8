// SPDX-License-Identifier: Apache-2.0

// The read side of a memory port: watchdog, then registers in both directions. Addresses come on the
// control clock; data on clk_i, which is the same or, where weights stream, the one that always runs.

module tern_read_port #(
  parameter int unsigned        Units = 2,
  parameter logic [Units*4-1:0] Ids = {tern_pkg::IdWeights, tern_pkg::IdData}  // a unit each
) (
  input  logic             clk_i,
  input  logic             clk_ctl_i,
  input  logic             rst_ni,
  input  logic [31:0]      limit_i,       // the watchdog's patience

  // The units, as tern_guard_rd knows them.
  input  logic             ar_valid_i,
  output logic             ar_ready_o,
  input  logic [3:0]       ar_id_i,
  input  logic [63:0]      ar_addr_i,
  input  logic [7:0]       ar_len_i,
  output logic [Units-1:0] r_valid_o,
  output logic [511:0]     r_data_o,
  output logic [1:0]       r_error_o,     // tern_pkg::Good, Refused, Overdue

  // The bus.
  output logic             arvalid_o,
  input  logic             arready_i,
  output logic [3:0]       arid_o,
  output logic [63:0]      araddr_o,
  output logic [7:0]       arlen_o,
  output logic [2:0]       arsize_o,
  output logic [1:0]       arburst_o,
  input  logic             rvalid_i,
  output logic             rready_o,
  input  logic [3:0]       rid_i,
  input  logic [511:0]     rdata_i,
  input  logic [1:0]       rresp_i,

  output logic             sending_o,     // an address waits for the bus
  output logic             answer_o,      // an answer of the bus is being looked at
  output logic             dead_o
);

  logic        ar_valid, ar_ready, r_bad, r_late;
  logic [3:0]  ar_id;
  logic [63:0] ar_addr;
  logic [7:0]  ar_len;

  logic         rvalid_q;
  logic [3:0]   rid_q;
  logic [1:0]   rresp_q;
  logic [511:0] rdata_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rvalid_q <= 1'b0;
    else rvalid_q <= rvalid_i;
  end
  always_ff @(posedge clk_i) begin
    if (rvalid_i) begin
      rid_q <= rid_i;
      rresp_q <= rresp_i;
      rdata_q <= rdata_i;
    end
  end

  tern_guard_rd #(
    .Units(Units),
    .Ids  (Ids)
  ) u_guard (
    .clk_i,
    .rst_ni,
    .limit_i,
    .ar_valid_i,
    .ar_ready_o,
    .ar_id_i,
    .ar_addr_i,
    .ar_len_i,
    .r_valid_o,
    .r_bad_o    (r_bad),
    .r_timeout_o(r_late),
    .arvalid_o  (ar_valid),
    .arready_i  (ar_ready),
    .arid_o     (ar_id),
    .araddr_o   (ar_addr),
    .arlen_o    (ar_len),
    .rvalid_i   (rvalid_q),
    .rid_i      (rid_q),
    .rresp_i    (rresp_q),
    .dead_o
  );

  tern_slice #(
    .Width(76)
  ) u_slice (
    .clk_i  (clk_ctl_i),
    .rst_ni,
    .valid_i(ar_valid),
    .ready_o(ar_ready),
    .data_i ({ar_id, ar_len, ar_addr}),
    .valid_o(arvalid_o),
    .ready_i(arready_i),
    .data_o ({arid_o, arlen_o, araddr_o}),
    .busy_o (sending_o)
  );

  assign r_data_o = rdata_q;
  assign r_error_o = tern_pkg::error_of(r_bad, r_late);
  assign arsize_o = tern_pkg::BeatSize;
  assign arburst_o = tern_pkg::BurstIncr;
  assign rready_o = 1'b1;   // what was asked for has its place
  assign answer_o = rvalid_q;

endmodule
