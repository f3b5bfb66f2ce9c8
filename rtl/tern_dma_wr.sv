// SPDX-License-Identifier: Apache-2.0

// Writes for everybody: a job's stretch (results, copies, fills) burst by burst, and completions
// in between. One data register feeds both spaces.
//
// A job that is aborted in mid-burst sends the burst's other beats without a strobe: AXI wants
// them, memory must not change.

module tern_dma_wr (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         abort_i,        // of the job

  input  logic         req_valid_i,    // one stretch of the job
  output logic         req_ready_o,
  input  logic         req_host_i,
  input  logic [63:0]  req_addr_i,
  input  logic [63:0]  req_bytes_i,
  input  logic [1:0]   req_source_i,   // tern_pkg::Src*

  input  logic         results_valid_i,
  input  logic [511:0] results_data_i,
  output logic         results_read_o,
  input  logic         copy_valid_i,
  input  logic [511:0] copy_data_i,
  output logic         copy_read_o,
  input  logic [31:0]  pattern_i,

  input  logic         cpl_valid_i,    // one completion entry, into host memory
  output logic         cpl_ready_o,
  input  logic [63:0]  cpl_addr_i,
  input  logic [511:0] cpl_data_i,
  output logic         cpl_done_o,     // its response is here

  output logic         host_awvalid_o,
  input  logic         host_awready_i,
  output logic         mem_awvalid_o,
  input  logic         mem_awready_i,
  output logic [3:0]   awid_o,
  output logic [63:0]  awaddr_o,
  output logic [7:0]   awlen_o,
  output logic         host_wvalid_o,
  input  logic         host_wready_i,
  output logic         mem_wvalid_o,
  input  logic         mem_wready_i,
  output logic [511:0] wdata_o,
  output logic [63:0]  wstrb_o,
  output logic         wlast_o,
  input  logic         host_bvalid_i,
  input  logic [3:0]   host_bid_i,
  input  logic         mem_bvalid_i,

  output logic         sent_o,         // all of the job is sent, answers may be missing
  output logic         idle_o          // and they are here too
);

  typedef enum logic [1:0] {StIdle, StAddress, StData} state_e;

  // The burst that is being sent.
  state_e      state_q;
  logic        host_q, cpl_q, final_q, wvalid_q, wlast_q;
  logic [63:0] awaddr_q, wstrb_q;
  logic [6:0]  beats_q;   // still to be loaded
  logic [7:0]  awlen_q;
  logic [511:0] wdata_q;

  // The rest of the job's stretch.
  logic        active_q, req_host_q;
  logic [63:0] addr_q;
  logic [57:0] left_q;
  logic [5:0]  tail_q;
  logic [1:0]  source_q;
  logic [31:0] unanswered_q;

  logic        awready, wready, aw_done, job_aw, load, source_valid, host_b, mem_b;
  logic        take_cpl, take_job;
  logic [6:0]  beats;

  assign beats = tern_pkg::burst_beats(addr_q[11:6], left_q);
  assign take_cpl = state_q == StIdle && cpl_valid_i;
  assign take_job = state_q == StIdle && !cpl_valid_i && active_q && !abort_i;
  assign awready = host_q ? host_awready_i : mem_awready_i;
  assign wready = host_q ? host_wready_i : mem_wready_i;
  assign aw_done = state_q == StAddress && awready;
  assign job_aw = aw_done && !cpl_q;
  assign host_b = host_bvalid_i && host_bid_i != tern_pkg::IdCompletion;
  assign mem_b = mem_bvalid_i;

  always_comb begin
    source_valid = 1'b0;
    load = 1'b0;
    results_read_o = 1'b0;
    copy_read_o = 1'b0;
    if (state_q == StData) begin
      unique case (source_q)
        tern_pkg::SrcResults: source_valid = results_valid_i;
        tern_pkg::SrcCopy: source_valid = copy_valid_i;
        default: source_valid = 1'b1;
      endcase
      load = beats_q != '0 && (!wvalid_q || wready) && (cpl_q || abort_i || source_valid);
      if (load && !cpl_q && !abort_i) begin
        results_read_o = source_q == tern_pkg::SrcResults;
        copy_read_o = source_q == tern_pkg::SrcCopy;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      host_q <= 1'b0;
      cpl_q <= 1'b0;
      final_q <= 1'b0;
      wvalid_q <= 1'b0;
      wlast_q <= 1'b0;
      wstrb_q <= '0;
      awaddr_q <= '0;
      awlen_q <= '0;
      beats_q <= '0;
      active_q <= 1'b0;
      req_host_q <= 1'b0;
      addr_q <= '0;
      left_q <= '0;
      tail_q <= '0;
      source_q <= '0;
      unanswered_q <= '0;
    end else begin
      if (req_valid_i && req_ready_o) begin
        active_q <= 1'b1;
        req_host_q <= req_host_i;
        addr_q <= req_addr_i;
        left_q <= req_bytes_i[63:6] + {57'd0, req_bytes_i[5:0] != '0};
        tail_q <= req_bytes_i[5:0];
        source_q <= req_source_i;
      end else if (abort_i) begin
        active_q <= 1'b0;
      end

      unique case (state_q)
        StIdle: begin
          cpl_q <= cpl_valid_i;
          if (take_cpl) begin
            host_q <= 1'b1;
            awaddr_q <= cpl_addr_i;
            awlen_q <= '0;
            beats_q <= 7'd1;
            state_q <= StAddress;
          end else if (take_job) begin
            host_q <= req_host_q;
            awaddr_q <= addr_q;
            awlen_q <= {1'b0, beats - 7'd1};
            beats_q <= beats;
            final_q <= left_q == {51'd0, beats};
            addr_q <= addr_q + {51'd0, beats, 6'd0};
            left_q <= left_q - {51'd0, beats};
            state_q <= StAddress;
          end
        end
        StAddress: if (awready) state_q <= StData;
        StData: begin
          if (load) begin
            wvalid_q <= 1'b1;
            wlast_q <= beats_q == 7'd1;
            if (cpl_q) wstrb_q <= '1;
            else if (abort_i) wstrb_q <= '0;
            else wstrb_q <= (final_q && beats_q == 7'd1) ? tern_pkg::tail_mask(tail_q) : '1;
            beats_q <= beats_q - 7'd1;
          end else if (wready) begin
            wvalid_q <= 1'b0;
          end
          if (wvalid_q && wready && wlast_q) begin
            state_q <= StIdle;
            if (!cpl_q && final_q) active_q <= 1'b0;
          end
        end
        default: state_q <= StIdle;
      endcase

      if (job_aw || host_b || mem_b) begin
        unanswered_q <= unanswered_q + {31'd0, job_aw} - {31'd0, host_b} - {31'd0, mem_b};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      if (cpl_q) wdata_q <= cpl_data_i;
      else if (source_q == tern_pkg::SrcResults) wdata_q <= results_data_i;
      else if (source_q == tern_pkg::SrcCopy) wdata_q <= copy_data_i;
      else wdata_q <= {16{pattern_i}};
    end
  end

  assign req_ready_o = !active_q && !abort_i;
  assign cpl_ready_o = state_q == StAddress && cpl_q && awready;
  assign cpl_done_o = host_bvalid_i && !host_b;

  assign host_awvalid_o = state_q == StAddress && host_q;
  assign mem_awvalid_o = state_q == StAddress && !host_q;
  assign awid_o = cpl_q ? tern_pkg::IdCompletion : tern_pkg::IdData;
  assign awaddr_o = awaddr_q;
  assign awlen_o = awlen_q;
  assign host_wvalid_o = wvalid_q && host_q;
  assign mem_wvalid_o = wvalid_q && !host_q;
  assign wdata_o = wdata_q;
  assign wstrb_o = wstrb_q;
  assign wlast_o = wlast_q;

  assign sent_o = !active_q && (state_q == StIdle || cpl_q);
  assign idle_o = sent_o && unanswered_q == '0;

endmodule
