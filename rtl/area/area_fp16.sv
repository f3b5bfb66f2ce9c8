// SPDX-License-Identifier: Apache-2.0

// FP16 multiply-accumulate array, to be compared with tern_array: FP16 weights meet FP16
// activations; products are summed in FP16, or in FP32 (Exp 8, Man 23), in which products are exact.
//
//   stage 0       products
//   stage 1..n    sums of pairs; n = log2(Lanes)
//   stage n + 1   sum -> the row's accumulator
//
// A register after every operation: each one normalises and rounds, there is nothing that could be
// left to the next one as with integers.

(* keep_hierarchy *)
module area_fp_lane #(
  parameter int unsigned Exp = 5,
  parameter int unsigned Man = 10
) (
  input  logic             clk_i,
  input  logic [15:0]      w_i,
  input  logic [15:0]      x_i,
  output logic [Exp+Man:0] y_o
);

  logic [Exp+Man:0] product;

  area_fp_mul #(
    .ExpOut (Exp),
    .ManOut (Man)
  ) u_mul (
    .a_i (w_i),
    .b_i (x_i),
    .y_o (product)
  );

  always_ff @(posedge clk_i) y_o <= product;

endmodule

(* keep_hierarchy *)
module area_fp_pair #(
  parameter int unsigned Exp = 5,
  parameter int unsigned Man = 10
) (
  input  logic             clk_i,
  input  logic [Exp+Man:0] a_i,
  input  logic [Exp+Man:0] b_i,
  output logic [Exp+Man:0] y_o
);

  logic [Exp+Man:0] sum;

  area_fp_add #(
    .Exp (Exp),
    .Man (Man)
  ) u_add (
    .a_i,
    .b_i,
    .y_o (sum)
  );

  always_ff @(posedge clk_i) y_o <= sum;

endmodule

module area_fp16 #(
  parameter int unsigned Lanes = 256,             // a power of two
  parameter int unsigned Cols = 2,
  parameter int unsigned Exp = 5,                 // of the sums
  parameter int unsigned Man = 10
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic                          valid_i,
  input  logic [Lanes*16-1:0]           w_i,      // lane i at i * 16
  input  logic [Cols*Lanes*16-1:0]      x_i,      // lane i of column c at (c * Lanes + i) * 16
  input  logic [Cols-1:0]               on_i,
  input  logic                          first_i,
  input  logic                          last_i,
  input  logic [7:0]                    tag_i,

  output logic                          row_valid_o,
  output logic [Cols-1:0]               row_on_o,
  output logic [Cols*(Exp+Man+1)-1:0]   row_acc_o,
  output logic [7:0]                    row_tag_o
);

  localparam int unsigned Bits = Exp + Man + 1;

  logic [Cols-1:0] add;
  logic            first;

  area_beat #(
    .Cols   (Cols),
    .Stages ($clog2(Lanes) + 2)
  ) u_beat (
    .clk_i, .rst_ni, .valid_i, .on_i, .first_i, .last_i, .tag_i,
    .add_o (add), .first_o (first), .row_valid_o, .row_on_o, .row_tag_o
  );

  for (genvar c = 0; c < Cols; c++) begin : gen_column
    // The tree as a heap: node i is the sum of nodes 2 i and 2 i + 1; products are Lanes and up.
    logic [2*Lanes*Bits-1:Bits] node;
    logic [Bits-1:0]            acc_q, acc_d;

    for (genvar i = 0; i < Lanes; i++) begin : gen_lane
      area_fp_lane #(
        .Exp (Exp),
        .Man (Man)
      ) u_lane (
        .clk_i,
        .w_i (w_i[i*16+:16]),
        .x_i (x_i[(c*Lanes+i)*16+:16]),
        .y_o (node[(Lanes+i)*Bits+:Bits])
      );
    end

    for (genvar i = 1; i < Lanes; i++) begin : gen_pair
      area_fp_pair #(
        .Exp (Exp),
        .Man (Man)
      ) u_pair (
        .clk_i,
        .a_i (node[2*i*Bits+:Bits]),
        .b_i (node[(2*i+1)*Bits+:Bits]),
        .y_o (node[i*Bits+:Bits])
      );
    end

    area_fp_add #(
      .Exp (Exp),
      .Man (Man)
    ) u_acc (
      .a_i (first ? '0 : acc_q),
      .b_i (node[Bits+:Bits]),
      .y_o (acc_d)
    );
    always_ff @(posedge clk_i) begin
      if (add[c]) acc_q <= acc_d;
    end

    assign row_acc_o[c*Bits+:Bits] = acc_q;
  end

endmodule
