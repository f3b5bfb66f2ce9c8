// SPDX-License-Identifier: Apache-2.0

// The adder array as one would write it first, behind the ports of tern_array: every lane chooses
// between x, -x and 0, and a tree adds. It is what tern_array is compared with, and the proof that
// another array fits: docs/bring-your-own-array.md.
//
//   stage 0   trits, and activations at the outputs of their RAM -> sums of 16 lanes
//   stage 1   sums of 16 lanes -> sum
//   stage 2   sum -> the row's accumulator

module tern_array_tree #(
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
  localparam int unsigned ChunkBits = $clog2(KTile / 64);
  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned Groups = Lanes / 16;           // that stage 0 adds up
  localparam int unsigned SumBits = 9 + $clog2(Lanes);

  // ------------------------------------------------------------------ activations
  // As they come, lane i at i * 8; the word of column c at {half, c, word}.
  logic [8*Lanes-1:0] x_ram_q[2*Cols*KTile/Lanes];
  logic               x_parity_q[2*Cols*KTile/Lanes];

  logic [ColBits+WordBits:0] x_write_q;
  logic                      x_write_valid_q;
  logic [8*Lanes-1:0]        x_word_q;
  logic [ChunkBits-1:0]      x_place;                    // of a chunk in its word

  assign x_place = x_chunk_i & ChunkBits'(Chunks - 1);
  always_ff @(posedge clk_ctl_i or negedge rst_ni) begin
    if (!rst_ni) x_write_valid_q <= 1'b0;
    else x_write_valid_q <= x_valid_i && (x_last_i || x_place == ChunkBits'(Chunks - 1));
  end
  for (genvar j = 0; j < Chunks; j++) begin : gen_chunk
    always_ff @(posedge clk_ctl_i) begin
      if (x_valid_i && x_place == ChunkBits'(j)) x_word_q[j*512+:512] <= x_data_i;
      // The first chunk of a word clears the others: those past the token's end are 0.
      else if (x_valid_i && x_place == '0) x_word_q[j*512+:512] <= '0;
    end
  end
  always_ff @(posedge clk_ctl_i) begin
    if (x_valid_i) x_write_q <= {x_half_i, x_col_i, WordBits'(x_chunk_i >> $clog2(Chunks))};
    if (x_write_valid_q) begin
      x_ram_q[x_write_q] <= x_word_q;
      x_parity_q[x_write_q] <= ^x_word_q;
    end
  end

  // ------------------------------------------------------------------ what belongs to a beat
  logic [2:0]           valid_q;                         // of stages 0, 1, 2
  logic                 first0_q, first1_q, last0_q, last1_q;
  logic [Cols-1:0]      on0_q, on1_q, on2_q;
  logic [TagBits-1:0]   tag0_q, tag1_q, tag2_q;
  logic [Cols-1:0]      bad0_q;
  logic                 bad1_q, bad2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[1] && last1_q, valid_q[0], valid_i};
  end
  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      first0_q <= first_i;
      last0_q <= last_i;
      on0_q <= on_i;
      tag0_q <= tag_i;
    end
    if (valid_q[0]) begin
      first1_q <= first0_q;
      last1_q <= last0_q;
      on1_q <= on0_q;
      tag1_q <= tag0_q;
      bad1_q <= (!first0_q && bad1_q) || bad0_q != '0;
    end
    if (valid_q[1]) begin
      on2_q <= on1_q;
      tag2_q <= tag1_q;
      bad2_q <= bad1_q;
    end
  end

  // ------------------------------------------------------------------ token columns and rows
  // The sum of 16 lanes of a column.
  function automatic logic [12:0] add_lanes(logic [127:0] x, logic [15:0] neg, logic [15:0] nz);
    add_lanes = '0;
    for (int unsigned i = 0; i < 16; i++) begin
      case ({neg[i], nz[i]})
        2'b01:   add_lanes = add_lanes + {{5{x[i*8+7]}}, x[i*8+:8]};
        2'b11:   add_lanes = add_lanes - {{5{x[i*8+7]}}, x[i*8+:8]};
        default: ;
      endcase
    end
  endfunction

  for (genvar c = 0; c < Cols; c++) begin : gen_column
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        bad0_q[c] <= 1'b0;
        if (check_i && on_i[c]) begin
          bad0_q[c] <= ^x_ram_q[{half_i, ColBits'(c), word_i}] !=
              x_parity_q[{half_i, ColBits'(c), word_i}];
        end
      end
    end

    for (genvar s = 0; s < Streams; s++) begin : gen_row
      logic [Groups*13-1:0] sums_q;
      logic [SumBits-1:0]   sum_d, sum_q;
      logic [31:0]          acc_q;

      // A column without a token computes nothing: its registers, and all behind them, stand still.
      for (genvar g = 0; g < Groups; g++) begin : gen_group
        always_ff @(posedge clk_i) begin
          if (valid_i && on_i[c]) begin
            sums_q[g*13+:13] <= add_lanes(x_ram_q[{half_i, ColBits'(c), word_i}][g*128+:128],
                neg_i[s*Lanes+g*16+:16], nz_i[s*Lanes+g*16+:16]);
          end
        end
      end

      always_comb begin
        sum_d = '0;
        for (int unsigned g = 0; g < Groups; g++) begin
          sum_d = sum_d + {{(SumBits - 13){sums_q[g*13+12]}}, sums_q[g*13+:13]};
        end
      end
      always_ff @(posedge clk_i) begin
        if (valid_q[0] && on0_q[c]) sum_q <= sum_d;
        if (valid_q[1] && on1_q[c]) begin
          acc_q <= (first1_q ? '0 : acc_q) + {{(32 - SumBits){sum_q[SumBits-1]}}, sum_q};
        end
      end

      assign row_acc_o[(s*Cols+c)*32+:32] = acc_q;
    end
  end

  assign row_valid_o = valid_q[2];
  assign row_on_o = on2_q;
  assign row_bad_o = bad2_q;
  assign row_tag_o = tag2_q;

endmodule
