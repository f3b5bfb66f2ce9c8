// SPDX-License-Identifier: Apache-2.0

// The ternary array as one would write it first, to be compared with tern_array: every lane chooses
// between x, -x and 0, and a tree adds.
//
//   stage 0   trits and activations of 16 lanes -> their sum
//   stage 1   sums of all groups -> sum
//   stage 2   sum -> the row's accumulator

// 16 lanes of one column.
(* keep_hierarchy *)
module area_tree_group (
  input  logic         clk_i,
  input  logic [15:0]  neg_i,
  input  logic [15:0]  nz_i,
  input  logic [127:0] x_i,
  output logic [12:0]  sum_o
);

  logic signed [8:0]  x, term;
  logic signed [12:0] sum;

  always_comb begin
    sum = '0;
    x = '0;
    term = '0;
    for (int i = 0; i < 16; i++) begin
      x = 9'($signed(x_i[i*8+:8]));
      case ({neg_i[i], nz_i[i]})
        2'b01:   term = x;
        2'b11:   term = -x;
        default: term = '0;
      endcase
      sum = sum + 13'(term);
    end
  end
  always_ff @(posedge clk_i) sum_o <= sum;

endmodule

module area_tree #(
  parameter int unsigned Lanes = 256,     // 32 or more
  parameter int unsigned Cols = 2
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    valid_i,
  input  logic [Lanes-1:0]        neg_i,
  input  logic [Lanes-1:0]        nz_i,
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
    logic [Groups*13-1:0] sums_q;
    logic signed [16:0]   sum_d, sum_q;
    logic [31:0]          acc_q;

    for (genvar g = 0; g < Groups; g++) begin : gen_group
      area_tree_group u_group (
        .clk_i,
        .neg_i (neg_i[g*16+:16]),
        .nz_i  (nz_i[g*16+:16]),
        .x_i   (x_i[(c*Lanes+g*16)*8+:128]),
        .sum_o (sums_q[g*13+:13])
      );
    end

    always_comb begin
      sum_d = '0;
      for (int g = 0; g < Groups; g++) sum_d = sum_d + 17'($signed(sums_q[g*13+:13]));
    end
    always_ff @(posedge clk_i) begin
      sum_q <= sum_d;
      if (add[c]) acc_q <= (first ? '0 : acc_q) + {{15{sum_q[16]}}, sum_q};
    end

    assign row_acc_o[c*32+:32] = acc_q;
  end

endmodule
