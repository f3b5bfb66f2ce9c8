// SPDX-License-Identifier: Apache-2.0

// What belongs to a beat travels beside its sum, Stages registers long: as in tern_array, for the
// arrays that it is compared with.

module area_beat #(
  parameter int unsigned Cols = 2,
  parameter int unsigned Stages = 3
) (
  input  logic            clk_i,
  input  logic            rst_ni,

  input  logic            valid_i,
  input  logic [Cols-1:0] on_i,
  input  logic            first_i,
  input  logic            last_i,
  input  logic [7:0]      tag_i,

  output logic [Cols-1:0] add_o,          // the accumulator takes a sum
  output logic            first_o,        // ... the first one of its row
  output logic            row_valid_o,
  output logic [Cols-1:0] row_on_o,
  output logic [7:0]      row_tag_o
);

  logic [Stages-1:0]           valid_q;
  logic [Stages*(Cols+10)-1:0] beat_q;
  logic                        last;

  // A stage is the lowest bits; beats come in there and go up.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Stages-2] && last, valid_q[Stages-3:0], valid_i};
  end
  always_ff @(posedge clk_i) begin
    beat_q <= {beat_q[(Stages-1)*(Cols+10)-1:0], first_i, last_i, tag_i, on_i};
  end

  localparam int unsigned Add = (Stages - 2) * (Cols + 10);
  localparam int unsigned Row = (Stages - 1) * (Cols + 10);

  assign add_o = valid_q[Stages-2] ? beat_q[Add+:Cols] : '0;
  assign first_o = beat_q[Add+Cols+9];
  assign last = beat_q[Add+Cols+8];
  assign row_valid_o = valid_q[Stages-1];
  assign row_on_o = beat_q[Row+:Cols];
  assign row_tag_o = beat_q[Row+Cols+:8];

endmodule
