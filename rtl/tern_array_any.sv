// SPDX-License-Identifier: Apache-2.0

// The array that ArrayKind names. One more array is one more branch, and a name in tern_pkg.

module tern_array_any #(
  parameter int unsigned ArrayKind = tern_pkg::ArrayPlanes,
  parameter int unsigned Lanes = 256,
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned TagBits = 8
) (
  input  logic                           clk_i,
  input  logic                           clk_ctl_i,
  input  logic                           rst_ni,

  input  logic                           x_valid_i,
  input  logic                           x_half_i,
  input  logic [$clog2(Cols)-1:0]        x_col_i,
  input  logic [$clog2(KTile/64)-1:0]    x_chunk_i,
  input  logic                           x_last_i,
  input  logic [511:0]                   x_data_i,

  input  logic                           valid_i,
  input  logic [Streams*Lanes-1:0]       neg_i,
  input  logic [Streams*Lanes-1:0]       nz_i,
  input  logic                           half_i,
  input  logic [$clog2(KTile/Lanes)-1:0] word_i,
  input  logic [Cols-1:0]                on_i,
  input  logic                           check_i,
  input  logic                           first_i,
  input  logic                           last_i,
  input  logic [TagBits-1:0]             tag_i,

  output logic                           row_valid_o,
  output logic [Cols-1:0]                row_on_o,
  output logic [Streams*Cols*32-1:0]     row_acc_o,
  output logic                           row_bad_o,
  output logic [TagBits-1:0]             row_tag_o
);

  if (ArrayKind == tern_pkg::ArrayPlanes) begin : gen_planes
    tern_array #(
      .Lanes  (Lanes),
      .Streams(Streams),
      .Cols   (Cols),
      .KTile  (KTile),
      .TagBits(TagBits)
    ) u_array (.*);
  end else if (ArrayKind == tern_pkg::ArrayTree) begin : gen_tree
    tern_array_tree #(
      .Lanes  (Lanes),
      .Streams(Streams),
      .Cols   (Cols),
      .KTile  (KTile),
      .TagBits(TagBits)
    ) u_array (.*);
  end else begin : gen_none
    $error("ArrayKind: no array has this number");
  end

endmodule
