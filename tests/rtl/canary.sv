// SPDX-License-Identifier: Apache-2.0

// Breaks what the assertions forbid, one thing at a time, on request. canary_test.sh passes only
// if each is caught, and shows that a model built without --assert says nothing.

`include "tern_assert.svh"

module canary (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [2:0] crime_i,   // 0: none
  input  logic       ready_i,
  output logic       valid_o,
  output logic [7:0] data_o
);

  localparam logic [2:0] DropsValid = 3'd1;
  localparam logic [2:0] ChangesData = 3'd2;
  localparam logic [2:0] BreaksProperty = 3'd3;
  localparam logic [2:0] BreaksSequence = 3'd4;
  localparam logic [2:0] Overflows = 3'd5;
  localparam logic [2:0] Underflows = 3'd6;

  logic [3:0] cycle_q;
  logic       late, fifo_valid;
  logic [7:0] fifo_data;
  logic       fifo_write, fifo_read;

  assign late = cycle_q == 4'd12;

  // Valid from cycle 8 on, and nobody is ready in time.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycle_q <= '0;
      valid_o <= 1'b0;
      data_o <= 8'd1;
    end else begin
      cycle_q <= cycle_q + 1'b1;
      if (cycle_q == 4'd8) valid_o <= 1'b1;
      else if (valid_o && ready_i) valid_o <= 1'b0;
      if (late && crime_i == DropsValid) valid_o <= 1'b0;
      if (late && crime_i == ChangesData) data_o <= 8'd2;
    end
  end

  assign fifo_write = crime_i == Overflows || (cycle_q == 4'd3);
  assign fifo_read = fifo_valid ? (cycle_q == 4'd7) : (late && crime_i == Underflows);

  // A FIFO of 4 words with the assertions that the device's FIFOs have.
  tern_fifo #(
    .Width(8),
    .Depth(4)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i(1'b0),
    .write_i(fifo_write),
    .data_i ({4'd0, cycle_q}),
    .valid_o(fifo_valid),
    .data_o (fifo_data),
    .read_i (fifo_read),
    .taken_o(fifo_taken)
  );

  logic sequence_begins, unused;
  logic [2:0] fifo_taken;
  assign sequence_begins = cycle_q == 4'd9 && crime_i == BreaksSequence;
  assign unused = ^{fifo_data, fifo_taken};

  `TERN_ASSERT_STABLE(Canary, valid_o, ready_i, data_o);
  `TERN_ASSERT(CanaryProperty, !(late && crime_i == BreaksProperty));
  `TERN_ASSERT(CanarySequence, sequence_begins |=> $past(cycle_q) == 4'd0);

endmodule
