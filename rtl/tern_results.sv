// SPDX-License-Identifier: Apache-2.0

// Two banks of RowsTile sums a column: the array fills one while the other is written to memory.
// A word holds 16 rows of one column, as memory wants them; each column writes one row of its own
// word and reads it back when K comes in tiles.

module tern_results #(
  parameter int unsigned Cols = 8,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,

  input  logic                          write_i,
  input  logic [Cols-1:0]               on_i,
  input  logic                          add_i,    // to what stands there: not the first K tile
  input  logic [$clog2(RowsTile):0]     row_i,    // {bank, row}
  input  logic [Cols*32-1:0]            acc_i,

  input  logic [$clog2(Cols)-1:0]       read_col_i,
  input  logic [$clog2(RowsTile/16):0]  read_word_i,  // {bank, word}
  output logic [511:0]                  read_data_o
);

  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned Words = 2 * RowsTile / 16;

  logic [511:0] ram_q[Cols*Words];  // {column, bank, word}

  logic [$clog2(RowsTile/16):0] word;
  logic [3:0]                   lane;
  assign word = row_i[$clog2(RowsTile):4];
  assign lane = row_i[3:0];

  for (genvar c = 0; c < Cols; c++) begin : gen_column
    always_ff @(posedge clk_i) begin
      if (write_i && on_i[c]) begin
        ram_q[{ColBits'(c), word}][{lane, 5'd0}+:32] <=
            (add_i ? ram_q[{ColBits'(c), word}][{lane, 5'd0}+:32] : '0) + acc_i[c*32+:32];
      end
    end
  end

  assign read_data_o = ram_q[{read_col_i, read_word_i}];

endmodule
