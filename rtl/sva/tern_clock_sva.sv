// SPDX-License-Identifier: Apache-2.0

// The control clock stands still only when nothing on the control side happens, and nothing happens
// to it: no handshake, no event, no answer that it would have to see. Nothing is lost, then, and
// nothing is done twice.

`include "tern_assert.svh"

module tern_clock_sva #(
  parameter int unsigned Events = 1
) (
  input logic              clk_i,
  input logic              clk_ctl_i,
  input logic              rst_ni,
  input logic              enable_i,   // clk_ctl_en_o
  input logic              asked_i,    // a request at the register port, or an answer at another
  input logic [Events-1:0] events_i
);

  logic              turn_q, turned_q;  // with every edge of the control clock; a cycle before
  logic              known_q, enable_q, stood;
  logic [Events-1:0] events_q;

  always_ff @(posedge clk_ctl_i or negedge rst_ni) begin
    if (!rst_ni) turn_q <= 1'b0;
    else turn_q <= !turn_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turned_q <= 1'b0;
      known_q <= 1'b0;
      enable_q <= 1'b0;
      events_q <= '0;
    end else begin
      turned_q <= turn_q;
      known_q <= 1'b1;
      enable_q <= enable_i || asked_i;
      events_q <= events_i;
    end
  end
  assign stood = known_q && turn_q == turned_q;

  `TERN_ASSERT(StandsOnlyWhenAllowed, stood |-> !enable_q);
  `TERN_ASSERT(StandsOnlyAtRest, stood |-> events_q == '0);
  // Even while nobody stops it, it could be: the rule holds without a shell that makes use of it.
  `TERN_ASSERT(RestIsRest, !enable_i && !asked_i |-> events_i == '0);

endmodule

bind tern_top tern_clock_sva #(.Events(44)) u_clock_sva (
  .clk_i,
  .clk_ctl_i,
  .rst_ni  (rst_ni),
  .enable_i(clk_ctl_en_o),
  .asked_i (s_axil_awvalid_i || s_axil_wvalid_i || s_axil_arvalid_i || m_axi_host_rvalid_i ||
            m_axi_host_bvalid_i || m_axi_mem_bvalid_i),
  .events_i({
      // registers, interrupts
      bell_valid, s_axil_bvalid_o, s_axil_rvalid_o, irq_o != '0, soft_rst_o, abort_go,
      // commands
      pick_valid, fetch_event_valid, cpl_event_valid, cmd_valid, decoded_valid, issue_advance,
      tile, chunk, issue_busy, retire_valid, host_done, mem_done, u_jobs.fail0_i, host_fail,
      mem_fail, copy_fail || y_bad,
      // units
      u_gemm.x_tile_read, u_gemm.xw_valid, u_gemm.freed, u_gemm.b_read, u_gemm.used,
      u_gemm.s_read, end_valid, u_gemm.u_drain.complete_i && u_gemm.drain_busy,
      w_ar_grant != '0, w_ar_valid != '0, x_req_valid && x_req_ready,
      c_req_valid && c_req_ready, x_beat_valid, c_beat_valid, y_req_valid && y_req_ready,
      y_read || c_read,
      // ports
      m_axi_host_arvalid_o || m_axi_mem_arvalid_o != '0,
      m_axi_host_awvalid_o || m_axi_mem_awvalid_o,
      m_axi_host_wvalid_o || m_axi_mem_wvalid_o,
      m_axi_host_bvalid_i || m_axi_mem_bvalid_i || host_w_answer || mem_w_answer,
      m_axi_host_rvalid_i || host_r_answer, x_mem_r_valid || c_mem_r_valid})
);
