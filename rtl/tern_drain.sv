// SPDX-License-Identifier: Apache-2.0

// Writes finished blocks of results to memory, one token's rows after another's, while the array
// fills the other bank. The last stretch of a job carries its end; a block of a job that has failed
// only does that.

module tern_drain #(
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned Queues = 8,
  parameter int unsigned RowsTile = 64
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,

  input  logic                        complete_i,     // the next block's sums stand: a cycle
  input  logic                        block_valid_i,  // what belongs to it
  output logic                        block_read_o,
  input  logic [$clog2(Queues)+1:0]   block_slot_i,
  input  logic                        block_void_i,   // it has no sums
  input  logic                        block_failed_i, // its job has failed
  input  logic                        block_end_i,    // of the job
  input  logic                        block_host_i,
  input  logic [63:0]                 block_addr_i,   // of the first token's sums
  input  logic [31:0]                 block_stride_i, // from one token's Y to the next
  input  logic [$clog2(RowsTile):0]   block_rows_i,
  input  logic [$clog2(Cols):0]       block_cols_i,
  output logic                        freed_o,        // a bank may be filled again
  output logic                        freed_bank_o,

  output logic                        read_stream_o,  // -> result banks
  output logic [$clog2(Cols)-1:0]     read_col_o,
  output logic                        read_bank_o,
  output logic [$clog2(RowsTile)-5:0] read_word_o,
  input  logic [15:0]                 read_bad_i,

  output logic                        req_valid_o,    // -> writer
  input  logic                        req_ready_i,
  output logic                        req_host_o,
  output logic                        req_none_o,     // nothing to write: the job's end only
  output logic                        req_last_o,     // of the job
  output logic [$clog2(Queues)+1:0]   req_slot_o,
  output logic [63:0]                 req_addr_o,
  output logic [63:0]                 req_bytes_o,
  output logic                        data_valid_o,
  input  logic                        data_read_i,
  output logic                        bad_o,          // parity of a sum that was read

  output logic                        busy_o
);

  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned RowsBits = RowBits + 1;
  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned WordBits = RowBits - 4;

  typedef enum logic [1:0] {StIdle, StRequest, StData, StEnd} state_e;

  state_e              state_q;
  logic                bank_q;
  logic [2:0]          blocks_q;      // complete, and not begun
  logic [63:0]         addr_q;
  logic [ColBits:0]    cols_left_q;
  logic [ColBits-1:0]  col_q;
  logic [WordBits-1:0] word_q, last_word;
  logic [WordBits:0]   words0;        // of the first stream
  logic                begin_block, last_col, block_done, writes;
  logic [3:0]          last_lane;

  assign last_word = WordBits'((block_rows_i - 1'b1) >> 4);
  assign last_lane = 4'(block_rows_i - 1'b1);
  assign words0 = Streams == 1 ? (WordBits + 1)'(RowsTile / 16) :
      (WordBits + 1)'((tern_pkg::first_rows(16'(block_rows_i)) + 16'd15) >> 4);
  assign last_col = cols_left_q == (ColBits + 1)'(1);
  assign begin_block = state_q == StIdle && blocks_q != '0 && block_valid_i;
  assign writes = !block_void_i && !block_failed_i;
  assign block_done = (state_q == StData && data_read_i && word_q == last_word && last_col) ||
      (state_q == StEnd && (req_ready_i || !block_end_i));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      bank_q <= 1'b0;
      blocks_q <= '0;
      addr_q <= '0;
      cols_left_q <= '0;
      col_q <= '0;
      word_q <= '0;
    end else begin
      if (complete_i || begin_block) blocks_q <= blocks_q + 3'(complete_i) - 3'(begin_block);
      unique case (state_q)
        StIdle: begin
          if (begin_block) begin
            addr_q <= block_addr_i;
            cols_left_q <= block_cols_i;
            col_q <= '0;
            word_q <= '0;
            state_q <= writes ? StRequest : StEnd;
          end
        end
        StRequest: if (req_ready_i) state_q <= StData;
        StData: begin
          if (data_read_i) begin
            word_q <= word_q + 1'b1;
            if (word_q == last_word) begin
              word_q <= '0;
              col_q <= col_q + 1'b1;
              cols_left_q <= cols_left_q - 1'b1;
              addr_q <= addr_q + {32'd0, block_stride_i};
              state_q <= last_col ? StIdle : StRequest;
            end
          end
        end
        StEnd: if (req_ready_i || !block_end_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
      if (block_done && !block_void_i) bank_q <= !bank_q;
    end
  end

  // Sums past the block's last row are no one's.
  logic [15:0] mine;
  assign mine = word_q == last_word ? ~(16'hfffe << last_lane) : '1;

  assign block_read_o = block_done;
  assign freed_o = block_done && !block_void_i;
  assign freed_bank_o = bank_q;
  assign read_col_o = col_q;
  assign read_bank_o = bank_q;
  assign read_stream_o = Streams == 2 && {1'b0, word_q} >= words0;
  assign read_word_o = read_stream_o ? word_q - words0[WordBits-1:0] : word_q;
  assign req_valid_o = state_q == StRequest || (state_q == StEnd && block_end_i);
  assign req_host_o = block_host_i;
  assign req_none_o = state_q == StEnd;
  assign req_last_o = block_end_i && (last_col || state_q == StEnd);
  assign req_slot_o = block_slot_i;
  assign req_addr_o = addr_q;
  assign req_bytes_o = {{(62 - RowsBits) {1'b0}}, block_rows_i, 2'b00};
  assign data_valid_o = state_q == StData;
  assign bad_o = state_q == StData && data_read_i && (read_bad_i & mine) != '0;
  assign busy_o = state_q != StIdle || begin_block;

endmodule
