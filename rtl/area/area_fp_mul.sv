// SPDX-License-Identifier: Apache-2.0

// Product of two FP16 numbers, as IEEE 754 has it: subnormals, infinities and NaNs included,
// rounded to nearest, ties to even. A NaN comes out as the quiet one, without a payload; there are
// no exception flags.
//
// The result is FP16, or FP32 (ExpOut 8, ManOut 23), which holds every product exactly.

module area_fp_mul #(
  parameter int unsigned ExpOut = 5,
  parameter int unsigned ManOut = 10
) (
  input  logic [15:0]            a_i,
  input  logic [15:0]            b_i,
  output logic [ExpOut+ManOut:0] y_o
);

  localparam int BiasOut = (1 << (ExpOut - 1)) - 1;

  logic sign, a_special, b_special, nan, inf;

  assign sign = a_i[15] ^ b_i[15];
  assign a_special = &a_i[14:10];
  assign b_special = &b_i[14:10];
  assign nan = (a_special && a_i[9:0] != '0) || (b_special && b_i[9:0] != '0) ||
      (a_special && b_i[14:0] == '0) || (b_special && a_i[14:0] == '0);
  assign inf = a_special || b_special;

  // Exponent that the product has if its highest bit, of weight 2, is set. Subnormals have the
  // exponent of the smallest normal numbers.
  logic [21:0]       product;
  logic signed [9:0] exp_top;

  assign product = {11'd0, a_i[14:10] != '0, a_i[9:0]} * {11'd0, b_i[14:10] != '0, b_i[9:0]};
  assign exp_top = $signed({5'd0, a_i[14:11], a_i[10] | (a_i[14:11] == '0)}) +
      $signed({5'd0, b_i[14:11], b_i[10] | (b_i[14:11] == '0)}) + 10'(BiasOut - 30 + 1);

  logic [4:0]  zeros;                        // above the highest 1, but never below exponent 1
  logic [21:0] stop;

  area_fp_zeros #(
    .Width (22)
  ) u_zeros (
    .bits_i  (product | stop),
    .zeros_o (zeros)
  );

  if (ManOut >= 21) begin : gen_exact
    logic [21:0]       normal;
    logic [ExpOut-1:0] exponent;
    logic              unused;

    assign stop = '0;
    assign normal = product << zeros;
    assign exponent = ExpOut'(exp_top) - ExpOut'(zeros);
    assign unused = ^{exp_top[9:8], normal[21]};

    always_comb begin
      y_o = {sign, exponent, normal[20:0], {(ManOut - 21) {1'b0}}};
      if (product == '0) y_o = {sign, {(ExpOut + ManOut) {1'b0}}};
      if (inf) y_o = {sign, {ExpOut{1'b1}}, {ManOut{1'b0}}};
      if (nan) y_o = {1'b0, {ExpOut{1'b1}}, 1'b1, {(ManOut - 1) {1'b0}}};
    end
  end else begin : gen_round
    logic              little;                // subnormal even if all bits of the product were 1
    logic [9:0]        right;
    logic [21:0]       normal, shifted;
    logic              lost;
    logic signed [9:0] exp_normal;
    logic [9:0]        field;                // the exponent as encoded
    logic              up;
    logic [ExpOut+ManOut+4:0] rounded;

    assign little = exp_top <= 0;
    assign right = 10'd1 - exp_top;
    assign stop = little || exp_top > 22 ? '0 : 22'd1 << (5'd22 - exp_top[4:0]);
    assign normal = product << (little ? '0 : zeros);

    // Right, and what falls out is remembered.
    always_comb begin
      shifted = normal;
      lost = 1'b0;
      for (int k = 0; k < 5; k++) begin
        if (little && right[k]) begin
          lost = lost || (shifted & ((22'd1 << (1 << k)) - 22'd1)) != '0;
          shifted = shifted >> (1 << k);
        end
      end
    end

    assign exp_normal = exp_top - 10'(zeros);
    assign field = little || !shifted[21] ? '0 : exp_normal;
    assign up = shifted[20-ManOut] &&
        (lost || shifted[19-ManOut:0] != '0 || shifted[21-ManOut]);
    // A carry out of the mantissa is the next exponent's 0.
    assign rounded = {field[ExpOut+4:0], shifted[20-:ManOut]} +
        (ExpOut + ManOut + 5)'(up);

    always_comb begin
      y_o = {sign, rounded[ExpOut+ManOut-1:0]};
      if (inf || rounded[ExpOut+ManOut+4:ManOut] >= (ExpOut + 5)'((1 << ExpOut) - 1)) begin
        y_o = {sign, {ExpOut{1'b1}}, {ManOut{1'b0}}};
      end
      if (nan) y_o = {1'b0, {ExpOut{1'b1}}, 1'b1, {(ManOut - 1) {1'b0}}};
    end
  end

endmodule
