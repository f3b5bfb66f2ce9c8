// SPDX-License-Identifier: Apache-2.0

// Each burst of an AXI4 master by itself (tern_axi_sva counts beats of all together): its last beat
// is marked and no other, answers come in the order of the addresses, with their ids, and the device
// says that it is busy as long as anything is open.

`include "tern_assert.svh"

module tern_axi_order_sva #(
  parameter int unsigned Depth = 1024  // bursts that may be open; the device has far fewer
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         busy_i,     // of the device
  input logic         awvalid_i,
  input logic         awready_i,
  input logic [3:0]   awid_i,
  input logic [7:0]   awlen_i,
  input logic [2:0]   awsize_i,
  input logic [1:0]   awburst_i,
  input logic         wvalid_i,
  input logic         wready_i,
  input logic         wlast_i,
  input logic         bvalid_i,
  input logic         bready_i,
  input logic [3:0]   bid_i,
  input logic         arvalid_i,
  input logic         arready_i,
  input logic [3:0]   arid_i,
  input logic [7:0]   arlen_i,
  input logic [2:0]   arsize_i,
  input logic [1:0]   arburst_i,
  input logic         rvalid_i,
  input logic         rready_i,
  input logic [3:0]   rid_i,
  input logic         rlast_i
);

  localparam int unsigned Bits = $clog2(Depth);

  logic aw, w, b, ar, r;
  assign aw = awvalid_i && awready_i;
  assign w = wvalid_i && wready_i;
  assign b = bvalid_i && bready_i;
  assign ar = arvalid_i && arready_i;
  assign r = rvalid_i && rready_i;

  // ------------------------------------------------------------------ writes
  // Bursts in the order of their addresses: {id, len}; counts of addresses, of bursts whose data
  // are through, of answers.
  logic [11:0]   write_ring_q[Depth];
  logic [Bits:0] aw_q, w_q, b_q;
  logic [7:0]    w_beat_q, w_len;
  logic          w_open;

  logic [3:0]    b_id, r_id;
  logic [7:0]    r_len;

  // Read out here: a property can't look into an array in Verilator 5.006.
  assign b_id = write_ring_q[b_q[Bits-1:0]][11:8];
  assign {r_id, r_len} = read_ring_q[r_q[Bits-1:0]];
  assign w_open = aw_q != w_q;
  assign w_len = w_open ? write_ring_q[w_q[Bits-1:0]][7:0] : awlen_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_q <= '0;
      w_q <= '0;
      b_q <= '0;
      w_beat_q <= '0;
    end else begin
      if (aw) begin
        write_ring_q[aw_q[Bits-1:0]] <= {awid_i, awlen_i};
        aw_q <= aw_q + 1'b1;
      end
      if (w) begin
        w_beat_q <= wlast_i ? '0 : w_beat_q + 1'b1;
        if (wlast_i) w_q <= w_q + 1'b1;
      end
      if (b) b_q <= b_q + 1'b1;
    end
  end

  `TERN_ASSERT(WriteDataNotBeforeAddress, w |-> w_open || aw);
  `TERN_ASSERT(WriteLastIsLast, w |-> wlast_i == (w_beat_q == w_len));
  `TERN_ASSERT(WriteAnswerHasItsBurst, b |-> w_q != b_q);
  `TERN_ASSERT(WriteAnswersInOrder, b |-> bid_i == b_id);

  // ------------------------------------------------------------------ reads
  logic [11:0]   read_ring_q[Depth];
  logic [Bits:0] ar_q, r_q;
  logic [7:0]    r_beat_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ar_q <= '0;
      r_q <= '0;
      r_beat_q <= '0;
    end else begin
      if (ar) begin
        read_ring_q[ar_q[Bits-1:0]] <= {arid_i, arlen_i};
        ar_q <= ar_q + 1'b1;
      end
      if (r) begin
        r_beat_q <= rlast_i ? '0 : r_beat_q + 1'b1;
        if (rlast_i) r_q <= r_q + 1'b1;
      end
    end
  end

  `TERN_ASSERT(ReadDataHasItsBurst, r |-> ar_q != r_q);
  `TERN_ASSERT(ReadDataInOrder, r |-> rid_i == r_id);
  `TERN_ASSERT(ReadLastIsLast, r |-> rlast_i == (r_beat_q == r_len));

  // ------------------------------------------------------------------ both
  `TERN_ASSERT(WriteIsIncr64, awvalid_i |-> awsize_i == 3'd6 && awburst_i == 2'b01);
  `TERN_ASSERT(ReadIsIncr64, arvalid_i |-> arsize_i == 3'd6 && arburst_i == 2'b01);
  `TERN_ASSERT_STABLE(Ids, awvalid_i, awready_i, awid_i);
  `TERN_ASSERT_STABLE(Ids, arvalid_i, arready_i, arid_i);
  `TERN_ASSERT(CheckerHasRoom, aw_q - b_q < (Bits + 1)'(Depth) &&
      ar_q - r_q < (Bits + 1)'(Depth));
  `TERN_ASSERT(BusyWhileOpen, !busy_i |->
      aw_q == b_q && ar_q == r_q && !awvalid_i && !wvalid_i && !arvalid_i);

endmodule

// A soft reset drops what is outstanding.
bind tern_top tern_axi_order_sva u_host_order_sva (
  .clk_i,
  .rst_ni   (rst_ni && !soft_rst_o),
  .busy_i   (busy_o),
  .awvalid_i(m_axi_host_awvalid_o),
  .awready_i(m_axi_host_awready_i),
  .awid_i   (m_axi_host_awid_o),
  .awlen_i  (m_axi_host_awlen_o),
  .awsize_i (m_axi_host_awsize_o),
  .awburst_i(m_axi_host_awburst_o),
  .wvalid_i (m_axi_host_wvalid_o),
  .wready_i (m_axi_host_wready_i),
  .wlast_i  (m_axi_host_wlast_o),
  .bvalid_i (m_axi_host_bvalid_i),
  .bready_i (m_axi_host_bready_o),
  .bid_i    (m_axi_host_bid_i),
  .arvalid_i(m_axi_host_arvalid_o),
  .arready_i(m_axi_host_arready_i),
  .arid_i   (m_axi_host_arid_o),
  .arlen_i  (m_axi_host_arlen_o),
  .arsize_i (m_axi_host_arsize_o),
  .arburst_i(m_axi_host_arburst_o),
  .rvalid_i (m_axi_host_rvalid_i),
  .rready_i (m_axi_host_rready_o),
  .rid_i    (m_axi_host_rid_i),
  .rlast_i  (m_axi_host_rlast_i)
);

bind tern_top tern_axi_order_sva u_mem_order_sva (
  .clk_i,
  .rst_ni   (rst_ni && !soft_rst_o),
  .busy_i   (busy_o),
  .awvalid_i(m_axi_mem_awvalid_o),
  .awready_i(m_axi_mem_awready_i),
  .awid_i   (m_axi_mem_awid_o),
  .awlen_i  (m_axi_mem_awlen_o),
  .awsize_i (m_axi_mem_awsize_o),
  .awburst_i(m_axi_mem_awburst_o),
  .wvalid_i (m_axi_mem_wvalid_o),
  .wready_i (m_axi_mem_wready_i),
  .wlast_i  (m_axi_mem_wlast_o),
  .bvalid_i (m_axi_mem_bvalid_i),
  .bready_i (m_axi_mem_bready_o),
  .bid_i    (m_axi_mem_bid_i),
  .arvalid_i(m_axi_mem_arvalid_o[0]),
  .arready_i(m_axi_mem_arready_i[0]),
  .arid_i   (m_axi_mem_arid_o[3:0]),
  .arlen_i  (m_axi_mem_arlen_o[7:0]),
  .arsize_i (m_axi_mem_arsize_o[2:0]),
  .arburst_i(m_axi_mem_arburst_o[1:0]),
  .rvalid_i (m_axi_mem_rvalid_i[0]),
  .rready_i (m_axi_mem_rready_o[0]),
  .rid_i    (m_axi_mem_rid_i[3:0]),
  .rlast_i  (m_axi_mem_rlast_i[0])
);
