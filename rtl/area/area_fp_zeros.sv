// SPDX-License-Identifier: Apache-2.0

// Zeros above the highest 1 of up to 32 bits; Width of them all are 0: an upper bound of Width.

module area_fp_zeros #(
  parameter int unsigned Width = 22
) (
  input  logic [Width-1:0] bits_i,
  output logic [4:0]       zeros_o
);

  logic [31:0] rest;

  // Halves: is there a 1 in the upper one? Look on where it is.
  always_comb begin
    rest = {bits_i, {(32 - Width) {1'b1}}};
    for (int k = 4; k >= 0; k--) begin
      zeros_o[k] = (rest >> (32 - (1 << k))) == '0;
      if (zeros_o[k]) rest = rest << (1 << k);
    end
  end

endmodule
