// SPDX-License-Identifier: Apache-2.0

// The adder array, bit-plane form: trits of a row of W meet the activations of every token column.
//
// With a trit w in {-1, 0, 1} as (neg, nz) and x in two's complement, w * x = ((x ^ neg) + neg) & nz,
// so the sum over the lanes is the sum of the planes' popcounts of (x ^ neg) & nz, weighted with
// the planes' powers of two (the sign plane counts -128), plus the count of negative trits, which
// all columns share. There is nothing to multiply.
//
//   stage 0   trits, and activations at the outputs of their RAM -> popcounts
//   stage 1   popcounts -> weighted sum
//   stage 2   sum -> the row's accumulator
//
// The ports are the interface behind which any array fits: docs/bring-your-own-array.md.

`include "tern_popcount.svh"

module tern_array #(
  parameter int unsigned Lanes = 256,     // trits of a row in a cycle: 64, 128 or 256
  parameter int unsigned Streams = 1,     // rows at once
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned TagBits = 8
) (
  input  logic                           clk_i,
  input  logic                           clk_ctl_i,      // of the activations' write port
  input  logic                           rst_ni,

  // Activations: 64 of one token, in the order of k. Two halves, one filled while the other works.
  input  logic                           x_valid_i,
  input  logic                           x_half_i,
  input  logic [$clog2(Cols)-1:0]        x_col_i,
  input  logic [$clog2(KTile/64)-1:0]    x_chunk_i,      // k / 64
  input  logic                           x_last_i,       // no more of this token
  input  logic [511:0]                   x_data_i,       // int8; past the token's end 0

  // Trits: Lanes of each of Streams rows. Bit i of row s at s * Lanes + i.
  input  logic                           valid_i,
  input  logic [Streams*Lanes-1:0]       neg_i,
  input  logic [Streams*Lanes-1:0]       nz_i,
  input  logic                           half_i,         // activations that they meet
  input  logic [$clog2(KTile/Lanes)-1:0] word_i,         // k / Lanes
  input  logic [Cols-1:0]                on_i,           // columns with a token
  input  logic                           check_i,        // check the activations' parity
  input  logic                           first_i,        // of the rows
  input  logic                           last_i,         // of the rows: tag_i comes back with them
  input  logic [TagBits-1:0]             tag_i,

  output logic                           row_valid_o,    // rows are complete, in their order
  output logic [Cols-1:0]                row_on_o,
  output logic [Streams*Cols*32-1:0]     row_acc_o,      // int32; row s of column c at s * Cols + c
  output logic                           row_bad_o,      // a parity did not match
  output logic [TagBits-1:0]             row_tag_o
);

  localparam int unsigned Chunks = Lanes / 64;           // of a word
  localparam int unsigned WordBits = $clog2(KTile / Lanes);
  localparam int unsigned ColBits = $clog2(Cols);

  // ------------------------------------------------------------------ activations
  // Bit i of plane p of a word at p * Lanes + i; the word of column c at {half, c, word}.
  logic [8*Lanes-1:0] x_ram_q[2*Cols*KTile/Lanes];
  logic               x_parity_q[2*Cols*KTile/Lanes];

  logic [ColBits+WordBits:0] x_write_q;
  logic                      x_write_valid_q;
  logic [Chunks*512-1:0]     x_word_q;                   // chunk j, plane p at j * 512 + p * 64

  always_ff @(posedge clk_ctl_i or negedge rst_ni) begin
    if (!rst_ni) x_write_valid_q <= 1'b0;
    else x_write_valid_q <= x_valid_i && (x_last_i || Chunks == 1 ||
        (x_chunk_i & ($clog2(KTile / 64))'(Chunks - 1)) == ($clog2(KTile / 64))'(Chunks - 1));
  end

  for (genvar j = 0; j < Chunks; j++) begin : gen_chunk
    logic mine;
    assign mine = Chunks == 1 ||
        (x_chunk_i & ($clog2(KTile / 64))'(Chunks - 1)) == ($clog2(KTile / 64))'(j);
    always_ff @(posedge clk_ctl_i) begin
      if (x_valid_i) begin
        if (mine) x_word_q[j*512+:512] <= tern_pkg::to_planes(x_data_i);
        // The first chunk of a word clears the others: those past the token's end are 0.
        else if ((x_chunk_i & ($clog2(KTile / 64))'(Chunks - 1)) == '0)
          x_word_q[j*512+:512] <= '0;
      end
    end
  end

  logic [8*Lanes-1:0] x_planes;
  for (genvar p = 0; p < 8; p++) begin : gen_plane
    for (genvar j = 0; j < Chunks; j++) begin : gen_part
      assign x_planes[p*Lanes+j*64+:64] = x_word_q[j*512+p*64+:64];
    end
  end

  always_ff @(posedge clk_ctl_i) begin
    if (x_valid_i) x_write_q <= {x_half_i, x_col_i, WordBits'(x_chunk_i >> $clog2(Chunks))};
    if (x_write_valid_q) begin
      x_ram_q[x_write_q] <= x_planes;
      x_parity_q[x_write_q] <= ^x_planes;
    end
  end

  // ------------------------------------------------------------------ what belongs to a beat
  logic               valid1_q, valid2_q, valid3_q, first1_q, first2_q, last1_q, last2_q;
  logic [Cols-1:0]    on1_q, on2_q, on3_q;
  logic [TagBits-1:0] tag1_q, tag2_q, tag3_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
    end else begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q && last2_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      first1_q <= first_i;
      last1_q <= last_i;
      on1_q <= on_i;
      tag1_q <= tag_i;
    end
    if (valid1_q) begin
      first2_q <= first1_q;
      last2_q <= last1_q;
      on2_q <= on1_q;
      tag2_q <= tag1_q;
    end
    if (valid2_q) begin
      on3_q <= on2_q;
      tag3_q <= tag2_q;
    end
  end

  // ------------------------------------------------------------------ parity
  // Checked where check_i says so: who reads a word for the last time before it trusts the sums
  // finds every flip that could have got into them.
  // (Under an if: a simulator then only looks when it must.)
  logic [Cols-1:0] bad1_q;
  logic            bad2_q, bad3_q;
  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      bad1_q <= '0;
      if (check_i) begin
        for (int unsigned c = 0; c < Cols; c++) begin
          if (on_i[c]) begin
            bad1_q[c] <= ^x_ram_q[{half_i, ColBits'(c), word_i}] !=
                x_parity_q[{half_i, ColBits'(c), word_i}];
          end
        end
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (valid1_q) bad2_q <= (!first1_q && bad2_q) || bad1_q != '0;
    if (valid2_q) bad3_q <= bad2_q;
  end

  // ------------------------------------------------------------------ rows and token columns
  for (genvar s = 0; s < Streams; s++) begin : gen_row
    logic [8:0] negatives_q;
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        negatives_q <= `TERN_POPCOUNT(neg_i[s*Lanes+:Lanes] & nz_i[s*Lanes+:Lanes]);
      end
    end

    for (genvar c = 0; c < Cols; c++) begin : gen_column
      logic [8:0]  count0_q, count1_q, count2_q, count3_q, count4_q, count5_q, count6_q, count7_q;
      logic [17:0] sum_q;
      logic [31:0] acc_q;

      // A column without a token computes nothing: its registers, and all behind them, stand still.
      always_ff @(posedge clk_i) begin
        if (valid_i && on_i[c]) begin
          count0_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][0*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count1_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][1*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count2_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][2*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count3_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][3*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count4_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][4*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count5_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][5*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count6_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][6*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
          count7_q <= `TERN_POPCOUNT((x_ram_q[{half_i, ColBits'(c), word_i}][7*Lanes+:Lanes] ^
              neg_i[s*Lanes+:Lanes]) & nz_i[s*Lanes+:Lanes]);
        end
        if (valid1_q && on1_q[c]) begin
          sum_q <= {9'd0, count0_q} + {8'd0, count1_q, 1'd0} + {7'd0, count2_q, 2'd0} +
              {6'd0, count3_q, 3'd0} + {5'd0, count4_q, 4'd0} + {4'd0, count5_q, 5'd0} +
              {3'd0, count6_q, 6'd0} - {2'd0, count7_q, 7'd0} + {9'd0, negatives_q};
        end
        if (valid2_q && on2_q[c]) acc_q <= (first2_q ? '0 : acc_q) + {{14{sum_q[17]}}, sum_q};
      end

      assign row_acc_o[(s*Cols+c)*32+:32] = acc_q;
    end
  end

  assign row_valid_o = valid3_q;
  assign row_on_o = on3_q;
  assign row_bad_o = bad3_q;
  assign row_tag_o = tag3_q;

endmodule
