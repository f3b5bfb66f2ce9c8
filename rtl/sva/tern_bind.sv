// SPDX-License-Identifier: Apache-2.0

// Who is watched by whom.

bind tern_fifo tern_fifo_sva #(.Depth(Depth)) u_sva (.*);

bind tern_unpack tern_unpack_sva u_sva (.*);

bind tern_queues tern_queues_sva #(.Queues(Queues)) u_sva (.*);

bind tern_top tern_axi_sva u_host_sva (
  .clk_i,
  .rst_ni (core_rst_n),
  .awvalid(m_axi_host_awvalid_o),
  .awready(m_axi_host_awready_i),
  .awaddr (m_axi_host_awaddr_o),
  .awlen  (m_axi_host_awlen_o),
  .wvalid (m_axi_host_wvalid_o),
  .wready (m_axi_host_wready_i),
  .wdata  (m_axi_host_wdata_o),
  .wstrb  (m_axi_host_wstrb_o),
  .wlast  (m_axi_host_wlast_o),
  .bvalid (m_axi_host_bvalid_i),
  .arvalid(m_axi_host_arvalid_o),
  .arready(m_axi_host_arready_i),
  .araddr (m_axi_host_araddr_o),
  .arlen  (m_axi_host_arlen_o),
  .rvalid (m_axi_host_rvalid_i),
  .rlast  (m_axi_host_rlast_i)
);

bind tern_top tern_axi_sva u_mem_sva (
  .clk_i,
  .rst_ni (core_rst_n),
  .awvalid(m_axi_mem_awvalid_o),
  .awready(m_axi_mem_awready_i),
  .awaddr (m_axi_mem_awaddr_o),
  .awlen  (m_axi_mem_awlen_o),
  .wvalid (m_axi_mem_wvalid_o),
  .wready (m_axi_mem_wready_i),
  .wdata  (m_axi_mem_wdata_o),
  .wstrb  (m_axi_mem_wstrb_o),
  .wlast  (m_axi_mem_wlast_o),
  .bvalid (m_axi_mem_bvalid_i),
  .arvalid(m_axi_mem_arvalid_o[0]),
  .arready(m_axi_mem_arready_i[0]),
  .araddr (m_axi_mem_araddr_o[63:0]),
  .arlen  (m_axi_mem_arlen_o[7:0]),
  .rvalid (m_axi_mem_rvalid_i[0]),
  .rlast  (m_axi_mem_rlast_i[0])
);
