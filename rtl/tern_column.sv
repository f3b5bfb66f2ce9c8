// SPDX-License-Identifier: Apache-2.0

// One token column: its activations, plane by plane, and the sum of 256 of them a cycle.
//
// With trit w in {-1, 0, 1} as (neg, nz) and x in two's complement, w * x = ((x ^ neg) + neg) & nz,
// so the sum over the lanes is the sum of the planes' popcounts of (x ^ neg) & nz, weighted with
// the planes' powers of two (the sign plane counts -128), plus the count of negative trits,
// which all columns share. There is nothing to multiply.
//
// Stage 0: RAM word and weights -> 8 popcounts.  1: weighted sum.  2: accumulate over the row.

module tern_column #(
  parameter int unsigned Words = 64   // of 256 activations
) (
  input  logic                     clk_i,
  input  logic                     on_i,          // a token is in this column

  input  logic                     write_i,
  input  logic [$clog2(Words)-1:0] write_word_i,
  input  logic [2047:0]            write_data_i,  // 4 x 8 planes x 64 activations

  input  logic                     valid0_i,
  input  logic [$clog2(Words)-1:0] word_i,        // a register: the RAM's read address
  input  logic [255:0]             neg_i,
  input  logic [255:0]             nz_i,

  input  logic                     valid1_i,
  input  logic [8:0]               negatives_i,   // trits that are -1, of the beat in stage 1

  input  logic                     valid2_i,
  input  logic                     first2_i,      // the row's first beat
  output logic [31:0]              acc_o
);

  logic [2047:0] ram_q[Words];  // plane p of a word: bits p * 256 + 255 .. p * 256

  logic [8:0]  count0_q, count1_q, count2_q, count3_q, count4_q, count5_q, count6_q, count7_q;
  logic [17:0] sum_q;
  logic [31:0] acc_q;

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      // From 4 times 8 planes of 64 to 8 planes of 256.
      ram_q[write_word_i] <= {
          write_data_i[1984+:64], write_data_i[1472+:64],
          write_data_i[960+:64], write_data_i[448+:64],
          write_data_i[1920+:64], write_data_i[1408+:64],
          write_data_i[896+:64], write_data_i[384+:64],
          write_data_i[1856+:64], write_data_i[1344+:64],
          write_data_i[832+:64], write_data_i[320+:64],
          write_data_i[1792+:64], write_data_i[1280+:64],
          write_data_i[768+:64], write_data_i[256+:64],
          write_data_i[1728+:64], write_data_i[1216+:64],
          write_data_i[704+:64], write_data_i[192+:64],
          write_data_i[1664+:64], write_data_i[1152+:64],
          write_data_i[640+:64], write_data_i[128+:64],
          write_data_i[1600+:64], write_data_i[1088+:64],
          write_data_i[576+:64], write_data_i[64+:64],
          write_data_i[1536+:64], write_data_i[1024+:64],
          write_data_i[512+:64], write_data_i[0+:64]};
    end
  end

  // A column without a token computes nothing: its registers, and all behind them, stand still.
  always_ff @(posedge clk_i) begin
    if (on_i) begin
      if (valid0_i) begin
        count0_q <= 9'($countones((ram_q[word_i][0+:256] ^ neg_i) & nz_i));
        count1_q <= 9'($countones((ram_q[word_i][256+:256] ^ neg_i) & nz_i));
        count2_q <= 9'($countones((ram_q[word_i][512+:256] ^ neg_i) & nz_i));
        count3_q <= 9'($countones((ram_q[word_i][768+:256] ^ neg_i) & nz_i));
        count4_q <= 9'($countones((ram_q[word_i][1024+:256] ^ neg_i) & nz_i));
        count5_q <= 9'($countones((ram_q[word_i][1280+:256] ^ neg_i) & nz_i));
        count6_q <= 9'($countones((ram_q[word_i][1536+:256] ^ neg_i) & nz_i));
        count7_q <= 9'($countones((ram_q[word_i][1792+:256] ^ neg_i) & nz_i));
      end
      if (valid1_i) begin
        sum_q <= {9'd0, count0_q} + {8'd0, count1_q, 1'd0} + {7'd0, count2_q, 2'd0} +
            {6'd0, count3_q, 3'd0} + {5'd0, count4_q, 4'd0} + {4'd0, count5_q, 5'd0} +
            {3'd0, count6_q, 6'd0} - {2'd0, count7_q, 7'd0} + {9'd0, negatives_i};
      end
      if (valid2_i) acc_q <= (first2_i ? '0 : acc_q) + {{14{sum_q[17]}}, sum_q};
    end
  end

  assign acc_o = acc_q;

endmodule
