// SPDX-License-Identifier: Apache-2.0

// The adder array: a beat of 256 trits meets the activations of every token column.
//
// With a trit w in {-1, 0, 1} as (neg, nz) and x in two's complement, w * x = ((x ^ neg) + neg) & nz,
// so the sum over the lanes is the sum of the planes' popcounts of (x ^ neg) & nz, weighted with
// the planes' powers of two (the sign plane counts -128), plus the count of negative trits, which
// all columns share. There is nothing to multiply.
//
//   stage 0   weights and activations at the outputs of their RAMs -> popcounts
//   stage 1   popcounts -> weighted sum
//   stage 2   sum -> row's accumulator
//   stage 3   accumulator -> result bank
//
// What belongs to a beat (its row, whether the row begins or ends with it) travels along with it.

// The bits of an expression are counted fast in simulation, those of a function's argument are not
// (Verilator clears the argument every cycle). But yosys copies what stands in $countones once a
// bit: there it must be a name.
`ifdef YOSYS
`define TERN_POPCOUNT(Bits) tern_pkg::popcount256(Bits)
`else
`define TERN_POPCOUNT(Bits) 9'($countones(Bits))
`endif

module tern_array #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic                          start_i,       // a job begins: nothing is counted yet
  input  logic [Cols-1:0]               on_i,          // columns with a token
  input  logic                          write_i,       // a word of activations
  input  logic [$clog2(Cols)-1:0]       write_col_i,
  input  logic [$clog2(KTile/256)-1:0]  write_word_i,
  input  logic [511:0]                  quarter0_i,    // each 8 planes x 64 activations
  input  logic [511:0]                  quarter1_i,
  input  logic [511:0]                  quarter2_i,
  input  logic [511:0]                  quarter3_i,

  input  logic                          valid_i,       // the array takes a beat
  input  logic [511:0]                  weights_i,
  input  logic [$clog2(KTile/256)-1:0]  word_i,        // activations that belong to it
  input  logic                          first_i,       // of its row (in this K tile)
  input  logic                          last_i,
  input  logic                          add_i,         // to the sums of earlier K tiles
  input  logic                          block_end_i,   // the block's sums are complete with it
  input  logic                          pass_end_i,    // the pass over W ends with it
  input  logic [$clog2(RowsTile):0]     row_i,         // {bank, row}

  output logic                          row_valid_o,   // -> result banks
  output logic                          row_add_o,
  output logic [$clog2(RowsTile):0]     row_o,
  output logic [Cols*32-1:0]            row_acc_o,
  output logic                          block_end_o,   // this row is the block's last

  output logic                          pass_end_o,    // nonzeros_o is complete
  output logic [63:0]                   nonzeros_o,    // trits other than 0 in this pass
  output logic                          busy_o
);

  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned RowBits = $clog2(RowsTile) + 1;

  // {pass_end, block_end, add, last, first, row}
  logic [RowBits+4:0] tag1_q, tag2_q, tag3_q;
  logic               valid1_q, valid2_q, valid3_q;
  logic [255:0]       neg, nz;
  logic [8:0]         negatives_q, nonzeros_q;
  logic [63:0]        nonzeros_sum_q;

  assign neg = weights_i[tern_abi_pkg::P2NegativeOffset*8+:256];
  assign nz = weights_i[tern_abi_pkg::P2NonzeroOffset*8+:256];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
    end else begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q && tag2_q[RowBits+1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      tag1_q <= {pass_end_i, block_end_i, add_i, last_i, first_i, row_i};
      negatives_q <= `TERN_POPCOUNT(neg & nz);
      nonzeros_q <= `TERN_POPCOUNT(nz);
    end
    if (valid1_q) tag2_q <= tag1_q;
    if (valid2_q) tag3_q <= tag2_q;
  end

  // Nonzero trits of the pass.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      nonzeros_sum_q <= '0;
    end else if (start_i) begin
      nonzeros_sum_q <= '0;
    end else if (valid1_q || pass_end_o) begin
      nonzeros_sum_q <= (pass_end_o ? '0 : nonzeros_sum_q) + (valid1_q ? {55'd0, nonzeros_q} : '0);
    end
  end

  // ------------------------------------------------------------------ activations
  // A word of column c, at {c, word}, has plane p in bits p * 256 + 255 .. p * 256.
  logic [2047:0] x_ram_q[Cols*KTile/256];

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      // From 4 times 8 planes of 64 to 8 planes of 256.
      x_ram_q[{write_col_i, write_word_i}] <= {
        quarter3_i[448+:64], quarter2_i[448+:64],
        quarter1_i[448+:64], quarter0_i[448+:64],
        quarter3_i[384+:64], quarter2_i[384+:64],
        quarter1_i[384+:64], quarter0_i[384+:64],
        quarter3_i[320+:64], quarter2_i[320+:64],
        quarter1_i[320+:64], quarter0_i[320+:64],
        quarter3_i[256+:64], quarter2_i[256+:64],
        quarter1_i[256+:64], quarter0_i[256+:64],
        quarter3_i[192+:64], quarter2_i[192+:64],
        quarter1_i[192+:64], quarter0_i[192+:64],
        quarter3_i[128+:64], quarter2_i[128+:64],
        quarter1_i[128+:64], quarter0_i[128+:64],
        quarter3_i[64+:64], quarter2_i[64+:64],
        quarter1_i[64+:64], quarter0_i[64+:64],
        quarter3_i[0+:64], quarter2_i[0+:64],
        quarter1_i[0+:64], quarter0_i[0+:64]};
    end
  end

  // ------------------------------------------------------------------ token columns
  for (genvar c = 0; c < Cols; c++) begin : gen_column
    logic [8:0]  count0_q, count1_q, count2_q, count3_q, count4_q, count5_q, count6_q, count7_q;
    logic [17:0] sum_q;
    logic [31:0] acc_q;

    // A column without a token computes nothing: its registers, and all behind them, stand still.
    always_ff @(posedge clk_i) begin
      if (on_i[c]) begin
        if (valid_i) begin
          count0_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][0+:256] ^ neg) & nz);
          count1_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][256+:256] ^ neg) & nz);
          count2_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][512+:256] ^ neg) & nz);
          count3_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][768+:256] ^ neg) & nz);
          count4_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][1024+:256] ^ neg) & nz);
          count5_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][1280+:256] ^ neg) & nz);
          count6_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][1536+:256] ^ neg) & nz);
          count7_q <= `TERN_POPCOUNT(
              (x_ram_q[{ColBits'(c), word_i}][1792+:256] ^ neg) & nz);
        end
        if (valid1_q) begin
          sum_q <= {9'd0, count0_q} + {8'd0, count1_q, 1'd0} + {7'd0, count2_q, 2'd0} +
              {6'd0, count3_q, 3'd0} + {5'd0, count4_q, 4'd0} + {4'd0, count5_q, 5'd0} +
              {3'd0, count6_q, 6'd0} - {2'd0, count7_q, 7'd0} + {9'd0, negatives_q};
        end
        if (valid2_q) acc_q <= (tag2_q[RowBits] ? '0 : acc_q) + {{14{sum_q[17]}}, sum_q};
      end
    end

    assign row_acc_o[c*32+:32] = acc_q;
  end

  assign row_valid_o = valid3_q;
  assign row_o = tag3_q[RowBits-1:0];
  assign row_add_o = tag3_q[RowBits+2];
  assign block_end_o = valid3_q && tag3_q[RowBits+3];
  assign pass_end_o = valid2_q && tag2_q[RowBits+4];
  assign nonzeros_o = nonzeros_sum_q;
  assign busy_o = valid1_q || valid2_q || valid3_q;

endmodule

`undef TERN_POPCOUNT
