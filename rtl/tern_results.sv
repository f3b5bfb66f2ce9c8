// SPDX-License-Identifier: Apache-2.0

// The result banks: the array fills one while the drain empties the other. For every column and
// stream a bank holds RowsTile / Streams sums of 32 bits, in words of 16 as memory wants them, each
// sum with a parity bit.

module tern_results #(
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,

  input  logic                          write_i,
  input  logic [Cols-1:0]               on_i,
  input  logic [Streams-1:0]            stream_i,     // whose row is one
  input  logic                          add_i,        // to what stands there: not the first K tile
  input  logic                          bank_i,
  input  logic [$clog2(RowsTile)-1:0]   row_i,        // of each stream
  input  logic [Streams*Cols*32-1:0]    acc_i,
  output logic                          bad_o,        // what a sum was added to was not what was written

  input  logic                          read_i,
  input  logic                          read_stream_i,
  input  logic [$clog2(Cols)-1:0]       read_col_i,
  input  logic                          read_bank_i,
  input  logic [$clog2(RowsTile)-5:0]   read_word_i,
  output logic [511:0]                  read_data_o,
  output logic [15:0]                   read_bad_o    // sums whose parity does not match
);

  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned Words = 2 * RowsTile / Streams / 16;
  localparam int unsigned WordBits = $clog2(Words);   // {bank, word}

  logic [WordBits-1:0] word, read_word;
  logic [3:0]          lane;
  assign word = {bank_i, row_i[4+:WordBits-1]};
  assign lane = row_i[3:0];
  assign read_word = {read_bank_i, read_word_i[0+:WordBits-1]};

  logic [Streams*512-1:0] read_data;
  logic [Streams*16-1:0]  read_bad;
  logic [Streams*Cols-1:0] bad;

  for (genvar s = 0; s < Streams; s++) begin : gen_stream
    logic [511:0] ram_q[Cols*Words];      // {column, bank, word}
    logic [15:0]  parity_q[Cols*Words];

    for (genvar c = 0; c < Cols; c++) begin : gen_column
      always_ff @(posedge clk_i) begin
        if (write_i && on_i[c] && stream_i[s]) begin
          ram_q[{ColBits'(c), word}][{lane, 5'd0}+:32] <=
              (add_i ? ram_q[{ColBits'(c), word}][{lane, 5'd0}+:32] : '0) +
              acc_i[(s*Cols+c)*32+:32];
          parity_q[{ColBits'(c), word}][lane] <=
              ^((add_i ? ram_q[{ColBits'(c), word}][{lane, 5'd0}+:32] : '0) +
                acc_i[(s*Cols+c)*32+:32]);
        end
      end
    end

    // Both checks only look when there is something to see: a simulator does not, then, either.
    always_comb begin
      bad[s*Cols+:Cols] = '0;
      if (write_i && add_i && stream_i[s]) begin
        for (int unsigned c = 0; c < Cols; c++) begin
          bad[s*Cols+c] = on_i[c] && ^ram_q[{ColBits'(c), word}][{lane, 5'd0}+:32] !=
              parity_q[{ColBits'(c), word}][lane];
        end
      end
    end

    always_comb begin
      read_data[s*512+:512] = '0;
      read_bad[s*16+:16] = '0;
      if (read_i && (Streams == 1 || read_stream_i == 1'(s))) begin
        read_data[s*512+:512] = ram_q[{read_col_i, read_word}];
        for (int unsigned l = 0; l < 16; l++) begin
          read_bad[s*16+l] = ^ram_q[{read_col_i, read_word}][l*32+:32] !=
              parity_q[{read_col_i, read_word}][l];
        end
      end
    end
  end

  if (Streams == 1) begin : gen_one
    assign read_data_o = read_data;
    assign read_bad_o = read_bad;
  end else begin : gen_two
    assign read_data_o = read_stream_i ? read_data[1023:512] : read_data[511:0];
    assign read_bad_o = read_stream_i ? read_bad[31:16] : read_bad[15:0];
  end
  assign bad_o = bad != '0;

  logic unused;
  assign unused = ^{row_i[RowBits-1], read_word_i, read_stream_i};

endmodule
