// SPDX-License-Identifier: Apache-2.0

// INT8 multiply-accumulate array, to be compared with tern_array: int8 weights meet int8
// activations, int32 sums. Nothing is lost: a product has 16 bits, 256 of them 24.
//
//   stage 0   products of 16 lanes -> their sum
//   stage 1   sums of all groups -> sum
//   stage 2   sum -> the row's accumulator
//
// No product has a register or a carry chain of its own: 16 of them are one sum of partial products.

// 16 lanes of one column.
(* keep_hierarchy *)
module area_int8_group (
  input  logic         clk_i,
  input  logic [127:0] w_i,
  input  logic [127:0] x_i,
  output logic [19:0]  sum_o
);

  logic [19:0] sum;
  logic [7:0]  partial;

  // Partial products as Baugh and Wooley have them: those of one sign bit are complemented, and a
  // constant a lane makes up for it. Signs need not be extended, which yosys would do for signed
  // operands of *, and which costs a third more.
  always_comb begin
    sum = 20'(16 * ((1 << 8) - (1 << 15)));
    partial = '0;
    for (int i = 0; i < 16; i++) begin
      for (int j = 0; j < 8; j++) begin
        partial = {8{w_i[i*8+j]}} & x_i[i*8+:8] ^ (j == 7 ? 8'h7f : 8'h80);
        sum = sum + ({12'd0, partial} << j);
      end
    end
  end
  always_ff @(posedge clk_i) sum_o <= sum;

endmodule

module area_int8 #(
  parameter int unsigned Lanes = 256,     // 32 or more
  parameter int unsigned Cols = 2
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    valid_i,
  input  logic [Lanes*8-1:0]      w_i,            // lane i at i * 8
  input  logic [Cols*Lanes*8-1:0] x_i,            // lane i of column c at (c * Lanes + i) * 8
  input  logic [Cols-1:0]         on_i,
  input  logic                    first_i,
  input  logic                    last_i,
  input  logic [7:0]              tag_i,

  output logic                    row_valid_o,
  output logic [Cols-1:0]         row_on_o,
  output logic [Cols*32-1:0]      row_acc_o,
  output logic [7:0]              row_tag_o
);

  localparam int unsigned Groups = Lanes / 16;

  logic [Cols-1:0] add;
  logic            first;

  area_beat #(
    .Cols   (Cols),
    .Stages (3)
  ) u_beat (
    .clk_i, .rst_ni, .valid_i, .on_i, .first_i, .last_i, .tag_i,
    .add_o (add), .first_o (first), .row_valid_o, .row_on_o, .row_tag_o
  );

  for (genvar c = 0; c < Cols; c++) begin : gen_column
    logic [Groups*20-1:0] sums_q;
    logic signed [23:0]   sum_d, sum_q;
    logic [31:0]          acc_q;

    for (genvar g = 0; g < Groups; g++) begin : gen_group
      area_int8_group u_group (
        .clk_i,
        .w_i   (w_i[g*128+:128]),
        .x_i   (x_i[(c*Lanes+g*16)*8+:128]),
        .sum_o (sums_q[g*20+:20])
      );
    end

    always_comb begin
      sum_d = '0;
      for (int g = 0; g < Groups; g++) sum_d = sum_d + 24'($signed(sums_q[g*20+:20]));
    end
    always_ff @(posedge clk_i) begin
      sum_q <= sum_d;
      if (add[c]) acc_q <= (first ? '0 : acc_q) + {{8{sum_q[23]}}, sum_q};
    end

    assign row_acc_o[c*32+:32] = acc_q;
  end

endmodule
