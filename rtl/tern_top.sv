// SPDX-License-Identifier: Apache-2.0

// The device: registers on an AXI4-Lite port, one AXI4 master to the host link and one to device
// memory, interrupt requests. rtl/README.md follows a command through it.
//
// No output depends on an input of the same cycle.

module tern_top #(
  parameter int unsigned Lanes = tern_abi_pkg::BaseLanes,
  parameter int unsigned Cols = tern_abi_pkg::BaseCols,
  parameter int unsigned Queues = tern_abi_pkg::BaseQueues,
  parameter int unsigned KTile = tern_abi_pkg::BaseKTile,
  parameter int unsigned RowsTile = tern_abi_pkg::BaseRowsTile
) (
  input  logic              clk_i,
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

  // -> device memory
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
  output logic              m_axi_mem_arvalid_o,
  input  logic              m_axi_mem_arready_i,
  output logic [3:0]        m_axi_mem_arid_o,
  output logic [63:0]       m_axi_mem_araddr_o,
  output logic [7:0]        m_axi_mem_arlen_o,
  output logic [2:0]        m_axi_mem_arsize_o,
  output logic [1:0]        m_axi_mem_arburst_o,
  input  logic              m_axi_mem_rvalid_i,
  output logic              m_axi_mem_rready_o,
  input  logic [3:0]        m_axi_mem_rid_i,
  input  logic [511:0]      m_axi_mem_rdata_i,
  input  logic [1:0]        m_axi_mem_rresp_i,
  input  logic              m_axi_mem_rlast_i
);

  localparam int unsigned QueueBits = $clog2(Queues);

  // A beat of P2 is what the array takes a cycle; the loops and indices count in powers of two.
  if (Lanes != tern_abi_pkg::P2TritsABeat) $error("tern_top: Lanes must be 256");
  if (Cols < 2 || Cols != 1 << $clog2(Cols))
    $error("tern_top: Cols must be a power of two, from 2");
  if (Queues < 2 || Queues > tern_abi_pkg::QueuesMax)
    $error("tern_top: Queues must be 2 to 16");
  if (KTile < 512 || KTile != 1 << $clog2(KTile))
    $error("tern_top: KTile must be a power of two, from 512");
  if (RowsTile < 32 || RowsTile != 1 << $clog2(RowsTile))
    $error("tern_top: RowsTile must be a power of two, from 32");

  // ------------------------------------------------------------------ registers
  logic reg_busy, ctrl_enable, ctrl_reset, reset_clear, reset_finished, core_rst_n;
  logic device_busy;
  logic error_fetch, error_complete, error_doorbell;
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
      (32'd1 << tern_abi_pkg::CapsBarrierBit) | (32'd1 << tern_abi_pkg::CapsP2Bit);
  localparam logic [31:0] ArraySize = (Cols << tern_abi_pkg::ArrayColsLsb) |
      (Lanes << tern_abi_pkg::ArrayLanesLsb);
  localparam logic [31:0] QueuesSize = (Queues << tern_abi_pkg::QueuesCountLsb) |
      (tern_abi_pkg::QueueLog2Max << tern_abi_pkg::QueuesLog2MaxLsb);
  localparam logic [31:0] ConfigHash =
      tern_abi_pkg::config_hash(Lanes, 1, Cols, Queues, KTile, RowsTile);

  // Straps stand still; registers keep them, and the register file behind them, out of the paths
  // that start at inputs.
  logic [3:0]  platform_q;
  logic [31:0] clock_khz_q;
  logic [63:0] mem_size_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
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
    .clk_i,
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
    .error_job_o               (),
    .error_job_set_i           (1'b0),
    .error_queue_i             (error_queue),
    .error_addr_lo_i           (error_addr_lo),
    .error_addr_hi_i           (error_addr_hi),
    .job_error_i               ('0),
    .watchdog_o                (),
    .abort_id_o                (),
    .abort_queue_o             (),
    .abort_go_o                (),
    .abort_go_clear_i          (1'b1),
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
    .clk_i,
    .rst_ni,
    .request_i (ctrl_reset),
    .clear_o   (reset_clear),
    .soft_rst_o,
    .finished_o(reset_finished)
  );

  assign core_rst_n = rst_ni && !soft_rst_o;

  // ------------------------------------------------------------------ queues, fetch, decode
  logic pick_valid, fetch_failed, fetch_busy, fetch_waiting, queues_work, complete_failed;
  logic fetch_event_valid, fetch_event_ready, cpl_event_valid, cpl_event_ready;
  logic drop_valid, drop_ready;
  logic [1:0] fetch_event, cpl_event;
  logic [7:0] bad_bell_queue;
  logic [31:0] bad_bell_value;
  logic [QueueBits-1:0] pick_queue, fetch_event_queue, fetch_queue, complete_queue, decoded_queue;
  logic [63:0] fetch_addr, complete_addr;
  logic [Queues-1:0] phase, orphan;
  logic ar_fetch_valid, ar_fetch_grant, r_fetch_valid;
  logic cmd_valid, cmd_ready, decode_busy, decoded_valid, decoded_ready;
  logic [511:0] cmd, decoded;
  logic [7:0] decoded_status;
  logic [55:0] decoded_w_beats;

  tern_queues #(
    .Queues(Queues)
  ) u_queues (
    .clk_i,
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
    .drop_valid_i    (drop_valid),
    .drop_queue_i    (decoded_queue),
    .drop_ready_o    (drop_ready),
    .phase_o         (phase),
    .orphan_o        (orphan),
    .work_o          (queues_work)
  );

  tern_fetch #(
    .Queues(Queues)
  ) u_fetch (
    .clk_i,
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
    .r_data_i      (m_axi_host_rdata_i),
    .r_bad_i       (host_r_bad),
    .cmd_valid_o   (cmd_valid),
    .cmd_ready_i   (cmd_ready),
    .cmd_o         (cmd),
    .busy_o        (fetch_busy),
    .waiting_o     (fetch_waiting)
  );

  tern_decode #(
    .Queues(Queues)
  ) u_decode (
    .clk_i,
    .rst_ni       (core_rst_n),
    .mem_size_i   (mem_size_q),
    .cmd_valid_i  (cmd_valid),
    .cmd_ready_o  (cmd_ready),
    .cmd_i        (cmd),
    .queue_i      (fetch_queue),
    .job_valid_o  (decoded_valid),
    .job_ready_i  (decoded_ready),
    .job_o        (decoded),
    .job_queue_o  (decoded_queue),
    .job_status_o (decoded_status),
    .job_w_beats_o(decoded_w_beats),
    .job_row_beats_o(),
    .job_src_end_o(),
    .job_dst_end_o(),
    .job_w_end_o  (),
    .busy_o       (decode_busy)
  );

  // ------------------------------------------------------------------ execution
  logic [511:0] job;
  logic [55:0] w_beats;
  logic gemm_start, gemm_done, copy_start, copy_done, abort, clear, engines_idle, exec_busy;
  logic job_mem_bad, job_host_bad;
  logic take, stall_weights, stall_activations, stall_results, stall_link;
  logic job_host_read, job_host_written;
  logic [63:0] adds, adds_skipped;
  logic cpl_valid, cpl_ready, cpl_irq;
  logic [511:0] cpl;
  logic [QueueBits-1:0] cpl_queue;

  // The job's fields.
  logic [63:0] job_src, job_dst, job_weights, job_length;
  logic [31:0] job_n, job_k, job_t, job_src_stride, job_dst_stride;
  logic job_src_host, job_dst_host, job_is_gemm, job_is_fill;
  assign job_src = job[tern_abi_pkg::CommandSrcLsb+:64];
  assign job_dst = job[tern_abi_pkg::CommandDstLsb+:64];
  assign job_weights = job[tern_abi_pkg::CommandWeightsLsb+:64];
  assign job_length = job[tern_abi_pkg::CommandLengthLsb+:64];
  assign job_n = job[tern_abi_pkg::CommandNLsb+:32];
  assign job_k = job[tern_abi_pkg::CommandKLsb+:32];
  assign job_t = job[tern_abi_pkg::CommandTLsb+:32];
  assign job_src_stride = job[tern_abi_pkg::CommandSrcStrideLsb+:32];
  assign job_dst_stride = job[tern_abi_pkg::CommandDstStrideLsb+:32];
  assign job_src_host = job[tern_abi_pkg::CommandSrcSpaceLsb+:8] == tern_abi_pkg::SpaceHost;
  assign job_dst_host = job[tern_abi_pkg::CommandDstSpaceLsb+:8] == tern_abi_pkg::SpaceHost;
  assign job_is_gemm = job[tern_abi_pkg::CommandOpcodeLsb+:8] == tern_abi_pkg::OpGemm;
  assign job_is_fill = job[tern_abi_pkg::CommandOpcodeLsb+:8] == tern_abi_pkg::OpFill;

  tern_exec #(
    .Queues(Queues)
  ) u_exec (
    .clk_i,
    .rst_ni             (core_rst_n),
    .job_valid_i        (decoded_valid),
    .job_ready_o        (decoded_ready),
    .job_i              (decoded),
    .job_status_i       (decoded_status),
    .job_queue_i        (decoded_queue),
    .job_w_beats_i      (decoded_w_beats),
    .orphan_i           (orphan),
    .drop_valid_o       (drop_valid),
    .drop_ready_i       (drop_ready),
    .job_o              (job),
    .w_beats_o          (w_beats),
    .gemm_start_o       (gemm_start),
    .gemm_done_i        (gemm_done),
    .copy_start_o       (copy_start),
    .copy_done_i        (copy_done),
    .abort_o            (abort),
    .clear_o            (clear),
    .engines_idle_i     (engines_idle),
    .mem_bad_i          (job_mem_bad),
    .host_bad_i         (job_host_bad),
    .waiting_i          (fetch_waiting && !decode_busy),
    .upstream_busy_i    (fetch_busy || decode_busy),
    .array_i            (take),
    .stall_weights_i    (stall_weights),
    .stall_activations_i(stall_activations),
    .stall_results_i    (stall_results),
    .stall_link_i       (stall_link),
    .mem_read_i         (m_axi_mem_rvalid_i),
    .mem_written_i      (mem_w),
    .host_read_i        (job_host_read),
    .host_written_i     (job_host_written),
    .adds_i             (adds),
    .adds_skipped_i     (adds_skipped),
    .cpl_valid_o        (cpl_valid),
    .cpl_ready_i        (cpl_ready),
    .cpl_o              (cpl),
    .cpl_irq_o          (cpl_irq),
    .cpl_queue_o        (cpl_queue),
    .busy_o             (exec_busy)
  );

  // ------------------------------------------------------------------ GEMM
  logic gemm_idle, gemm_stall_link, wr_sent, wr_job_idle, rd_req_ready, wr_req_ready;
  logic ar_weights_valid, ar_weights_grant, r_weights_valid;
  logic [63:0] ar_weights_addr;
  logic [6:0] ar_weights_beats;
  logic x_req_valid, y_req_valid, y_valid, y_read, beat_valid;
  logic [63:0] x_req_addr, y_req_addr, y_req_bytes;
  logic [57:0] x_req_beats;
  logic [511:0] beat_data, y_data;

  tern_gemm #(
    .Cols    (Cols),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_gemm (
    .clk_i,
    .rst_ni             (core_rst_n),
    .abort_i            (abort),
    .clear_i            (clear),
    .start_i            (gemm_start),
    .weights_addr_i     (job_weights),
    .weights_beats_i    (w_beats),
    .x_addr_i           (job_src),
    .y_addr_i           (job_dst),
    .x_stride_i         (job_src_stride),
    .y_stride_i         (job_dst_stride),
    .n_i                (job_n),
    .k_i                (job_k),
    .t_i                (job_t),
    .done_o             (gemm_done),
    .idle_o             (gemm_idle),
    .ar_valid_o         (ar_weights_valid),
    .ar_addr_o          (ar_weights_addr),
    .ar_beats_o         (ar_weights_beats),
    .ar_grant_i         (ar_weights_grant),
    .r_valid_i          (r_weights_valid),
    .r_data_i           (m_axi_mem_rdata_i),
    .x_req_valid_o      (x_req_valid),
    .x_req_ready_i      (rd_req_ready),
    .x_req_addr_o       (x_req_addr),
    .x_req_beats_o      (x_req_beats),
    .x_beat_valid_i     (beat_valid),
    .x_beat_data_i      (beat_data),
    .y_req_valid_o      (y_req_valid),
    .y_req_ready_i      (wr_req_ready),
    .y_req_addr_o       (y_req_addr),
    .y_req_bytes_o      (y_req_bytes),
    .y_valid_o          (y_valid),
    .y_data_o           (y_data),
    .y_read_i           (y_read),
    .y_flushed_i        (wr_job_idle),
    .take_o             (take),
    .stall_weights_o    (stall_weights),
    .stall_activations_o(stall_activations),
    .stall_results_o    (stall_results),
    .stall_link_o       (gemm_stall_link),
    .adds_o             (adds),
    .adds_skipped_o     (adds_skipped)
  );

  // ------------------------------------------------------------------ COPY, FILL
  logic copy_idle, copy_rd_valid, copy_room, copy_wr_valid, copy_data_valid, copy_read;
  logic rd_issue, rd_idle;
  logic [57:0] copy_rd_beats;
  logic [6:0] rd_issue_beats;
  logic [511:0] copy_data;

  tern_copy u_copy (
    .clk_i,
    .rst_ni          (core_rst_n),
    .abort_i         (abort),
    .clear_i         (clear),
    .start_i         (copy_start),
    .fill_i          (job_is_fill),
    .length_i        (job_length),
    .done_o          (copy_done),
    .idle_o          (copy_idle),
    .rd_valid_o      (copy_rd_valid),
    .rd_ready_i      (rd_req_ready),
    .rd_beats_o      (copy_rd_beats),
    .rd_room_o       (copy_room),
    .rd_issue_i      (rd_issue),
    .rd_issue_beats_i(rd_issue_beats),
    .beat_valid_i    (beat_valid),
    .beat_data_i     (beat_data),
    .wr_valid_o      (copy_wr_valid),
    .wr_ready_i      (wr_req_ready),
    .wr_idle_i       (wr_job_idle),
    .data_valid_o    (copy_data_valid),
    .data_o          (copy_data),
    .data_read_i     (copy_read)
  );

  assign stall_link = gemm_stall_link || (!copy_idle && wr_sent && !copy_wr_valid);

  // ------------------------------------------------------------------ memory ports
  logic ar_data_host_valid, ar_data_mem_valid, ar_data_host_grant, ar_data_mem_grant;
  logic r_data_host_valid, r_data_mem_valid, host_r_bad, mem_r_bad, host_b_bad, mem_b_bad;
  logic [63:0] ar_data_addr;
  logic [6:0] ar_data_beats;

  assign r_fetch_valid = m_axi_host_rvalid_i && m_axi_host_rid_i == tern_pkg::IdFetch;
  assign r_data_host_valid = m_axi_host_rvalid_i && m_axi_host_rid_i == tern_pkg::IdData;
  assign r_data_mem_valid = m_axi_mem_rvalid_i && m_axi_mem_rid_i == tern_pkg::IdData;
  assign r_weights_valid = m_axi_mem_rvalid_i && m_axi_mem_rid_i == tern_pkg::IdWeights;
  assign host_r_bad = m_axi_host_rresp_i != tern_pkg::RespOkay;
  assign mem_r_bad = m_axi_mem_rresp_i != tern_pkg::RespOkay;
  assign host_b_bad = m_axi_host_bresp_i != tern_pkg::RespOkay;
  assign mem_b_bad = m_axi_mem_bresp_i != tern_pkg::RespOkay;

  tern_dma_rd u_dma_rd (
    .clk_i,
    .rst_ni         (core_rst_n),
    .abort_i        (abort),
    .req_valid_i    (x_req_valid || copy_rd_valid),
    .req_ready_o    (rd_req_ready),
    .req_host_i     (job_src_host),
    .req_addr_i     (job_is_gemm ? x_req_addr : job_src),
    .req_beats_i    (job_is_gemm ? x_req_beats : copy_rd_beats),
    .room_i         (job_is_gemm || copy_room),
    .issue_o        (rd_issue),
    .issue_beats_o  (rd_issue_beats),
    .ar_host_valid_o(ar_data_host_valid),
    .ar_mem_valid_o (ar_data_mem_valid),
    .ar_addr_o      (ar_data_addr),
    .ar_beats_o     (ar_data_beats),
    .ar_host_grant_i(ar_data_host_grant),
    .ar_mem_grant_i (ar_data_mem_grant),
    .r_host_valid_i (r_data_host_valid),
    .r_host_data_i  (m_axi_host_rdata_i),
    .r_host_bad_i   (host_r_bad),
    .r_mem_valid_i  (r_data_mem_valid),
    .r_mem_data_i   (m_axi_mem_rdata_i),
    .r_mem_bad_i    (mem_r_bad),
    .beat_valid_o   (beat_valid),
    .beat_data_o    (beat_data),
    .idle_o         (rd_idle)
  );

  tern_ar_mux u_ar_host (
    .clk_i,
    .rst_ni   (core_rst_n),
    .a_valid_i(ar_fetch_valid),
    .a_addr_i (fetch_addr),
    .a_beats_i(7'd1),
    .a_id_i   (tern_pkg::IdFetch),
    .a_grant_o(ar_fetch_grant),
    .b_valid_i(ar_data_host_valid),
    .b_addr_i (ar_data_addr),
    .b_beats_i(ar_data_beats),
    .b_id_i   (tern_pkg::IdData),
    .b_grant_o(ar_data_host_grant),
    .arvalid_o(m_axi_host_arvalid_o),
    .arready_i(m_axi_host_arready_i),
    .arid_o   (m_axi_host_arid_o),
    .araddr_o (m_axi_host_araddr_o),
    .arlen_o  (m_axi_host_arlen_o)
  );

  tern_ar_mux u_ar_mem (
    .clk_i,
    .rst_ni   (core_rst_n),
    .a_valid_i(ar_data_mem_valid),
    .a_addr_i (ar_data_addr),
    .a_beats_i(ar_data_beats),
    .a_id_i   (tern_pkg::IdData),
    .a_grant_o(ar_data_mem_grant),
    .b_valid_i(ar_weights_valid),
    .b_addr_i (ar_weights_addr),
    .b_beats_i(ar_weights_beats),
    .b_id_i   (tern_pkg::IdWeights),
    .b_grant_o(ar_weights_grant),
    .arvalid_o(m_axi_mem_arvalid_o),
    .arready_i(m_axi_mem_arready_i),
    .arid_o   (m_axi_mem_arid_o),
    .araddr_o (m_axi_mem_araddr_o),
    .arlen_o  (m_axi_mem_arlen_o)
  );

  logic cpl_wr_valid, cpl_wr_ready, cpl_wr_done, cpl_busy, cpl_written;
  logic [63:0] cpl_wr_addr;
  logic [511:0] cpl_wr_data, wdata;
  logic [3:0] awid;
  logic [63:0] awaddr, wstrb;
  logic [7:0] awlen;
  logic wlast;

  tern_dma_wr u_dma_wr (
    .clk_i,
    .rst_ni         (core_rst_n),
    .abort_i        (abort),
    .req_valid_i    (y_req_valid || copy_wr_valid),
    .req_ready_o    (wr_req_ready),
    .req_host_i     (job_dst_host),
    .req_addr_i     (job_is_gemm ? y_req_addr : job_dst),
    .req_bytes_i    (job_is_gemm ? y_req_bytes : job_length),
    .req_source_i   (job_is_gemm ? tern_pkg::SrcResults :
                     job_is_fill ? tern_pkg::SrcPattern : tern_pkg::SrcCopy),
    .results_valid_i(y_valid),
    .results_data_i (y_data),
    .results_read_o (y_read),
    .copy_valid_i   (copy_data_valid),
    .copy_data_i    (copy_data),
    .copy_read_o    (copy_read),
    .pattern_i      (job[tern_abi_pkg::CommandPatternLsb+:32]),
    .cpl_valid_i    (cpl_wr_valid),
    .cpl_ready_o    (cpl_wr_ready),
    .cpl_addr_i     (cpl_wr_addr),
    .cpl_data_i     (cpl_wr_data),
    .cpl_done_o     (cpl_wr_done),
    .host_awvalid_o (m_axi_host_awvalid_o),
    .host_awready_i (m_axi_host_awready_i),
    .mem_awvalid_o  (m_axi_mem_awvalid_o),
    .mem_awready_i  (m_axi_mem_awready_i),
    .awid_o         (awid),
    .awaddr_o       (awaddr),
    .awlen_o        (awlen),
    .host_wvalid_o  (m_axi_host_wvalid_o),
    .host_wready_i  (m_axi_host_wready_i),
    .mem_wvalid_o   (m_axi_mem_wvalid_o),
    .mem_wready_i   (m_axi_mem_wready_i),
    .wdata_o        (wdata),
    .wstrb_o        (wstrb),
    .wlast_o        (wlast),
    .host_bvalid_i  (m_axi_host_bvalid_i),
    .host_bid_i     (m_axi_host_bid_i),
    .mem_bvalid_i   (m_axi_mem_bvalid_i),
    .sent_o         (wr_sent),
    .idle_o         (wr_job_idle)
  );

  // Both write ports show the same registers; only valid tells them apart. Every answer has a
  // place waiting for it, so ready is constant.
  assign m_axi_host_awid_o = awid;
  assign m_axi_host_awaddr_o = awaddr;
  assign m_axi_host_awlen_o = awlen;
  assign m_axi_host_wdata_o = wdata;
  assign m_axi_host_wstrb_o = wstrb;
  assign m_axi_host_wlast_o = wlast;
  assign m_axi_host_awsize_o = tern_pkg::BeatSize;
  assign m_axi_host_awburst_o = tern_pkg::BurstIncr;
  assign m_axi_host_arsize_o = tern_pkg::BeatSize;
  assign m_axi_host_arburst_o = tern_pkg::BurstIncr;
  assign m_axi_host_bready_o = 1'b1;
  assign m_axi_host_rready_o = 1'b1;
  assign m_axi_mem_awid_o = awid;
  assign m_axi_mem_awaddr_o = awaddr;
  assign m_axi_mem_awlen_o = awlen;
  assign m_axi_mem_wdata_o = wdata;
  assign m_axi_mem_wstrb_o = wstrb;
  assign m_axi_mem_wlast_o = wlast;
  assign m_axi_mem_awsize_o = tern_pkg::BeatSize;
  assign m_axi_mem_awburst_o = tern_pkg::BurstIncr;
  assign m_axi_mem_arsize_o = tern_pkg::BeatSize;
  assign m_axi_mem_arburst_o = tern_pkg::BurstIncr;
  assign m_axi_mem_bready_o = 1'b1;
  assign m_axi_mem_rready_o = 1'b1;

  tern_complete #(
    .Queues(Queues)
  ) u_complete (
    .clk_i,
    .rst_ni        (core_rst_n),
    .cpl_valid_i   (cpl_valid),
    .cpl_ready_o   (cpl_ready),
    .cpl_i         (cpl),
    .cpl_irq_i     (cpl_irq),
    .cpl_queue_i   (cpl_queue),
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
    .wr_bad_i      (host_b_bad),
    .irq_o         (cpl_irqs),
    .busy_o        (cpl_busy)
  );

  // ------------------------------------------------------------------ errors, counters, interrupts
  logic [Queues-1:0] cpl_irqs;
  logic error_irq;

  assign job_mem_bad = (m_axi_mem_rvalid_i && mem_r_bad) || (m_axi_mem_bvalid_i && mem_b_bad);
  assign job_host_bad = (r_data_host_valid && host_r_bad) ||
      (m_axi_host_bvalid_i && m_axi_host_bid_i == tern_pkg::IdData && host_b_bad);

  tern_errors #(
    .Queues(Queues)
  ) u_errors (
    .clk_i,
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
    .queue_o         (error_queue),
    .addr_lo_o       (error_addr_lo),
    .addr_hi_o       (error_addr_hi),
    .irq_o           (error_irq)
  );

  logic mem_w, host_w;
  assign mem_w = m_axi_mem_wvalid_o && m_axi_mem_wready_i;
  assign host_w = m_axi_host_wvalid_o && m_axi_host_wready_i;
  assign job_host_read = r_data_host_valid;
  assign job_host_written = host_w && awid == tern_pkg::IdData;

  tern_totals u_totals (
    .clk_i,
    .rst_ni             (core_rst_n),
    .busy_i             (device_busy),
    .array_i            (take),
    .stall_weights_i    (stall_weights),
    .stall_activations_i(stall_activations),
    .stall_results_i    (stall_results),
    .mem_read_i         (m_axi_mem_rvalid_i),
    .mem_written_i      (mem_w),
    .host_read_i        (m_axi_host_rvalid_i),
    .host_written_i     (host_w),
    .job_i              (cpl_written),
    .cycles_o           (total_cycles),
    .array_o            (total_array),
    .stall_weights_o    (total_stall_weights),
    .stall_activations_o(total_stall_activations),
    .stall_results_o    (total_stall_results),
    .mem_read_o         (total_mem_read),
    .mem_written_o      (total_mem_written),
    .host_read_o        (total_host_read),
    .host_written_o     (total_host_written),
    .jobs_o             (total_jobs)
  );

  assign engines_idle = gemm_idle && copy_idle && rd_idle && wr_job_idle;
  assign device_busy = fetch_busy || decode_busy || exec_busy || cpl_busy;
  assign busy_o = reg_busy || device_busy || queues_work || ctrl_reset || soft_rst_o || error_irq;
  assign irq_o = cpl_irqs | {{(Queues - 1) {1'b0}}, error_irq};

endmodule
