// SPDX-License-Identifier: Apache-2.0

// COPY and FILL: one stretch for the reader, one for the writer, a FIFO in between.

module tern_copy #(
  parameter int unsigned Depth = 256   // beats: link latency that a copy can hide
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         abort_i,
  input  logic         clear_i,        // forget what was read; only when idle

  input  logic         start_i,
  input  logic         fill_i,
  input  logic [63:0]  length_i,
  output logic         done_o,
  output logic         idle_o,

  output logic         rd_valid_o,     // -> reader
  input  logic         rd_ready_i,
  output logic [57:0]  rd_beats_o,
  output logic         rd_room_o,
  input  logic         rd_issue_i,
  input  logic [6:0]   rd_issue_beats_i,
  input  logic         beat_valid_i,
  input  logic [511:0] beat_data_i,

  output logic         wr_valid_o,     // -> writer
  input  logic         wr_ready_i,
  input  logic         wr_idle_i,
  output logic         data_valid_o,
  output logic [511:0] data_o,
  input  logic         data_read_i
);

  localparam int unsigned CountBits = $clog2(Depth) + 1;

  typedef enum logic [1:0] {StIdle, StAsk, StWait, StDone} state_e;

  state_e               state_q;
  logic                 copying_q, rd_asked_q, wr_asked_q;
  logic [CountBits-1:0] reserved_q;  // beats in or on their way to the FIFO

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      copying_q <= 1'b0;
      rd_asked_q <= 1'b0;
      wr_asked_q <= 1'b0;
      reserved_q <= '0;
    end else begin
      if (abort_i) begin
        state_q <= StIdle;
      end else begin
        unique case (state_q)
          StIdle: begin
            if (start_i) begin
              copying_q <= !fill_i;
              rd_asked_q <= fill_i;
              wr_asked_q <= 1'b0;
              state_q <= StAsk;
            end
          end
          StAsk: begin
            if (rd_ready_i) rd_asked_q <= 1'b1;
            if (wr_ready_i) wr_asked_q <= 1'b1;
            if (rd_asked_q && wr_asked_q) state_q <= StWait;
          end
          StWait: if (wr_idle_i) state_q <= StDone;
          StDone: begin
            copying_q <= 1'b0;
            state_q <= StIdle;
          end
          default: state_q <= StIdle;
        endcase
      end
      if (clear_i) begin
        reserved_q <= '0;
        copying_q <= 1'b0;
      end else if (copying_q && (rd_issue_i || data_read_i)) begin
        reserved_q <= reserved_q + (rd_issue_i ? CountBits'(rd_issue_beats_i) : '0) -
            CountBits'(data_read_i);
      end
    end
  end

  tern_fifo #(
    .Width(512),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .write_i(copying_q && beat_valid_i),
    .data_i (beat_data_i),
    .valid_o(data_valid_o),
    .data_o,
    .read_i (data_read_i)
  );

  assign done_o = state_q == StDone;
  assign idle_o = state_q == StIdle;
  assign rd_valid_o = state_q == StAsk && !rd_asked_q;
  assign rd_beats_o = length_i[63:6] + {57'd0, length_i[5:0] != '0};
  assign rd_room_o = reserved_q <= CountBits'(Depth - tern_pkg::BurstBeats);
  assign wr_valid_o = state_q == StAsk && !wr_asked_q;

endmodule
