// SPDX-License-Identifier: Apache-2.0

// Writes finished blocks of results to memory, one token's rows after another's, while the array
// fills the other bank.

module tern_drain #(
  parameter int unsigned Cols = 8,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          abort_i,

  input  logic                          block_valid_i,  // a bank is complete; never a third one
  input  logic                          block_bank_i,
  input  logic [63:0]                   block_addr_i,   // of the first token's sums
  input  logic [$clog2(RowsTile):0]     block_rows_i,
  input  logic [$clog2(Cols):0]         block_cols_i,
  input  logic [31:0]                   stride_i,       // from one token's Y to the next
  output logic                          freed_o,        // a bank may be filled again
  output logic                          freed_bank_o,

  output logic [$clog2(Cols)-1:0]       read_col_o,     // -> result banks
  output logic [$clog2(RowsTile/16):0]  read_word_o,

  output logic                          req_valid_o,    // -> writer
  input  logic                          req_ready_i,
  output logic [63:0]                   req_addr_o,
  output logic [63:0]                   req_bytes_o,
  output logic                          data_valid_o,
  input  logic                          data_read_i,
  output logic                          idle_o
);

  localparam int unsigned RowsBits = $clog2(RowsTile) + 1;
  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned WordBits = $clog2(RowsTile / 16);

  typedef enum logic [1:0] {StIdle, StRequest, StData} state_e;

  state_e              state_q;
  logic                bank_q;
  logic [63:0]         addr_q;
  logic [RowsBits-1:0] rows_q;
  logic [ColBits:0]    cols_left_q;
  logic [ColBits-1:0]  col_q;
  logic [WordBits-1:0] word_q, last_word;

  // A block that ended while the one before is still being written.
  logic                next_valid_q, next_bank_q;
  logic [63:0]         next_addr_q;
  logic [RowsBits-1:0] next_rows_q;
  logic [ColBits:0]    next_cols_q;

  logic block_done;
  assign last_word = WordBits'((rows_q - 1'b1) >> 4);
  assign block_done = state_q == StData && data_read_i && word_q == last_word &&
      cols_left_q == (ColBits + 1)'(1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      bank_q <= 1'b0;
      addr_q <= '0;
      rows_q <= '0;
      cols_left_q <= '0;
      col_q <= '0;
      word_q <= '0;
      next_valid_q <= 1'b0;
      next_bank_q <= 1'b0;
      next_addr_q <= '0;
      next_rows_q <= '0;
      next_cols_q <= '0;
    end else if (abort_i) begin
      state_q <= StIdle;
      next_valid_q <= 1'b0;
    end else begin
      if (block_valid_i) begin
        next_valid_q <= 1'b1;
        next_bank_q <= block_bank_i;
        next_addr_q <= block_addr_i;
        next_rows_q <= block_rows_i;
        next_cols_q <= block_cols_i;
      end else if (state_q == StIdle) begin
        next_valid_q <= 1'b0;
      end
      unique case (state_q)
        StIdle: begin
          if (next_valid_q) begin
            bank_q <= next_bank_q;
            addr_q <= next_addr_q;
            rows_q <= next_rows_q;
            cols_left_q <= next_cols_q;
            col_q <= '0;
            word_q <= '0;
            state_q <= StRequest;
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
              addr_q <= addr_q + {32'd0, stride_i};
              state_q <= block_done ? StIdle : StRequest;
            end
          end
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  assign freed_o = block_done;
  assign freed_bank_o = bank_q;
  assign read_col_o = col_q;
  assign read_word_o = {bank_q, word_q};
  assign req_valid_o = state_q == StRequest;
  assign req_addr_o = addr_q;
  assign req_bytes_o = {{(62 - RowsBits) {1'b0}}, rows_q, 2'b00};
  assign data_valid_o = state_q == StData;
  assign idle_o = state_q == StIdle && !next_valid_q;

endmodule
