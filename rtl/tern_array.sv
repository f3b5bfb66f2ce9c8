// SPDX-License-Identifier: Apache-2.0

// The adder array: a beat of 256 trits meets every token column. What belongs to a beat (its row,
// whether the row begins or ends with it) travels along with it, and a row's sums go to the
// result banks at the end.
//
//   stage 0   weights and activations at the outputs of their RAMs -> popcounts
//   stage 1   popcounts -> weighted sum
//   stage 2   sum -> row's accumulator
//   stage 3   accumulator -> result bank

module tern_array #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic [Cols-1:0]               on_i,          // columns with a token
  input  logic                          write_i,       // a word of activations
  input  logic [$clog2(Cols)-1:0]       write_col_i,
  input  logic [$clog2(KTile/256)-1:0]  write_word_i,
  input  logic [2047:0]                 write_data_i,

  input  logic                          valid_i,       // the array takes a beat
  input  logic [511:0]                  weights_i,
  input  logic [$clog2(KTile/256)-1:0]  word_i,        // activations that belong to it
  input  logic                          first_i,       // of its row (in this K tile)
  input  logic                          last_i,
  input  logic                          add_i,         // to the sums of earlier K tiles
  input  logic                          block_end_i,   // the block's sums are complete with it
  input  logic                          pass_end_i,    // the pass over W ends with it
  input  logic [$clog2(RowsTile):0]     row_i,         // {bank, row}

  output logic                          row_valid_o,   // -> result banks
  output logic                          row_add_o,
  output logic [$clog2(RowsTile):0]     row_o,
  output logic [Cols*32-1:0]            row_acc_o,
  output logic                          block_end_o,   // this row is the block's last

  output logic                          pass_end_o,    // nonzeros_o is complete
  output logic [63:0]                   nonzeros_o,    // trits other than 0 in this pass
  output logic                          busy_o
);

  localparam int unsigned RowBits = $clog2(RowsTile) + 1;

  // {pass_end, block_end, add, last, first, row}
  logic [RowBits+4:0] tag1_q, tag2_q, tag3_q;
  logic               valid1_q, valid2_q, valid3_q;
  logic [255:0]       neg, nz;
  logic [8:0]         negatives_q, nonzeros_q;
  logic [63:0]        nonzeros_sum_q;

  assign neg = weights_i[tern_abi_pkg::P2NegativeOffset*8+:256];
  assign nz = weights_i[tern_abi_pkg::P2NonzeroOffset*8+:256];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
    end else begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q && tag2_q[RowBits+1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      tag1_q <= {pass_end_i, block_end_i, add_i, last_i, first_i, row_i};
      negatives_q <= 9'($countones(neg & nz));
      nonzeros_q <= 9'($countones(nz));
    end
    if (valid1_q) tag2_q <= tag1_q;
    if (valid2_q) tag3_q <= tag2_q;
  end

  // Nonzero trits of the pass.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      nonzeros_sum_q <= '0;
    end else if (valid1_q || pass_end_o) begin
      nonzeros_sum_q <= (pass_end_o ? '0 : nonzeros_sum_q) + (valid1_q ? {55'd0, nonzeros_q} : '0);
    end
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_column
    tern_column #(
      .Words(KTile / 256)
    ) u_column (
      .clk_i,
      .on_i        (on_i[c]),
      .write_i     (write_i && write_col_i == ($clog2(Cols))'(c)),
      .write_word_i,
      .write_data_i,
      .valid0_i    (valid_i),
      .word_i,
      .neg_i       (neg),
      .nz_i        (nz),
      .valid1_i    (valid1_q),
      .negatives_i (negatives_q),
      .valid2_i    (valid2_q),
      .first2_i    (tag2_q[RowBits]),
      .acc_o       (row_acc_o[c*32+:32])
    );
  end

  assign row_valid_o = valid3_q;
  assign row_o = tag3_q[RowBits-1:0];
  assign row_add_o = tag3_q[RowBits+2];
  assign block_end_o = valid3_q && tag3_q[RowBits+3];
  assign pass_end_o = valid2_q && tag2_q[RowBits+4];
  assign nonzeros_o = nonzeros_sum_q;
  assign busy_o = valid1_q || valid2_q || valid3_q;

endmodule
