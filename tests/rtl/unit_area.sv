// SPDX-License-Identifier: Apache-2.0

// What unit_area.cpp drives: the floating point operators, and the arrays of `make area` on the same
// lanes.

module unit_area #(
  parameter int unsigned Lanes = 64,
  parameter int unsigned Cols = 2
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,

  // Operators, without a clock.
  input  logic [15:0]              a16_i,
  input  logic [15:0]              b16_i,
  input  logic [31:0]              a32_i,
  input  logic [31:0]              b32_i,
  output logic [15:0]              mul16_o,
  output logic [31:0]              mul32_o,
  output logic [15:0]              add16_o,
  output logic [31:0]              add32_o,

  // Arrays.
  input  logic                     valid_i,
  input  logic [Lanes-1:0]         neg_i,
  input  logic [Lanes-1:0]         nz_i,
  input  logic [Lanes*8-1:0]       w8_i,
  input  logic [Cols*Lanes*8-1:0]  x8_i,
  input  logic [Lanes*16-1:0]      w16_i,
  input  logic [Cols*Lanes*16-1:0] x16_i,
  input  logic [Cols-1:0]          on_i,
  input  logic                     first_i,
  input  logic                     last_i,
  input  logic [7:0]               tag_i,

  // Of tree, int8, fp16 and fp32: one bit, 8 bits or a column each.
  output logic [3:0]               valid_o,
  output logic [4*Cols-1:0]        on_o,
  output logic [31:0]              tag_o,
  output logic [Cols*32-1:0]       tree_o,
  output logic [Cols*32-1:0]       int8_o,
  output logic [Cols*16-1:0]       fp16_o,
  output logic [Cols*32-1:0]       fp32_o
);

  area_fp_mul u_mul16 (.a_i (a16_i), .b_i (b16_i), .y_o (mul16_o));
  area_fp_mul #(.ExpOut (8), .ManOut (23)) u_mul32 (.a_i (a16_i), .b_i (b16_i), .y_o (mul32_o));
  area_fp_add u_add16 (.a_i (a16_i), .b_i (b16_i), .y_o (add16_o));
  area_fp_add #(.Exp (8), .Man (23)) u_add32 (.a_i (a32_i), .b_i (b32_i), .y_o (add32_o));

  area_tree #(.Lanes (Lanes), .Cols (Cols)) u_tree (
    .clk_i, .rst_ni, .valid_i, .neg_i, .nz_i, .x_i (x8_i), .on_i, .first_i, .last_i, .tag_i,
    .row_valid_o (valid_o[0]), .row_on_o (on_o[0*Cols+:Cols]), .row_acc_o (tree_o),
    .row_tag_o (tag_o[7:0])
  );
  area_int8 #(.Lanes (Lanes), .Cols (Cols)) u_int8 (
    .clk_i, .rst_ni, .valid_i, .w_i (w8_i), .x_i (x8_i), .on_i, .first_i, .last_i, .tag_i,
    .row_valid_o (valid_o[1]), .row_on_o (on_o[1*Cols+:Cols]), .row_acc_o (int8_o),
    .row_tag_o (tag_o[15:8])
  );
  area_fp16 #(.Lanes (Lanes), .Cols (Cols)) u_fp16 (
    .clk_i, .rst_ni, .valid_i, .w_i (w16_i), .x_i (x16_i), .on_i, .first_i, .last_i, .tag_i,
    .row_valid_o (valid_o[2]), .row_on_o (on_o[2*Cols+:Cols]), .row_acc_o (fp16_o),
    .row_tag_o (tag_o[23:16])
  );
  area_fp16 #(.Lanes (Lanes), .Cols (Cols), .Exp (8), .Man (23)) u_fp32 (
    .clk_i, .rst_ni, .valid_i, .w_i (w16_i), .x_i (x16_i), .on_i, .first_i, .last_i, .tag_i,
    .row_valid_o (valid_o[3]), .row_on_o (on_o[3*Cols+:Cols]), .row_acc_o (fp32_o),
    .row_tag_o (tag_o[31:24])
  );

endmodule
