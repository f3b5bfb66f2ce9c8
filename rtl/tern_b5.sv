// SPDX-License-Identifier: Apache-2.0

// One beat of B5 weights -> the planes of its 320 trits. Trit i is digit (i % 5) of byte (i / 5),
// less one, where digit d of a byte is (byte / 3^d) % 3. Packers write no byte above 242; of such a
// byte only these five digits count, so 243 to 255 decode as 0 to 12 do.

module tern_b5 (
  input  logic         en_i,    // 0: all trits are 0, and nothing is computed
  input  logic [511:0] beat_i,
  output logic [319:0] neg_o,   // the trit is -1
  output logic [319:0] nz_o     // the trit is -1 or 1
);

  localparam int unsigned Bytes = tern_abi_pkg::BeatBytes;
  localparam int unsigned Digits = tern_abi_pkg::B5TritsAByte;

  // Takes the digit of this power of three from what is left of a byte: {nz, neg, rest}.
  function automatic logic [9:0] digit(logic [7:0] left, logic [7:0] power);
    logic one;
    logic two;
    one = left >= power;
    two = left >= {power[6:0], 1'b0};
    digit = {two || !one, !one, left - (two ? {power[6:0], 1'b0} : one ? power : 8'd0)};
  endfunction

  // {nz, neg} of the five trits of a byte, from the highest digit down.
  function automatic logic [9:0] trits(logic [7:0] code);
    logic [9:0] d4;
    logic [9:0] d3;
    logic [9:0] d2;
    logic [9:0] d1;
    d4 = digit(code >= 8'd243 ? code - 8'd243 : code, 8'd81);
    d3 = digit(d4[7:0], 8'd27);
    d2 = digit(d3[7:0], 8'd9);
    d1 = digit(d2[7:0], 8'd3);
    trits = {d4[9], d3[9], d2[9], d1[9], d1[7:0] != 8'd1,
             d4[8], d3[8], d2[8], d1[8], d1[7:0] == 8'd0};
  endfunction

`ifdef VERILATOR
  // A simulator remembers what the function says of each byte, and takes six bytes at once: the
  // low half of a word collects signs, the high half nonzeros.
  localparam int unsigned Six = 6 * Digits;
  localparam int unsigned Sixes = Bytes / 6;

  logic [2*Six-1:0] trits_of[256];
  logic [2*Six-1:0] six;

  initial begin
    for (int i = 0; i < 256; i++) begin
      trits_of[i] = '0;
      {trits_of[i][34:30], trits_of[i][4:0]} = trits(8'(i));
    end
  end

  always_comb begin
    neg_o = '0;
    nz_o = '0;
    six = '0;
    if (en_i) begin
      for (int unsigned i = 0; i < Sixes; i++) begin
        six = trits_of[beat_i[i*48+:8]] | trits_of[beat_i[i*48+8+:8]] << 5 |
            trits_of[beat_i[i*48+16+:8]] << 10 | trits_of[beat_i[i*48+24+:8]] << 15 |
            trits_of[beat_i[i*48+32+:8]] << 20 | trits_of[beat_i[i*48+40+:8]] << 25;
        neg_o[i*Six+:Six] = six[29:0];
        nz_o[i*Six+:Six] = six[59:30];
      end
      // The four bytes that are left.
      six = trits_of[beat_i[480+:8]] | trits_of[beat_i[488+:8]] << 5 |
          trits_of[beat_i[496+:8]] << 10 | trits_of[beat_i[504+:8]] << 15;
      neg_o[319:300] = six[19:0];
      nz_o[319:300] = six[49:30];
    end
  end
`else
  for (genvar i = 0; i < Bytes; i++) begin : gen_byte
    logic [2*Digits-1:0] planes;
    assign planes = trits(beat_i[i*8+:8]);
    assign neg_o[i*Digits+:Digits] = en_i ? planes[0+:Digits] : '0;
    assign nz_o[i*Digits+:Digits] = en_i ? planes[Digits+:Digits] : '0;
  end
`endif

endmodule
