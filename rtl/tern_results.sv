// SPDX-License-Identifier: Apache-2.0

// The result banks: the array fills one while the drain empties the other. For every column and
// stream a bank holds RowsTile / Streams sums of 32 bits, each with a parity bit. They come in by the
// row, all columns at once, and leave by the column, 16 rows at once.

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

  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned Words = 2 * RowsTile / Streams / 16;
  localparam int unsigned WordBits = $clog2(Words);   // {bank, word}

  logic [WordBits+3:0] row;
  logic [WordBits-1:0] read_word;
  assign row = {bank_i, row_i[0+:WordBits+3]};
  assign read_word = {read_bank_i, read_word_i[0+:WordBits-1]};

  function automatic logic [Cols*32-1:0] sums(logic [Cols*32-1:0] a, logic [Cols*32-1:0] b);
    for (int unsigned c = 0; c < Cols; c++) sums[c*32+:32] = a[c*32+:32] + b[c*32+:32];
  endfunction

  function automatic logic [Cols-1:0] parities(logic [Cols*32-1:0] a);
    for (int unsigned c = 0; c < Cols; c++) parities[c] = ^a[c*32+:32];
  endfunction

  logic [Streams*512-1:0] read_data;
  logic [Streams*16-1:0]  read_bad;
  logic [Streams*Cols-1:0] bad;

  for (genvar s = 0; s < Streams; s++) begin : gen_stream
    // A row has the sums of all columns. To be read 16 at once, the rows of a word lie in 16 RAMs.
    logic [Cols*32-1:0] ram_q[Words*16];
    logic [Cols-1:0]    parity_q[Words*16];

    // Columns without a token are written as well: nobody reads them.
    always_ff @(posedge clk_i) begin
      if (write_i && stream_i[s]) begin
        ram_q[row] <= sums(add_i ? ram_q[row] : '0, acc_i[s*Cols*32+:Cols*32]);
        parity_q[row] <=
            parities(sums(add_i ? ram_q[row] : '0, acc_i[s*Cols*32+:Cols*32]));
      end
    end

    // Both checks only look when there is something to see: a simulator does not, then, either.
    always_comb begin
      bad[s*Cols+:Cols] = '0;
      if (write_i && add_i && stream_i[s]) begin
        bad[s*Cols+:Cols] = on_i & (parities(ram_q[row]) ^ parity_q[row]);
      end
    end

    always_comb begin
      read_data[s*512+:512] = '0;
      read_bad[s*16+:16] = '0;
      if (read_i && (Streams == 1 || read_stream_i == 1'(s))) begin
        for (int unsigned l = 0; l < 16; l++) begin
          read_data[s*512+l*32+:32] = ram_q[{read_word, 4'(l)}][{read_col_i, 5'd0}+:32];
          read_bad[s*16+l] = ^ram_q[{read_word, 4'(l)}][{read_col_i, 5'd0}+:32] !=
              parity_q[{read_word, 4'(l)}][read_col_i];
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
