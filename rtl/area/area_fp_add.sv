// SPDX-License-Identifier: Apache-2.0

// Sum of two floating point numbers, as IEEE 754 has it: subnormals, infinities and NaNs included,
// rounded to nearest, ties to even. A NaN comes out as the quiet one, without a payload; there are
// no exception flags. Exp and Man are 5 and 10 for FP16, 8 and 23 for FP32.

module area_fp_add #(
  parameter int unsigned Exp = 5,
  parameter int unsigned Man = 10
) (
  input  logic [Exp+Man:0] a_i,
  input  logic [Exp+Man:0] b_i,
  output logic [Exp+Man:0] y_o
);

  localparam int unsigned Sign = Exp + Man;
  localparam int unsigned Width = Man + 4;       // 1, mantissa, guard, round and sticky bit

  // The larger one in magnitude is big: it has the sum's sign.
  logic             swap;
  logic [Exp+Man:0] big, little;

  assign swap = b_i[Sign-1:0] > a_i[Sign-1:0];
  assign big = swap ? b_i : a_i;
  assign little = swap ? a_i : b_i;

  logic minus, inf, nan;

  assign minus = a_i[Sign] ^ b_i[Sign];
  assign inf = &big[Sign-1:Man];
  assign nan = inf && (big[Man-1:0] != '0 || (minus && &little[Sign-1:Man]));

  // Subnormals have the exponent of the smallest normal numbers.
  logic [Exp-1:0]   exp_big, exp_small, distance;
  logic [Width-1:0] sig_big, sig_small, aligned;
  logic             lost;

  assign exp_big = {big[Sign-1:Man+1], big[Man] | (big[Sign-1:Man+1] == '0)};
  assign exp_small = {little[Sign-1:Man+1], little[Man] | (little[Sign-1:Man+1] == '0)};
  assign distance = exp_big - exp_small;
  assign sig_big = {big[Sign-1:Man] != '0, big[Man-1:0], 3'd0};
  assign sig_small = {little[Sign-1:Man] != '0, little[Man-1:0], 3'd0};

  // The smaller one to the right; what falls out is remembered in the lowest bit.
  always_comb begin
    aligned = sig_small;
    lost = 1'b0;
    for (int k = 0; k < Exp; k++) begin
      if (distance[k]) begin
        if ((1 << k) >= Width) begin
          lost = lost || aligned != '0;
          aligned = '0;
        end else begin
          lost = lost || (aligned & ((Width'(1) << (1 << k)) - Width'(1))) != '0;
          aligned = aligned >> (1 << k);
        end
      end
    end
  end

  logic [Width:0] total;

  assign total = {1'b0, sig_big} + ({1'b0, aligned[Width-1:1], aligned[0] | lost} ^
      {(Width + 1) {minus}}) + (Width + 1)'(minus);

  // Left until the highest bit is 1, but never below exponent 1: a bit is set there to stop. The
  // highest bit is the carry, so that a sum without one goes left by one.
  logic [Width:0]   stop, normal;
  logic [4:0]       zeros;
  logic [Exp:0]     field;                       // the exponent as encoded
  logic [Sign:0]    rounded;
  logic             up;

  assign stop = exp_big > Exp'(Width) ? '0 : (Width + 1)'(1) << (Exp'(Width) - exp_big);

  area_fp_zeros #(
    .Width (Width + 1)
  ) u_zeros (
    .bits_i  (total | stop),
    .zeros_o (zeros)
  );

  assign normal = total << zeros;
  assign field = normal[Width] ? {1'b0, exp_big} + (Exp + 1)'(1) - (Exp + 1)'(zeros) : '0;
  assign up = normal[3] && (normal[2:0] != '0 || normal[4]);
  // A carry out of the mantissa is the next exponent's 0.
  assign rounded = {field, normal[Width-1-:Man]} + (Sign + 1)'(up);

  always_comb begin
    // What cancels to nothing is +0.
    y_o = {big[Sign] && !(minus && total == '0), rounded[Sign-1:0]};
    if (inf || rounded[Sign:Man] >= (Exp + 1)'((1 << Exp) - 1)) begin
      y_o = {big[Sign], {Exp{1'b1}}, {Man{1'b0}}};
    end
    if (nan) y_o = {1'b0, {Exp{1'b1}}, 1'b1, {(Man - 1) {1'b0}}};
  end

endmodule
