// SPDX-License-Identifier: Apache-2.0

// The device: registers on an AXI4-Lite port, one AXI4 master to the host link and one (for each
// stream of weights a reading one) to device memory, interrupt requests. rtl/README.md follows a
// command through it.
//
// No output depends on an input of the same cycle.

module tern_top #(
  parameter int unsigned Lanes = tern_abi_pkg::BaseLanes,
  parameter int unsigned Streams = tern_abi_pkg::BaseStreams,
  parameter int unsigned Cols = tern_abi_pkg::BaseCols,
  parameter int unsigned Queues = tern_abi_pkg::BaseQueues,
  parameter int unsigned KTile = tern_abi_pkg::BaseKTile,
  parameter int unsigned RowsTile = tern_abi_pkg::BaseRowsTile,
  parameter int unsigned ArrayKind = tern_pkg::ArrayPlanes
) (
  input  logic              clk_i,
  input  logic              clk_ctl_i,      // the same clock; may stand still while ...
  output logic              clk_ctl_en_o,   // ... this is 0, no s_axil_*valid_i is 1, and nothing
                                            // answers: host rvalid, bvalid, mem bvalid
  input  logic              rst_ni,

  input  logic [3:0]        platform_i,
  input  logic [31:0]       clock_khz_i,
  input  logic [63:0]       mem_size_i,
  output logic              soft_rst_o,  // drop what is outstanding on both masters
  output logic              busy_o,      // 0: the clock may stop
  output logic [Queues-1:0] irq_o,       // a cycle each

  input  logic              s_axil_awvalid_i,
  output logic              s_axil_awready_o,
  input  logic [15:0]       s_axil_awaddr_i,
  input  logic              s_axil_wvalid_i,
  output logic              s_axil_wready_o,
  input  logic [31:0]       s_axil_wdata_i,
  input  logic [3:0]        s_axil_wstrb_i,
  output logic              s_axil_bvalid_o,
  input  logic              s_axil_bready_i,
  output logic [1:0]        s_axil_bresp_o,
  input  logic              s_axil_arvalid_i,
  output logic              s_axil_arready_o,
  input  logic [15:0]       s_axil_araddr_i,
  output logic              s_axil_rvalid_o,
  input  logic              s_axil_rready_i,
  output logic [31:0]       s_axil_rdata_o,
  output logic [1:0]        s_axil_rresp_o,

  // -> host link
  output logic              m_axi_host_awvalid_o,
  input  logic              m_axi_host_awready_i,
  output logic [3:0]        m_axi_host_awid_o,
  output logic [63:0]       m_axi_host_awaddr_o,
  output logic [7:0]        m_axi_host_awlen_o,
  output logic [2:0]        m_axi_host_awsize_o,
  output logic [1:0]        m_axi_host_awburst_o,
  output logic              m_axi_host_wvalid_o,
  input  logic              m_axi_host_wready_i,
  output logic [511:0]      m_axi_host_wdata_o,
  output logic [63:0]       m_axi_host_wstrb_o,
  output logic              m_axi_host_wlast_o,
  input  logic              m_axi_host_bvalid_i,
  output logic              m_axi_host_bready_o,
  input  logic [3:0]        m_axi_host_bid_i,
  input  logic [1:0]        m_axi_host_bresp_i,
  output logic              m_axi_host_arvalid_o,
  input  logic              m_axi_host_arready_i,
  output logic [3:0]        m_axi_host_arid_o,
  output logic [63:0]       m_axi_host_araddr_o,
  output logic [7:0]        m_axi_host_arlen_o,
  output logic [2:0]        m_axi_host_arsize_o,
  output logic [1:0]        m_axi_host_arburst_o,
  input  logic              m_axi_host_rvalid_i,
  output logic              m_axi_host_rready_o,
  input  logic [3:0]        m_axi_host_rid_i,
  input  logic [511:0]      m_axi_host_rdata_i,
  input  logic [1:0]        m_axi_host_rresp_i,
  input  logic              m_axi_host_rlast_i,

  // -> device memory; stream s reads at port s, all else goes through port 0
  output logic              m_axi_mem_awvalid_o,
  input  logic              m_axi_mem_awready_i,
  output logic [3:0]        m_axi_mem_awid_o,
  output logic [63:0]       m_axi_mem_awaddr_o,
  output logic [7:0]        m_axi_mem_awlen_o,
  output logic [2:0]        m_axi_mem_awsize_o,
  output logic [1:0]        m_axi_mem_awburst_o,
  output logic              m_axi_mem_wvalid_o,
  input  logic              m_axi_mem_wready_i,
  output logic [511:0]      m_axi_mem_wdata_o,
  output logic [63:0]       m_axi_mem_wstrb_o,
  output logic              m_axi_mem_wlast_o,
  input  logic              m_axi_mem_bvalid_i,
  output logic              m_axi_mem_bready_o,
  input  logic [3:0]        m_axi_mem_bid_i,
  input  logic [1:0]        m_axi_mem_bresp_i,
  output logic [Streams-1:0]     m_axi_mem_arvalid_o,
  input  logic [Streams-1:0]     m_axi_mem_arready_i,
  output logic [Streams*4-1:0]   m_axi_mem_arid_o,
  output logic [Streams*64-1:0]  m_axi_mem_araddr_o,
  output logic [Streams*8-1:0]   m_axi_mem_arlen_o,
  output logic [Streams*3-1:0]   m_axi_mem_arsize_o,
  output logic [Streams*2-1:0]   m_axi_mem_arburst_o,
  input  logic [Streams-1:0]     m_axi_mem_rvalid_i,
  output logic [Streams-1:0]     m_axi_mem_rready_o,
  input  logic [Streams*4-1:0]   m_axi_mem_rid_i,
  input  logic [Streams*512-1:0] m_axi_mem_rdata_i,
  input  logic [Streams*2-1:0]   m_axi_mem_rresp_i,
  input  logic [Streams-1:0]     m_axi_mem_rlast_i
);

  localparam int unsigned QueueBits = $clog2(Queues);

  localparam int unsigned SlotBits = QueueBits + 2;

  // A beat of P2 is a whole number of cycles; the loops and indices count in powers of two.
  if (Lanes != 64 && Lanes != 128 && Lanes != 256) $error("tern_top: Lanes must be 64, 128 or 256");
  if (Streams != 1 && Streams != 2) $error("tern_top: Streams must be 1 or 2");
  if (Cols < 2 || Cols != 1 << $clog2(Cols))
    $error("tern_top: Cols must be a power of two, from 2");
  if (Queues < 2 || Queues > tern_abi_pkg::QueuesMax)
    $error("tern_top: Queues must be 2 to 16");
  if (KTile < 2048 || KTile > 16384 || KTile != 1 << $clog2(KTile))
    $error("tern_top: KTile must be a power of two, 2048 to 16384");
  if (RowsTile < 32 * Streams || RowsTile != 1 << $clog2(RowsTile))
    $error("tern_top: RowsTile must be a power of two, from 32 a stream");

  // ------------------------------------------------------------------ registers
  logic reg_busy, ctrl_enable, ctrl_reset, reset_clear, reset_finished, core_rst_n;
  logic device_busy;
  logic error_fetch, error_complete, error_doorbell, error_job, job_failed, abort_go, abort_noted;
  logic [7:0] abort_queue;
  logic [15:0] abort_id;
  logic [31:0] job_error, watchdog;
  logic bell_valid, bell_cq, bell_bad;
  logic [7:0] bell_queue;
  logic [31:0] bell_value;
  logic [31:0] error_queue, error_addr_lo, error_addr_hi;
  logic [Queues*32-1:0] q_sq_base_lo, q_sq_base_hi, q_cq_base_lo, q_cq_base_hi, q_size, q_ctrl;
  logic [Queues*32-1:0] q_status, q_sq_head, q_sq_tail, q_cq_head, q_cq_tail;
  logic [63:0] total_cycles, total_array, total_stall_weights, total_stall_activations;
  logic [63:0] total_stall_results, total_mem_read, total_mem_written, total_host_read;
  logic [63:0] total_host_written, total_jobs;

  localparam logic [31:0] Caps = (32'd1 << tern_abi_pkg::CapsCopyBit) |
      (32'd1 << tern_abi_pkg::CapsFillBit) | (32'd1 << tern_abi_pkg::CapsGemmBit) |
      (32'd1 << tern_abi_pkg::CapsBarrierBit) | (32'd1 << tern_abi_pkg::CapsP2Bit) |
      (32'd1 << tern_abi_pkg::CapsB5Bit);
  localparam logic [31:0] ArraySize = (Cols << tern_abi_pkg::ArrayColsLsb) |
      ((Lanes * Streams) << tern_abi_pkg::ArrayLanesLsb);
  localparam logic [31:0] QueuesSize = (Queues << tern_abi_pkg::QueuesCountLsb) |
      (tern_abi_pkg::QueueLog2Max << tern_abi_pkg::QueuesLog2MaxLsb);
  localparam logic [31:0] ConfigHash =
      tern_abi_pkg::config_hash(Lanes, Streams, Cols, Queues, KTile, RowsTile);

  // Straps stand still; registers keep them, and the register file behind them, out of the paths
  // that start at inputs.
  logic [3:0]  platform_q;
  logic [31:0] clock_khz_q;
  logic [63:0] mem_size_q;
  always_ff @(posedge clk_ctl_i or negedge rst_ni) begin
    if (!rst_ni) begin
      platform_q <= '0;
      clock_khz_q <= '0;
      mem_size_q <= '0;
    end else begin
      platform_q <= platform_i;
      clock_khz_q <= clock_khz_i;
      mem_size_q <= mem_size_i;
    end
  end

  tern_reg_top #(
    .Queues(Queues)
  ) u_reg (
    .clk_i                     (clk_ctl_i),
    .rst_ni,
    .clear_i                   (reset_clear),
    .s_axil_awvalid_i,
    .s_axil_awready_o,
    .s_axil_awaddr_i,
    .s_axil_wvalid_i,
    .s_axil_wready_o,
    .s_axil_wdata_i,
    .s_axil_wstrb_i,
    .s_axil_bvalid_o,
    .s_axil_bready_i,
    .s_axil_bresp_o,
    .s_axil_arvalid_i,
    .s_axil_arready_o,
    .s_axil_araddr_i,
    .s_axil_rvalid_o,
    .s_axil_rready_i,
    .s_axil_rdata_o,
    .s_axil_rresp_o,
    .busy_o                    (reg_busy),
    .doorbell_valid_o          (bell_valid),
    .doorbell_cq_o             (bell_cq),
    .doorbell_queue_o          (bell_queue),
    .doorbell_value_o          (bell_value),
    .id_i                      (tern_abi_pkg::Magic),
    .abi_version_i             (tern_abi_pkg::AbiVersion),
    .abi_hash_i                (tern_abi_pkg::AbiHash),
    .config_hash_i             (ConfigHash),
    .platform_i                ({28'd0, platform_q}),
    .caps_i                    (Caps),
    .array_i                   (ArraySize),
    .queues_i                  (QueuesSize),
    .k_tile_i                  (KTile),
    .clock_khz_i               (clock_khz_q),
    .mem_size_lo_i             (mem_size_q[31:0]),
    .mem_size_hi_i             (mem_size_q[63:32]),
    .ctrl_enable_o             (ctrl_enable),
    .ctrl_reset_o              (ctrl_reset),
    .ctrl_reset_clear_i        (reset_finished),
    .status_i                  ({30'd0, device_busy, !soft_rst_o}),
    .error_fetch_o             (error_fetch),
    .error_fetch_set_i         (fetch_failed),
    .error_complete_o          (error_complete),
    .error_complete_set_i      (complete_failed),
    .error_doorbell_o          (error_doorbell),
    .error_doorbell_set_i      (bell_bad),
    .error_job_o               (error_job),
    .error_job_set_i           (job_failed),
    .error_queue_i             (error_queue),
    .error_addr_lo_i           (error_addr_lo),
    .error_addr_hi_i           (error_addr_hi),
    .job_error_i               (job_error),
    .watchdog_o                (watchdog),
    .abort_id_o                (abort_id),
    .abort_queue_o             (abort_queue),
    .abort_go_o                (abort_go),
    .abort_go_clear_i          (abort_noted),
    .count_cycles_i            (total_cycles),
    .count_array_i             (total_array),
    .count_stall_weights_i     (total_stall_weights),
    .count_stall_activations_i (total_stall_activations),
    .count_stall_results_i     (total_stall_results),
    .count_mem_read_i          (total_mem_read),
    .count_mem_written_i       (total_mem_written),
    .count_host_read_i         (total_host_read),
    .count_host_written_i      (total_host_written),
    .count_jobs_i              (total_jobs),
    .q_sq_base_lo_o            (q_sq_base_lo),
    .q_sq_base_hi_o            (q_sq_base_hi),
    .q_cq_base_lo_o            (q_cq_base_lo),
    .q_cq_base_hi_o            (q_cq_base_hi),
    .q_size_o                  (q_size),
    .q_ctrl_o                  (q_ctrl),
    .q_status_i                (q_status),
    .q_sq_head_i               (q_sq_head),
    .q_sq_tail_i               (q_sq_tail),
    .q_cq_head_i               (q_cq_head),
    .q_cq_tail_i               (q_cq_tail)
  );

  // ------------------------------------------------------------------ reset
  tern_reset u_reset (
    .clk_i     (clk_ctl_i),
    .rst_ni,
    .request_i (ctrl_reset),
    .clear_o   (reset_clear),
    .soft_rst_o,
    .finished_o(reset_finished)
  );

  assign core_rst_n = rst_ni && !soft_rst_o;

  // ------------------------------------------------------------------ queues, fetch, decode
  logic pick_valid, fetch_failed, fetch_busy, fetch_awake, queues_work, complete_failed;
  logic fetch_event_valid, fetch_event_ready, cpl_event_valid, cpl_event_ready;
  logic [1:0] fetch_event, cpl_event;
  logic [7:0] bad_bell_queue;
  logic [31:0] bad_bell_value;
  logic [QueueBits-1:0] pick_queue, fetch_event_queue, fetch_queue, complete_queue, decoded_queue;
  logic [63:0] fetch_addr, complete_addr;
  logic [Queues-1:0] phase, orphan;
  logic ar_fetch_valid, ar_fetch_grant, r_fetch_valid;
  logic cmd_valid, cmd_ready, decode_busy, decoded_valid;
  logic [511:0] cmd, decoded;
  logic [7:0] decoded_status;
  logic [26:0] decoded_row_beats;
  logic [63:0] decoded_src_end, decoded_dst_end, decoded_w_end;

  tern_queues #(
    .Queues(Queues)
  ) u_queues (
    .clk_i(clk_ctl_i),
    .rst_ni          (core_rst_n),
    .enable_i        (ctrl_enable),
    .q_size_i        (q_size),
    .q_ctrl_i        (q_ctrl),
    .q_status_o      (q_status),
    .q_sq_head_o     (q_sq_head),
    .q_sq_tail_o     (q_sq_tail),
    .q_cq_head_o     (q_cq_head),
    .q_cq_tail_o     (q_cq_tail),
    .bell_valid_i    (bell_valid),
    .bell_cq_i       (bell_cq),
    .bell_queue_i    (bell_queue),
    .bell_value_i    (bell_value),
    .bell_bad_o      (bell_bad),
    .bell_queue_o    (bad_bell_queue),
    .bell_value_o    (bad_bell_value),
    .pick_valid_o    (pick_valid),
    .pick_queue_o    (pick_queue),
    .fetch_valid_i   (fetch_event_valid),
    .fetch_event_i   (fetch_event),
    .fetch_queue_i   (fetch_event_queue),
    .fetch_ready_o   (fetch_event_ready),
    .cpl_valid_i     (cpl_event_valid),
    .cpl_event_i     (cpl_event),
    .cpl_queue_i     (complete_queue),
    .cpl_ready_o     (cpl_event_ready),
    .phase_o         (phase),
    .orphan_o        (orphan),
    .work_o          (queues_work)
  );

  tern_fetch #(
    .Queues(Queues)
  ) u_fetch (
    .clk_i(clk_ctl_i),
    .rst_ni        (core_rst_n),
    .pick_valid_i  (pick_valid),
    .pick_queue_i  (pick_queue),
    .q_sq_base_lo_i(q_sq_base_lo),
    .q_sq_base_hi_i(q_sq_base_hi),
    .q_sq_head_i   (q_sq_head),
    .event_valid_o (fetch_event_valid),
    .event_o       (fetch_event),
    .event_queue_o (fetch_event_queue),
    .event_ready_i (fetch_event_ready),
    .failed_o      (fetch_failed),
    .queue_o       (fetch_queue),
    .addr_o        (fetch_addr),
    .ar_valid_o    (ar_fetch_valid),
    .ar_grant_i    (ar_fetch_grant),
    .r_valid_i     (r_fetch_valid),
    .r_data_i      (host_r_data),
    .r_bad_i       (host_r_error != tern_pkg::Good),
    .cmd_valid_o   (cmd_valid),
    .cmd_ready_i   (cmd_ready),
    .cmd_o         (cmd),
    .busy_o        (fetch_busy),
    .awake_o       (fetch_awake)
  );

  tern_decode #(
    .Queues(Queues)
  ) u_decode (
    .clk_i(clk_ctl_i),
    .rst_ni       (core_rst_n),
    .mem_size_i   (mem_size_q),
    .cmd_valid_i  (cmd_valid),
    .cmd_ready_o  (cmd_ready),
    .cmd_i        (cmd),
    .queue_i      (fetch_queue),
    .job_valid_o  (decoded_valid),
    .job_ready_i  (1'b1),
    .job_o        (decoded),
    .job_queue_o  (decoded_queue),
    .job_status_o (decoded_status),
    .job_row_beats_o(decoded_row_beats),
    .job_src_end_o(decoded_src_end),
    .job_dst_end_o(decoded_dst_end),
    .job_w_end_o  (decoded_w_end),
    .busy_o       (decode_busy)
  );

  // ------------------------------------------------------------------ jobs and their tiles
  logic [Queues-1:0] next_valid, next_cancel, quiet;
  logic [Queues*2-1:0] next_kind;
  logic [QueueBits-1:0] issue_queue;
  logic [SlotBits-1:0] opened_slot, issue_slot, retire_slot;
  logic [511:0] issue_job;
  logic [26:0] issue_row_beats;
  logic [63:0] issue_src_end, issue_w_end, earlier_dst, earlier_dst_end;
  logic issue_advance, issue_done, earlier_valid, earlier_host, issue_busy, jobs_work, open;
  logic [1:0] earlier;
  logic retire_valid, retire_ready, retire_irq, retire_src_host, retire_dst_host;
  logic [15:0] retire_id;
  logic [7:0] retire_status;
  logic [511:0] cpl;

  logic end_valid, end_first;
  logic [SlotBits-1:0] end_slot;
  logic [7:0] end_status;
  logic [31:0] end_cycles, end_array, end_stall_weights, end_stall_activations;
  logic [31:0] end_stall_results, end_nonzeros, end_trits;
  logic [$clog2(Cols):0] end_cols;
  logic host_fail, host_done, mem_fail, mem_done, copy_fail, y_bad, y_failed;
  logic [SlotBits-1:0] host_slot, mem_slot, copy_slot, y_req_slot;
  logic [7:0] host_status, mem_status, copy_status;

  tern_jobs #(
    .Queues(Queues)
  ) u_jobs (
    .clk_i            (clk_ctl_i),
    .rst_ni           (core_rst_n),
    .job_valid_i      (decoded_valid),
    .job_i            (decoded),
    .job_status_i     (decoded_status),
    .job_queue_i      (decoded_queue),
    .job_row_beats_i  (decoded_row_beats),
    .job_src_end_i    (decoded_src_end),
    .job_dst_end_i    (decoded_dst_end),
    .job_w_end_i      (decoded_w_end),
    .job_slot_o       (opened_slot),
    .orphan_i         (orphan),
    .abort_i          (abort_go),
    .abort_queue_i    (abort_queue),
    .abort_id_i       (abort_id),
    .abort_noted_o    (abort_noted),
    .next_valid_o     (next_valid),
    .next_kind_o      (next_kind),
    .next_cancel_o    (next_cancel),
    .quiet_o          (quiet),
    .issue_queue_i    (issue_queue),
    .issue_slot_o     (issue_slot),
    .issue_job_o      (issue_job),
    .issue_row_beats_o(issue_row_beats),
    .issue_src_end_o  (issue_src_end),
    .issue_w_end_o    (issue_w_end),
    .issue_advance_i  (issue_advance),
    .issue_done_i     (issue_done),
    .earlier_i        (earlier),
    .earlier_valid_o  (earlier_valid),
    .earlier_host_o   (earlier_host),
    .earlier_dst_o    (earlier_dst),
    .earlier_dst_end_o(earlier_dst_end),
    .fail0_i          (end_valid_q && end_status_q != tern_abi_pkg::StatusOk),
    .fail0_slot_i     (end_slot_q),
    .fail0_status_i   (end_status_q),
    .fail1_i          (host_fail),
    .fail1_slot_i     (host_slot),
    .fail1_status_i   (host_status),
    .fail2_i          (mem_fail),
    .fail2_slot_i     (mem_slot),
    .fail2_status_i   (mem_status),
    .fail3_i          (copy_fail || y_bad),
    .fail3_slot_i     (copy_fail ? copy_slot : y_req_slot),
    .fail3_status_i   (copy_fail ? copy_status : tern_abi_pkg::StatusParity),
    .asked_slot_i     (y_req_slot),
    .asked_failed_o   (y_failed),
    .done0_i          (host_done),
    .done0_slot_i     (host_slot),
    .done1_i          (mem_done),
    .done1_slot_i     (mem_slot),
    .retire_valid_o   (retire_valid),
    .retire_ready_i   (retire_ready),
    .retire_slot_o    (retire_slot),
    .retire_id_o      (retire_id),
    .retire_status_o  (retire_status),
    .retire_irq_o     (retire_irq),
    .retire_src_host_o(retire_src_host),
    .retire_dst_host_o(retire_dst_host),
    .open_o           (open),
    .work_o           (jobs_work)
  );

  logic [SlotBits-1:0] tile_slot;
  logic tile, tile_room, block, tile_void, tile_first, block_end, job_end, tile_half, tile_load;
  logic tile_x_host, tile_add, tile_b5, tile_y_host;
  logic [63:0] tile_x_addr, tile_w_addr, tile_y_addr;
  logic [31:0] tile_x_stride, tile_y_stride;
  logic [$clog2(KTile):0] tile_k;
  logic [$clog2(Cols):0] tile_cols;
  logic [$clog2(RowsTile):0] tile_rows;
  logic [26:0] tile_row_beats;
  logic [$clog2(KTile/256)+1:0] tile_beats;
  logic copy_ready, chunk, chunk_fill, chunk_src_host, chunk_dst_host, chunk_last, chunk_void;
  logic [63:0] chunk_src, chunk_dst, chunk_bytes;
  logic [31:0] chunk_pattern;

  tern_issue #(
    .Cols    (Cols),
    .Queues  (Queues),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_issue (
    .clk_i            (clk_ctl_i),
    .rst_ni           (core_rst_n),
    .next_valid_i     (next_valid),
    .next_kind_i      (next_kind),
    .next_cancel_i    (next_cancel),
    .quiet_i          (quiet),
    .queue_o          (issue_queue),
    .slot_i           (issue_slot),
    .job_i            (issue_job),
    .row_beats_i      (issue_row_beats),
    .src_end_i        (issue_src_end),
    .w_end_i          (issue_w_end),
    .advance_o        (issue_advance),
    .done_o           (issue_done),
    .earlier_o        (earlier),
    .earlier_valid_i  (earlier_valid),
    .earlier_host_i   (earlier_host),
    .earlier_dst_i    (earlier_dst),
    .earlier_dst_end_i(earlier_dst_end),
    .any_done_i       (host_done || mem_done),
    .slot_o           (tile_slot),
    .room_i           (tile_room),
    .tile_o           (tile),
    .block_o          (block),
    .void_o           (tile_void),
    .first_o          (tile_first),
    .block_end_o      (block_end),
    .job_end_o        (job_end),
    .half_o           (tile_half),
    .load_o           (tile_load),
    .x_host_o         (tile_x_host),
    .x_addr_o         (tile_x_addr),
    .x_stride_o       (tile_x_stride),
    .k_o              (tile_k),
    .cols_o           (tile_cols),
    .rows_o           (tile_rows),
    .add_o            (tile_add),
    .b5_o             (tile_b5),
    .w_addr_o         (tile_w_addr),
    .w_row_beats_o    (tile_row_beats),
    .w_tile_beats_o   (tile_beats),
    .y_host_o         (tile_y_host),
    .y_addr_o         (tile_y_addr),
    .y_stride_o       (tile_y_stride),
    .copy_ready_i     (copy_ready),
    .copy_o           (chunk),
    .copy_fill_o      (chunk_fill),
    .copy_src_host_o  (chunk_src_host),
    .copy_dst_host_o  (chunk_dst_host),
    .copy_src_o       (chunk_src),
    .copy_dst_o       (chunk_dst),
    .copy_bytes_o     (chunk_bytes),
    .copy_pattern_o   (chunk_pattern),
    .copy_last_o      (chunk_last),
    .copy_void_o      (chunk_void),
    .busy_o           (issue_busy)
  );

  // ------------------------------------------------------------------ GEMM
  logic [Streams-1:0] w_ar_valid, w_ar_grant, w_r_valid;
  logic [Streams*64-1:0] w_ar_addr;
  logic [Streams*7-1:0] w_ar_beats;
  logic [Streams*SlotBits-1:0] w_ar_slot;
  logic [Streams*2-1:0] mem_r_error;
  logic x_req_valid, x_req_ready, x_req_host, x_beat_valid;
  logic [63:0] x_req_addr;
  logic [57:0] x_req_beats;
  logic [SlotBits-1:0] x_req_slot;
  logic [511:0] x_beat_data;
  logic [1:0] x_beat_error;
  logic y_req_valid, y_req_ready, y_req_host, y_req_none, y_req_last, y_valid, y_read;
  logic [63:0] y_req_addr, y_req_bytes;
  logic [511:0] y_data;
  logic array_idle, array_settling, gemm_busy, gemm_wake;

  tern_gemm #(
    .ArrayKind(ArrayKind),
    .Lanes    (Lanes),
    .Streams  (Streams),
    .Cols     (Cols),
    .Queues   (Queues),
    .KTile    (KTile),
    .RowsTile (RowsTile)
  ) u_gemm (
    .clk_i,
    .clk_ctl_i,
    .rst_ni                 (core_rst_n),
    .tile_i                 (tile),
    .block_i                (block),
    .room_o                 (tile_room),
    .slot_i                 (tile_slot),
    .void_i                 (tile_void),
    .first_i                (tile_first),
    .block_end_i            (block_end),
    .job_end_i              (job_end),
    .half_i                 (tile_half),
    .load_i                 (tile_load),
    .x_host_i               (tile_x_host),
    .x_addr_i               (tile_x_addr),
    .x_stride_i             (tile_x_stride),
    .k_i                    (tile_k),
    .cols_i                 (tile_cols),
    .rows_i                 (tile_rows),
    .add_i                  (tile_add),
    .b5_i                   (tile_b5),
    .w_addr_i               (tile_w_addr),
    .w_row_beats_i          (tile_row_beats),
    .w_tile_beats_i         (tile_beats),
    .y_host_i               (tile_y_host),
    .y_addr_i               (tile_y_addr),
    .y_stride_i             (tile_y_stride),
    .w_ar_valid_o           (w_ar_valid),
    .w_ar_addr_o            (w_ar_addr),
    .w_ar_beats_o           (w_ar_beats),
    .w_ar_slot_o            (w_ar_slot),
    .w_ar_grant_i           (w_ar_grant),
    .w_valid_i              (w_r_valid),
    .w_data_i               (mem_r_data),
    .w_error_i              (mem_r_error),
    .x_req_valid_o          (x_req_valid),
    .x_req_ready_i          (x_req_ready),
    .x_req_host_o           (x_req_host),
    .x_req_addr_o           (x_req_addr),
    .x_req_beats_o          (x_req_beats),
    .x_req_slot_o           (x_req_slot),
    .x_beat_valid_i         (x_beat_valid),
    .x_beat_data_i          (x_beat_data),
    .x_beat_error_i         (x_beat_error),
    .y_req_valid_o          (y_req_valid),
    .y_req_ready_i          (y_req_ready),
    .y_req_host_o           (y_req_host),
    .y_req_none_o           (y_req_none),
    .y_req_last_o           (y_req_last),
    .y_req_slot_o           (y_req_slot),
    .y_req_addr_o           (y_req_addr),
    .y_req_bytes_o          (y_req_bytes),
    .y_valid_o              (y_valid),
    .y_data_o               (y_data),
    .y_read_i               (y_read),
    .y_failed_i             (y_failed),
    .y_bad_o                (y_bad),
    .end_valid_o            (end_valid),
    .end_slot_o             (end_slot),
    .end_first_o            (end_first),
    .end_status_o           (end_status),
    .end_cycles_o           (end_cycles),
    .end_array_o            (end_array),
    .end_stall_weights_o    (end_stall_weights),
    .end_stall_activations_o(end_stall_activations),
    .end_stall_results_o    (end_stall_results),
    .end_nonzeros_o         (end_nonzeros),
    .end_trits_o            (end_trits),
    .end_cols_o             (end_cols),
    .idle_o                 (array_idle),
    .settling_o             (array_settling),
    .busy_o                 (gemm_busy),
    .wake_o                 (gemm_wake)
  );

  // What the streaming side reports is sampled where the control side's clock runs: when it does
  // not, nothing behind these registers moves.
  logic array_idle_q, array_settling_q, mem_rd_dead_q, end_valid_q, end_first_q;
  logic [Streams-1:0] mem_rd_dead;
  logic [SlotBits-1:0] end_slot_q;
  logic [7:0] end_status_q;
  logic [31:0] end_cycles_q, end_array_q, end_stall_weights_q, end_stall_activations_q;
  logic [31:0] end_stall_results_q, end_nonzeros_q, end_trits_q;
  logic [$clog2(Cols):0] end_cols_q;

  always_ff @(posedge clk_ctl_i or negedge core_rst_n) begin
    if (!core_rst_n) begin
      array_idle_q <= 1'b1;
      array_settling_q <= 1'b0;
      mem_rd_dead_q <= 1'b0;
      end_valid_q <= 1'b0;
    end else begin
      array_idle_q <= array_idle;
      array_settling_q <= array_settling;
      mem_rd_dead_q <= mem_rd_dead != '0;
      end_valid_q <= end_valid;
    end
  end

  always_ff @(posedge clk_ctl_i) begin
    if (end_valid) begin
      end_slot_q <= end_slot;
      end_first_q <= end_first;
      end_status_q <= end_status;
      end_cycles_q <= end_cycles;
      end_array_q <= end_array;
      end_stall_weights_q <= end_stall_weights;
      end_stall_activations_q <= end_stall_activations;
      end_stall_results_q <= end_stall_results;
      end_nonzeros_q <= end_nonzeros;
      end_trits_q <= end_trits;
      end_cols_q <= end_cols;
    end
  end

  // ------------------------------------------------------------------ COPY, FILL
  logic c_req_valid, c_req_ready, c_req_host, c_room, c_issue, c_beat_valid, copy_runs, copy_busy;
  logic c_wr_valid, c_wr_ready, c_wr_host, c_wr_none, c_wr_last, c_wr_fill, c_sent;
  logic c_valid, c_bad, c_read;
  logic [63:0] c_req_addr, c_wr_addr, c_wr_bytes;
  logic [57:0] c_req_beats;
  logic [6:0] c_issue_beats;
  logic [511:0] c_beat_data, c_data;
  logic [1:0] c_beat_error;
  logic [31:0] c_wr_pattern;

  tern_copy #(
    .Queues(Queues)
  ) u_copy (
    .clk_i           (clk_ctl_i),
    .rst_ni          (core_rst_n),
    .chunk_valid_i   (chunk),
    .chunk_ready_o   (copy_ready),
    .chunk_slot_i    (tile_slot),
    .chunk_fill_i    (chunk_fill),
    .chunk_void_i    (chunk_void),
    .chunk_last_i    (chunk_last),
    .chunk_src_host_i(chunk_src_host),
    .chunk_dst_host_i(chunk_dst_host),
    .chunk_src_i     (chunk_src),
    .chunk_dst_i     (chunk_dst),
    .chunk_bytes_i   (chunk_bytes),
    .chunk_pattern_i (chunk_pattern),
    .rd_valid_o      (c_req_valid),
    .rd_ready_i      (c_req_ready),
    .rd_host_o       (c_req_host),
    .rd_addr_o       (c_req_addr),
    .rd_beats_o      (c_req_beats),
    .rd_room_o       (c_room),
    .rd_issue_i      (c_issue),
    .rd_issue_beats_i(c_issue_beats),
    .beat_valid_i    (c_beat_valid),
    .beat_data_i     (c_beat_data),
    .beat_error_i    (c_beat_error),
    .wr_valid_o      (c_wr_valid),
    .wr_ready_i      (c_wr_ready),
    .wr_host_o       (c_wr_host),
    .wr_none_o       (c_wr_none),
    .wr_last_o       (c_wr_last),
    .wr_fill_o       (c_wr_fill),
    .wr_addr_o       (c_wr_addr),
    .wr_bytes_o      (c_wr_bytes),
    .wr_pattern_o    (c_wr_pattern),
    .wr_sent_i       (c_sent),
    .data_valid_o    (c_valid),
    .data_o          (c_data),
    .data_bad_o      (c_bad),
    .data_read_i     (c_read),
    .slot_o          (copy_slot),
    .fail_o          (copy_fail),
    .fail_status_o   (copy_status),
    .runs_o          (copy_runs),
    .busy_o          (copy_busy)
  );

  // ------------------------------------------------------------------ reads
  // Units of the host link: fetch, activations, COPY; of device memory's port 0: weights, activations,
  // COPY. Each port has its arbiter and its watchdog.
  logic x_host_valid, x_mem_valid, x_host_grant, x_mem_grant, x_issue, rd_x_idle, rd_x_awake;
  logic c_host_valid, c_mem_valid, c_host_grant, c_mem_grant, rd_c_idle, rd_c_awake, mem_answers;
  logic [63:0] x_ar_addr, c_ar_addr;
  logic [6:0] x_ar_beats, x_issue_beats, c_ar_beats;
  logic [2:0] host_r_valid;
  logic x_mem_r_valid, c_mem_r_valid;
  logic [511:0] mem_r_data_q;
  logic [1:0] mem_r_error_q;
  logic [511:0] host_r_data;
  logic host_r_sending, host_r_answer;
  logic [Streams-1:0] mem_ar_valid, mem_ar_held, mem_r_sending, unused_answer;
  logic [Streams*512-1:0] mem_r_data;
  logic [1:0] host_r_error;
  logic host_ar_valid, host_ar_ready, host_rd_dead;
  logic [3:0] host_ar_id;
  logic [63:0] host_ar_addr;
  logic [7:0] host_ar_len;

  assign r_fetch_valid = host_r_valid[0];

  tern_dma_rd u_rd_x (
    .clk_i          (clk_ctl_i),
    .rst_ni         (core_rst_n),
    .req_valid_i    (x_req_valid),
    .req_ready_o    (x_req_ready),
    .req_host_i     (x_req_host),
    .req_addr_i     (x_req_addr),
    .req_beats_i    (x_req_beats),
    .room_i         (1'b1),
    .issue_o        (x_issue),
    .issue_beats_o  (x_issue_beats),
    .ar_host_valid_o(x_host_valid),
    .ar_mem_valid_o (x_mem_valid),
    .ar_addr_o      (x_ar_addr),
    .ar_beats_o     (x_ar_beats),
    .ar_host_grant_i(x_host_grant),
    .ar_mem_grant_i (x_mem_grant),
    .r_host_valid_i (host_r_valid[1]),
    .r_host_data_i  (host_r_data),
    .r_host_error_i (host_r_error),
    .r_mem_valid_i  (x_mem_r_valid),
    .r_mem_data_i   (mem_r_data_q),
    .r_mem_error_i  (mem_r_error_q),
    .beat_valid_o   (x_beat_valid),
    .beat_data_o    (x_beat_data),
    .beat_error_o   (x_beat_error),
    .idle_o         (rd_x_idle),
    .awake_o        (rd_x_awake)
  );

  tern_dma_rd u_rd_copy (
    .clk_i          (clk_ctl_i),
    .rst_ni         (core_rst_n),
    .req_valid_i    (c_req_valid),
    .req_ready_o    (c_req_ready),
    .req_host_i     (c_req_host),
    .req_addr_i     (c_req_addr),
    .req_beats_i    (c_req_beats),
    .room_i         (c_room),
    .issue_o        (c_issue),
    .issue_beats_o  (c_issue_beats),
    .ar_host_valid_o(c_host_valid),
    .ar_mem_valid_o (c_mem_valid),
    .ar_addr_o      (c_ar_addr),
    .ar_beats_o     (c_ar_beats),
    .ar_host_grant_i(c_host_grant),
    .ar_mem_grant_i (c_mem_grant),
    .r_host_valid_i (host_r_valid[2]),
    .r_host_data_i  (host_r_data),
    .r_host_error_i (host_r_error),
    .r_mem_valid_i  (c_mem_r_valid),
    .r_mem_data_i   (mem_r_data_q),
    .r_mem_error_i  (mem_r_error_q),
    .beat_valid_o   (c_beat_valid),
    .beat_data_o    (c_beat_data),
    .beat_error_o   (c_beat_error),
    .idle_o         (rd_c_idle),
    .awake_o        (rd_c_awake)
  );

  logic unused_host;
  tern_ar_mux #(
    .Requests(4)
  ) u_ar_host (
    .clk_i    (clk_ctl_i),
    .rst_ni   (core_rst_n),
    .valid_i  ({1'b0, c_host_valid, x_host_valid, ar_fetch_valid}),
    .addr_i   ({64'd0, c_ar_addr, x_ar_addr, fetch_addr}),
    .beats_i  ({7'd0, c_ar_beats, x_ar_beats, 7'd1}),
    .id_i     ({4'd0, tern_pkg::IdCopy, tern_pkg::IdData, tern_pkg::IdFetch}),
    .grant_o  ({unused_host, c_host_grant, x_host_grant, ar_fetch_grant}),
    .arvalid_o(host_ar_valid),
    .arready_i(host_ar_ready),
    .arid_o   (host_ar_id),
    .araddr_o (host_ar_addr),
    .arlen_o  (host_ar_len)
  );

  tern_read_port #(
    .Units(3),
    .Ids  ({tern_pkg::IdCopy, tern_pkg::IdData, tern_pkg::IdFetch})
  ) u_host_read (
    .clk_i     (clk_ctl_i),
    .clk_ctl_i,
    .rst_ni    (core_rst_n),
    .limit_i   (watchdog),
    .ar_valid_i(host_ar_valid),
    .ar_ready_o(host_ar_ready),
    .ar_id_i   (host_ar_id),
    .ar_addr_i (host_ar_addr),
    .ar_len_i  (host_ar_len),
    .r_valid_o (host_r_valid),
    .r_data_o  (host_r_data),
    .r_error_o (host_r_error),
    .arvalid_o (m_axi_host_arvalid_o),
    .arready_i (m_axi_host_arready_i),
    .arid_o    (m_axi_host_arid_o),
    .araddr_o  (m_axi_host_araddr_o),
    .arlen_o   (m_axi_host_arlen_o),
    .arsize_o  (m_axi_host_arsize_o),
    .arburst_o (m_axi_host_arburst_o),
    .rvalid_i  (m_axi_host_rvalid_i),
    .rready_o  (m_axi_host_rready_o),
    .rid_i     (m_axi_host_rid_i),
    .rdata_i   (m_axi_host_rdata_i),
    .rresp_i   (m_axi_host_rresp_i),
    .sending_o (host_r_sending),
    .answer_o  (host_r_answer),
    .dead_o    (host_rd_dead)
  );

  for (genvar s = 0; s < Streams; s++) begin : gen_mem_read
    localparam int unsigned Units = s == 0 ? 3 : 1;
    logic             ar_free, ar_valid, ar_ready;
    logic [3:0]       mux_id, ar_id;
    logic [63:0]      mux_addr, ar_addr;
    logic [7:0]       mux_len, ar_len;
    logic [Units-1:0] r_valid;

    if (s == 0) begin : gen_shared
      logic unused_grant;
      tern_ar_mux #(
        .Requests(4)
      ) u_ar (
        .clk_i    (clk_ctl_i),
        .rst_ni   (core_rst_n),
        .valid_i  ({1'b0, c_mem_valid, x_mem_valid, w_ar_valid[0]}),
        .addr_i   ({64'd0, c_ar_addr, x_ar_addr, w_ar_addr[63:0]}),
        .beats_i  ({7'd0, c_ar_beats, x_ar_beats, w_ar_beats[6:0]}),
        .id_i     ({4'd0, tern_pkg::IdCopy, tern_pkg::IdData, tern_pkg::IdWeights}),
        .grant_o  ({unused_grant, c_mem_grant, x_mem_grant, w_ar_grant[0]}),
        .arvalid_o(mem_ar_valid[0]),
        .arready_i(ar_free),
        .arid_o   (mux_id),
        .araddr_o (mux_addr),
        .arlen_o  (mux_len)
      );
      // To the control side, whose clock runs while it is owed something.
      always_ff @(posedge clk_ctl_i or negedge core_rst_n) begin
        if (!core_rst_n) {c_mem_r_valid, x_mem_r_valid} <= '0;
        else {c_mem_r_valid, x_mem_r_valid} <= r_valid[2:1];
      end
      assign mem_answers = r_valid[2:1] != '0;
      always_ff @(posedge clk_ctl_i) begin
        if (r_valid[2:1] != '0) begin
          mem_r_data_q <= mem_r_data[511:0];
          mem_r_error_q <= mem_r_error[1:0];
        end
      end
    end else begin : gen_own
      logic unused_grant;
      tern_ar_mux #(
        .Requests(2)
      ) u_ar (
        .clk_i    (clk_ctl_i),
        .rst_ni   (core_rst_n),
        .valid_i  ({1'b0, w_ar_valid[s]}),
        .addr_i   ({64'd0, w_ar_addr[s*64+:64]}),
        .beats_i  ({7'd0, w_ar_beats[s*7+:7]}),
        .id_i     ({4'd0, tern_pkg::IdWeights}),
        .grant_o  ({unused_grant, w_ar_grant[s]}),
        .arvalid_o(mem_ar_valid[s]),
        .arready_i(ar_free),
        .arid_o   (mux_id),
        .araddr_o (mux_addr),
        .arlen_o  (mux_len)
      );
    end

    tern_slice #(
      .Width(76)
    ) u_slice (
      .clk_i  (clk_ctl_i),
      .rst_ni (core_rst_n),
      .valid_i(mem_ar_valid[s]),
      .ready_o(ar_free),
      .data_i ({mux_id, mux_len, mux_addr}),
      .valid_o(ar_valid),
      .ready_i(ar_ready),
      .data_o ({ar_id, ar_len, ar_addr}),
      .busy_o (mem_ar_held[s])
    );

    tern_read_port #(
      .Units(Units),
      .Ids  ((Units * 4)'({tern_pkg::IdCopy, tern_pkg::IdData, tern_pkg::IdWeights}))
    ) u_port (
      .clk_i,
      .clk_ctl_i,
      .rst_ni    (core_rst_n),
      .limit_i   (watchdog),
      .ar_valid_i(ar_valid),
      .ar_ready_o(ar_ready),
      .ar_id_i   (ar_id),
      .ar_addr_i (ar_addr),
      .ar_len_i  (ar_len),
      .r_valid_o (r_valid),
      .r_data_o  (mem_r_data[s*512+:512]),
      .r_error_o (mem_r_error[s*2+:2]),
      .arvalid_o (m_axi_mem_arvalid_o[s]),
      .arready_i (m_axi_mem_arready_i[s]),
      .arid_o    (m_axi_mem_arid_o[s*4+:4]),
      .araddr_o  (m_axi_mem_araddr_o[s*64+:64]),
      .arlen_o   (m_axi_mem_arlen_o[s*8+:8]),
      .arsize_o  (m_axi_mem_arsize_o[s*3+:3]),
      .arburst_o (m_axi_mem_arburst_o[s*2+:2]),
      .rvalid_i  (m_axi_mem_rvalid_i[s]),
      .rready_o  (m_axi_mem_rready_o[s]),
      .rid_i     (m_axi_mem_rid_i[s*4+:4]),
      .rdata_i   (m_axi_mem_rdata_i[s*512+:512]),
      .rresp_i   (m_axi_mem_rresp_i[s*2+:2]),
      .sending_o (mem_r_sending[s]),
      .answer_o  (unused_answer[s]),
      .dead_o    (mem_rd_dead[s])
    );
    assign w_r_valid[s] = r_valid[0];
  end

  // ------------------------------------------------------------------ writes
  logic cpl_wr_valid, cpl_wr_ready, cpl_wr_done, cpl_busy, cpl_awake, cpl_written, wr_busy, wr_awake;
  logic y_beat, c_beat;
  logic [SlotBits-1:0] beat_slot;
  logic [63:0] cpl_wr_addr;
  logic [511:0] cpl_wr_data, wdata;
  logic host_awvalid, host_awready, mem_awvalid, mem_awready;
  logic host_wvalid, host_wready, mem_wvalid, mem_wready, wlast;
  logic host_b_data, host_b_cpl, mem_b_data;
  logic host_w_sending, host_w_answer, mem_w_sending, mem_w_answer;
  logic host_wr_dead, mem_wr_dead, unused_b;
  logic [3:0] awid;
  logic [63:0] awaddr, wstrb;
  logic [7:0] awlen;
  logic [1:0] host_b_error, mem_b_error;

  tern_dma_wr #(
    .Queues(Queues)
  ) u_dma_wr (
    .clk_i         (clk_ctl_i),
    .rst_ni        (core_rst_n),
    .y_valid_i     (y_req_valid),
    .y_ready_o     (y_req_ready),
    .y_host_i      (y_req_host),
    .y_none_i      (y_req_none),
    .y_last_i      (y_req_last),
    .y_slot_i      (y_req_slot),
    .y_addr_i      (y_req_addr),
    .y_bytes_i     (y_req_bytes),
    .y_data_valid_i(y_valid),
    .y_data_i      (y_data),
    .y_read_o      (y_read),
    .c_valid_i     (c_wr_valid),
    .c_ready_o     (c_wr_ready),
    .c_host_i      (c_wr_host),
    .c_none_i      (c_wr_none),
    .c_last_i      (c_wr_last),
    .c_fill_i      (c_wr_fill),
    .c_slot_i      (copy_slot),
    .c_addr_i      (c_wr_addr),
    .c_bytes_i     (c_wr_bytes),
    .c_pattern_i   (c_wr_pattern),
    .c_data_valid_i(c_valid),
    .c_data_i      (c_data),
    .c_data_bad_i  (c_bad),
    .c_read_o      (c_read),
    .c_sent_o      (c_sent),
    .cpl_valid_i   (cpl_wr_valid),
    .cpl_ready_o   (cpl_wr_ready),
    .cpl_addr_i    (cpl_wr_addr),
    .cpl_data_i    (cpl_wr_data),
    .cpl_done_o    (cpl_wr_done),
    .host_awvalid_o(host_awvalid),
    .host_awready_i(host_awready),
    .mem_awvalid_o (mem_awvalid),
    .mem_awready_i (mem_awready),
    .awid_o        (awid),
    .awaddr_o      (awaddr),
    .awlen_o       (awlen),
    .host_wvalid_o (host_wvalid),
    .host_wready_i (host_wready),
    .mem_wvalid_o  (mem_wvalid),
    .mem_wready_i  (mem_wready),
    .wdata_o       (wdata),
    .wstrb_o       (wstrb),
    .wlast_o       (wlast),
    .host_b_data_i (host_b_data),
    .host_b_cpl_i  (host_b_cpl),
    .host_b_error_i(host_b_error),
    .mem_b_data_i  (mem_b_data),
    .mem_b_error_i (mem_b_error),
    .y_beat_o      (y_beat),
    .c_beat_o      (c_beat),
    .beat_slot_o   (beat_slot),
    .host_fail_o   (host_fail),
    .host_done_o   (host_done),
    .host_slot_o   (host_slot),
    .host_status_o (host_status),
    .mem_fail_o    (mem_fail),
    .mem_done_o    (mem_done),
    .mem_slot_o    (mem_slot),
    .mem_status_o  (mem_status),
    .busy_o        (wr_busy),
    .awake_o       (wr_awake)
  );

  tern_write_port u_host_write (
    .clk_i     (clk_ctl_i),
    .rst_ni    (core_rst_n),
    .limit_i   (watchdog),
    .aw_valid_i(host_awvalid),
    .aw_ready_o(host_awready),
    .aw_id_i   (awid),
    .aw_addr_i (awaddr),
    .aw_len_i  (awlen),
    .w_valid_i (host_wvalid),
    .w_ready_o (host_wready),
    .w_data_i  (wdata),
    .w_strb_i  (wstrb),
    .w_last_i  (wlast),
    .b_data_o  (host_b_data),
    .b_cpl_o   (host_b_cpl),
    .b_error_o (host_b_error),
    .awvalid_o (m_axi_host_awvalid_o),
    .awready_i (m_axi_host_awready_i),
    .awid_o    (m_axi_host_awid_o),
    .awaddr_o  (m_axi_host_awaddr_o),
    .awlen_o   (m_axi_host_awlen_o),
    .awsize_o  (m_axi_host_awsize_o),
    .awburst_o (m_axi_host_awburst_o),
    .wvalid_o  (m_axi_host_wvalid_o),
    .wready_i  (m_axi_host_wready_i),
    .wdata_o   (m_axi_host_wdata_o),
    .wstrb_o   (m_axi_host_wstrb_o),
    .wlast_o   (m_axi_host_wlast_o),
    .bvalid_i  (m_axi_host_bvalid_i),
    .bready_o  (m_axi_host_bready_o),
    .bid_i     (m_axi_host_bid_i),
    .bresp_i   (m_axi_host_bresp_i),
    .sending_o (host_w_sending),
    .answer_o  (host_w_answer),
    .dead_o    (host_wr_dead)
  );

  tern_write_port u_mem_write (
    .clk_i     (clk_ctl_i),
    .rst_ni    (core_rst_n),
    .limit_i   (watchdog),
    .aw_valid_i(mem_awvalid),
    .aw_ready_o(mem_awready),
    .aw_id_i   (awid),
    .aw_addr_i (awaddr),
    .aw_len_i  (awlen),
    .w_valid_i (mem_wvalid),
    .w_ready_o (mem_wready),
    .w_data_i  (wdata),
    .w_strb_i  (wstrb),
    .w_last_i  (wlast),
    .b_data_o  (mem_b_data),
    .b_cpl_o   (unused_b),
    .b_error_o (mem_b_error),
    .awvalid_o (m_axi_mem_awvalid_o),
    .awready_i (m_axi_mem_awready_i),
    .awid_o    (m_axi_mem_awid_o),
    .awaddr_o  (m_axi_mem_awaddr_o),
    .awlen_o   (m_axi_mem_awlen_o),
    .awsize_o  (m_axi_mem_awsize_o),
    .awburst_o (m_axi_mem_awburst_o),
    .wvalid_o  (m_axi_mem_wvalid_o),
    .wready_i  (m_axi_mem_wready_i),
    .wdata_o   (m_axi_mem_wdata_o),
    .wstrb_o   (m_axi_mem_wstrb_o),
    .wlast_o   (m_axi_mem_wlast_o),
    .bvalid_i  (m_axi_mem_bvalid_i),
    .bready_o  (m_axi_mem_bready_o),
    .bid_i     (m_axi_mem_bid_i),
    .bresp_i   (m_axi_mem_bresp_i),
    .sending_o (mem_w_sending),
    .answer_o  (mem_w_answer),
    .dead_o    (mem_wr_dead)
  );

  // ------------------------------------------------------------------ completion
  logic [Queues-1:0] cpl_irqs;

  tern_complete #(
    .Queues(Queues)
  ) u_complete (
    .clk_i         (clk_ctl_i),
    .rst_ni        (core_rst_n),
    .cpl_valid_i   (retire_valid),
    .cpl_ready_o   (retire_ready),
    .cpl_i         (cpl),
    .cpl_irq_i     (retire_irq),
    .cpl_queue_i   (retire_slot[SlotBits-1:2]),
    .q_cq_base_lo_i(q_cq_base_lo),
    .q_cq_base_hi_i(q_cq_base_hi),
    .q_ctrl_i      (q_ctrl),
    .q_cq_tail_i   (q_cq_tail),
    .phase_i       (phase),
    .orphan_i      (orphan),
    .event_valid_o (cpl_event_valid),
    .event_o       (cpl_event),
    .event_ready_i (cpl_event_ready),
    .failed_o      (complete_failed),
    .queue_o       (complete_queue),
    .addr_o        (complete_addr),
    .written_o     (cpl_written),
    .wr_valid_o    (cpl_wr_valid),
    .wr_ready_i    (cpl_wr_ready),
    .wr_addr_o     (cpl_wr_addr),
    .wr_data_o     (cpl_wr_data),
    .wr_done_i     (cpl_wr_done),
    .wr_bad_i      (host_b_error != tern_pkg::Good),
    .irq_o         (cpl_irqs),
    .busy_o        (cpl_busy),
    .awake_o       (cpl_awake)
  );

  // ------------------------------------------------------------------ account, errors, interrupts
  logic error_irq, idle_cycle, commands_inside;
  assign commands_inside = fetch_busy || decode_busy || issue_busy || next_valid != '0;

  tern_account #(
    .Streams(Streams),
    .Cols   (Cols),
    .Queues (Queues)
  ) u_account (
    .clk_i                  (clk_ctl_i),
    .rst_ni                 (core_rst_n),
    .open_i                 (decoded_valid),
    .open_slot_i            (opened_slot),
    .end_valid_i            (end_valid_q),
    .end_slot_i             (end_slot_q),
    .end_first_i            (end_first_q),
    .end_cycles_i           (end_cycles_q),
    .end_array_i            (end_array_q),
    .end_stall_weights_i    (end_stall_weights_q),
    .end_stall_activations_i(end_stall_activations_q),
    .end_stall_results_i    (end_stall_results_q),
    .end_nonzeros_i         (end_nonzeros_q),
    .end_trits_i            (end_trits_q),
    .end_cols_i             (end_cols_q),
    .array_idle_i           (array_idle_q),
    .copy_i                 (copy_runs),
    .copy_slot_i            (copy_slot),
    .answers_due_i          (open),
    .commands_inside_i      (commands_inside),
    .completing_i           (cpl_busy),
    .done0_i                (host_done),
    .done0_slot_i           (host_slot),
    .done1_i                (mem_done),
    .done1_slot_i           (mem_slot),
    .begin_i                ((issue_advance && issue_done) || (chunk && tile_first)),
    .begin_slot_i           (issue_slot),
    .w_read_i               (w_ar_grant),
    .w_slot_i               (w_ar_slot),
    .w_beats_i              (w_ar_beats),
    .x_read_i               (x_issue),
    .x_slot_i               (x_req_slot),
    .x_beats_i              (x_issue_beats),
    .c_read_i               (c_issue),
    .c_beats_i              (c_issue_beats),
    .written_i              (y_beat || c_beat),
    .written_slot_i         (beat_slot),
    .retire_slot_i          (retire_slot),
    .retire_id_i            (retire_id),
    .retire_status_i        (retire_status),
    .retire_src_host_i      (retire_src_host),
    .retire_dst_host_i      (retire_dst_host),
    .cpl_o                  (cpl),
    .idle_cycle_o           (idle_cycle)
  );

  assign job_failed = retire_valid && retire_ready && retire_status != tern_abi_pkg::StatusOk;

  tern_errors #(
    .Queues(Queues)
  ) u_errors (
    .clk_i           (clk_ctl_i),
    .rst_ni          (core_rst_n),
    .fetch_i         (fetch_failed),
    .fetch_queue_i   (fetch_queue),
    .fetch_addr_i    (fetch_addr),
    .complete_i      (complete_failed),
    .complete_queue_i(complete_queue),
    .complete_addr_i (complete_addr),
    .bell_i          (bell_bad),
    .bell_queue_i    (bad_bell_queue),
    .bell_value_i    (bad_bell_value),
    .any_i           (error_fetch || error_complete || error_doorbell),
    .job_i           (job_failed),
    .job_queue_i     (8'(retire_slot[SlotBits-1:2])),
    .job_status_i    (retire_status),
    .job_id_i        (retire_id),
    .job_any_i       (error_job),
    .queue_o         (error_queue),
    .addr_lo_o       (error_addr_lo),
    .addr_hi_o       (error_addr_hi),
    .job_o           (job_error),
    .irq_o           (error_irq)
  );

  logic [9:0] mem_read, host_read;
  always_comb begin
    mem_read = '0;
    for (int unsigned s = 0; s < Streams; s++) begin
      if (w_ar_grant[s]) mem_read = mem_read + {3'd0, w_ar_beats[s*7+:7]};
    end
    if (x_mem_grant) mem_read = mem_read + {3'd0, x_ar_beats};
    if (c_mem_grant) mem_read = mem_read + {3'd0, c_ar_beats};
    host_read = {9'd0, ar_fetch_grant};
    if (x_host_grant) host_read = host_read + {3'd0, x_ar_beats};
    if (c_host_grant) host_read = host_read + {3'd0, c_ar_beats};
  end

  tern_totals u_totals (
    .clk_i                  (clk_ctl_i),
    .rst_ni                 (core_rst_n),
    .end_valid_i            (end_valid_q),
    .end_cycles_i           (end_cycles_q),
    .end_array_i            (end_array_q),
    .end_stall_weights_i    (end_stall_weights_q),
    .end_stall_activations_i(end_stall_activations_q),
    .end_stall_results_i    (end_stall_results_q),
    .idle_cycle_i           (idle_cycle),
    .mem_read_i             (mem_read),
    .mem_written_i          (mem_wvalid && mem_wready),
    .host_read_i            (host_read),
    .host_written_i         (host_wvalid && host_wready),
    .job_i                  (cpl_written),
    .cycles_o               (total_cycles),
    .array_o                (total_array),
    .stall_weights_o        (total_stall_weights),
    .stall_activations_o    (total_stall_activations),
    .stall_results_o        (total_stall_results),
    .mem_read_o             (total_mem_read),
    .mem_written_o          (total_mem_written),
    .host_read_o            (total_host_read),
    .host_written_o         (total_host_written),
    .jobs_o                 (total_jobs)
  );

  // ------------------------------------------------------------------ clocks
  // The control side is at rest when only weights stream or answers are awaited, and nothing on the
  // streaming side has anything to tell it. What it drives then stands still. While nothing streams
  // it counts cycles. (So the patience of its watchdogs is counted while its clock runs.)
  logic awake, awake_q, working, working_q, dead, answered;
  assign dead = host_rd_dead || mem_rd_dead_q || host_wr_dead || mem_wr_dead;
  assign answered = host_r_answer || host_w_answer || mem_w_answer || x_mem_r_valid ||
      c_mem_r_valid;
  assign awake = fetch_awake || decode_busy || jobs_work || issue_busy || gemm_busy || copy_busy ||
      rd_x_awake || rd_c_awake || wr_awake || cpl_awake || host_ar_valid || mem_ar_valid != '0 ||
      mem_ar_held != '0 || host_r_sending || mem_r_sending != '0 || host_w_sending ||
      mem_w_sending || answered || dead;
  assign working = fetch_busy || decode_busy || jobs_work || issue_busy || gemm_busy || copy_busy ||
      !rd_x_idle || !rd_c_idle || wr_busy || cpl_busy || open || dead;

  always_ff @(posedge clk_ctl_i or negedge rst_ni) begin
    if (!rst_ni) begin
      awake_q <= 1'b1;
      working_q <= 1'b1;
    end else begin
      awake_q <= awake || reg_busy || queues_work || ctrl_reset || soft_rst_o || error_irq ||
          gemm_wake || s_axil_awvalid_i || s_axil_wvalid_i || s_axil_arvalid_i;
      working_q <= working;
    end
  end

  assign device_busy = working || !array_idle_q || array_settling_q;
  assign busy_o = awake_q || working_q || !array_idle || array_settling || gemm_wake ||
      mem_rd_dead != '0;
  assign clk_ctl_en_o = awake_q || answered || array_idle || gemm_wake || mem_answers ||
      mem_rd_dead != '0;
  assign irq_o = cpl_irqs | {{(Queues - 1) {1'b0}}, error_irq};

endmodule
