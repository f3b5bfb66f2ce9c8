// SPDX-License-Identifier: Apache-2.0

// COPY and FILL, chunk by chunk: one stretch for the reader, one for the writer, a FIFO in between.

module tern_copy #(
  parameter int unsigned Queues = 8,
  parameter int unsigned Depth = 256   // beats: link latency that a copy can hide
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      chunk_valid_i,
  output logic                      chunk_ready_o,
  input  logic [$clog2(Queues)+1:0] chunk_slot_i,
  input  logic                      chunk_fill_i,
  input  logic                      chunk_void_i,    // nothing to copy: the job's end only
  input  logic                      chunk_last_i,    // of the job
  input  logic                      chunk_src_host_i,
  input  logic                      chunk_dst_host_i,
  input  logic [63:0]               chunk_src_i,
  input  logic [63:0]               chunk_dst_i,
  input  logic [63:0]               chunk_bytes_i,
  input  logic [31:0]               chunk_pattern_i,

  output logic                      rd_valid_o,      // -> reader
  input  logic                      rd_ready_i,
  output logic                      rd_host_o,
  output logic [63:0]               rd_addr_o,
  output logic [57:0]               rd_beats_o,
  output logic                      rd_room_o,
  input  logic                      rd_issue_i,
  input  logic [6:0]                rd_issue_beats_i,
  input  logic                      beat_valid_i,
  input  logic [511:0]              beat_data_i,
  input  logic [1:0]                beat_error_i,

  output logic                      wr_valid_o,      // -> writer
  input  logic                      wr_ready_i,
  output logic                      wr_host_o,
  output logic                      wr_none_o,
  output logic                      wr_last_o,
  output logic                      wr_fill_o,
  output logic [63:0]               wr_addr_o,
  output logic [63:0]               wr_bytes_o,
  output logic [31:0]               wr_pattern_o,
  input  logic                      wr_sent_i,       // all of the stretch
  output logic                      data_valid_o,
  output logic [511:0]              data_o,
  output logic                      data_bad_o,      // must not reach memory
  input  logic                      data_read_i,

  output logic [$clog2(Queues)+1:0] slot_o,
  output logic                      fail_o,          // a beat could not be read
  output logic [7:0]                fail_status_o,
  output logic                      runs_o,          // the job works here: its end is not sent yet
  output logic                      busy_o
);

  localparam int unsigned CountBits = $clog2(Depth) + 1;

  typedef enum logic [1:0] {StIdle, StAsk, StSend} state_e;

  state_e                    state_q;
  logic                      rd_asked_q, wr_asked_q, fill_q, none_q, last_q, src_host_q, dst_host_q;
  logic [$clog2(Queues)+1:0] slot_q;
  logic [63:0]               src_q, dst_q, bytes_q;
  logic [31:0]               pattern_q;
  logic [CountBits-1:0]      reserved_q;  // beats in or on their way to the FIFO

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      rd_asked_q <= 1'b0;
      wr_asked_q <= 1'b0;
      fill_q <= 1'b0;
      none_q <= 1'b0;
      last_q <= 1'b0;
      src_host_q <= 1'b0;
      dst_host_q <= 1'b0;
      slot_q <= '0;
      src_q <= '0;
      dst_q <= '0;
      bytes_q <= '0;
      pattern_q <= '0;
      reserved_q <= '0;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (chunk_valid_i) begin
            slot_q <= chunk_slot_i;
            fill_q <= chunk_fill_i;
            none_q <= chunk_void_i;
            last_q <= chunk_last_i;
            src_host_q <= chunk_src_host_i;
            dst_host_q <= chunk_dst_host_i;
            src_q <= chunk_src_i;
            dst_q <= chunk_dst_i;
            bytes_q <= chunk_bytes_i;
            pattern_q <= chunk_pattern_i;
            rd_asked_q <= chunk_fill_i || chunk_void_i;
            wr_asked_q <= 1'b0;
            state_q <= StAsk;
          end
        end
        StAsk: begin
          if (rd_ready_i) rd_asked_q <= 1'b1;
          if (wr_ready_i) wr_asked_q <= 1'b1;
          if (rd_asked_q && wr_asked_q) state_q <= StSend;
        end
        StSend: if (wr_sent_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
      if (rd_issue_i || (data_read_i && !fill_q)) begin
        reserved_q <= reserved_q + (rd_issue_i ? CountBits'(rd_issue_beats_i) : '0) -
            CountBits'(data_read_i && !fill_q);
      end
    end
  end

  logic         fifo_valid, fifo_bad;
  logic [$clog2(Depth):0] taken;
  tern_fifo #(
    .Width(513),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i(1'b0),
    .write_i(beat_valid_i),
    .data_i ({beat_error_i != tern_pkg::Good, beat_data_i}),
    .valid_o(fifo_valid),
    .data_o ({fifo_bad, data_o}),
    .read_i (data_read_i && !fill_q),
    .taken_o(taken)
  );
  logic unused;
  assign unused = ^taken;

  assign chunk_ready_o = state_q == StIdle;
  assign rd_valid_o = state_q == StAsk && !rd_asked_q;
  assign rd_host_o = src_host_q;
  assign rd_addr_o = src_q;
  assign rd_beats_o = bytes_q[63:6] + {57'd0, bytes_q[5:0] != '0};
  assign rd_room_o = reserved_q <= CountBits'(Depth - tern_pkg::BurstBeats);
  assign wr_valid_o = state_q == StAsk && !wr_asked_q;
  assign wr_host_o = dst_host_q;
  assign wr_none_o = none_q;
  assign wr_last_o = last_q;
  assign wr_fill_o = fill_q;
  assign wr_addr_o = dst_q;
  assign wr_bytes_o = bytes_q;
  assign wr_pattern_o = pattern_q;
  assign data_valid_o = fill_q || fifo_valid;
  assign data_bad_o = !fill_q && fifo_bad;
  assign slot_o = slot_q;
  assign fail_o = beat_valid_i && beat_error_i != tern_pkg::Good;
  assign fail_status_o = tern_pkg::status_of(beat_error_i, src_host_q);
  // A dead port answers in the cycle after the last beat, and a job's end with nothing to write is
  // answered in the cycle after it is asked for: the job may be done from then on.
  assign runs_o = none_q ? state_q == StAsk && !wr_asked_q :
      state_q == StAsk || (state_q == StSend && !wr_sent_i);
  assign busy_o = state_q != StIdle;

endmodule
