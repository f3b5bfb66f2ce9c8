// SPDX-License-Identifier: Apache-2.0

// The halves of the activations' buffer: never written while a tile uses what is in them or is going
// to, and no tile begins before its activations, of its own job, are there. Counted on the streaming
// clock, so that what a standing control clock would miss is missed here.

`include "tern_assert.svh"

module tern_halves_sva #(
  parameter int unsigned SlotBits = 5,
  parameter int unsigned TileBits = 14,
  parameter int unsigned ColBits = 3
) (
  input logic                clk_i,
  input logic                rst_ni,

  input logic                pass_i,        // a tile's activations are there
  input logic                pass_void_i,
  input logic                pass_load_i,   // newly
  input logic                pass_half_i,
  input logic [SlotBits-1:0] pass_slot_i,
  input logic [TileBits:0]   pass_k_i,
  input logic [ColBits:0]    pass_cols_i,

  input logic                write_i,       // into the buffer
  input logic                write_half_i,

  input logic                start_i,       // a tile comes to the array
  input logic                start_void_i,
  input logic                start_half_i,
  input logic [SlotBits-1:0] start_slot_i,
  input logic [TileBits:0]   start_k_i,
  input logic [ColBits:0]    start_cols_i,
  input logic                take_i,
  input logic                take_void_i,
  input logic                take_half_i,
  input logic                used_i,        // it needs its activations no more
  input logic                used_half_i
);

  localparam int unsigned Width = SlotBits + TileBits + 1 + ColBits + 1;

  logic [4:0]       waiting_q;              // tiles passed and not begun
  logic [4:0]       uses0_q, uses1_q;       // tiles passed and not through, by half
  logic [1:0]       there_q;                // a half has been loaded
  logic [Width-1:0] held0_q, held1_q;       // for whom: {slot, k, columns}
  logic             wrote_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waiting_q <= '0;
      uses0_q <= '0;
      uses1_q <= '0;
      there_q <= '0;
      held0_q <= '0;
      held1_q <= '0;
      wrote_q <= 1'b0;
    end else begin
      wrote_q <= write_i;
      waiting_q <= waiting_q + 5'(pass_i) - 5'(start_i);
      uses0_q <= uses0_q + 5'(pass_i && !pass_void_i && !pass_half_i) -
          5'(used_i && !used_half_i);
      uses1_q <= uses1_q + 5'(pass_i && !pass_void_i && pass_half_i) - 5'(used_i && used_half_i);
      if (write_i) there_q[write_half_i] <= 1'b0;
      if (pass_i && pass_load_i) begin
        there_q[pass_half_i] <= 1'b1;
        if (pass_half_i) held1_q <= {pass_slot_i, pass_k_i, pass_cols_i};
        else held0_q <= {pass_slot_i, pass_k_i, pass_cols_i};
      end
    end
  end

  logic             there, there_pass, written_used, used_some;
  logic [Width-1:0] held;
  assign there = there_q[start_half_i];
  assign there_pass = there_q[pass_half_i];
  assign held = start_half_i ? held1_q : held0_q;
  assign written_used = write_half_i ? uses1_q != '0 : uses0_q != '0;
  assign used_some = used_half_i ? uses1_q != '0 : uses0_q != '0;

  `TERN_ASSERT(NeverWrittenWhileUsed, write_i |-> !written_used);
  `TERN_ASSERT(NeverWrittenUnderTheArray, write_i && take_i && !take_void_i |->
      write_half_i != take_half_i);
  `TERN_ASSERT(BeginsWhatHasPassed, start_i |-> waiting_q != '0);
  `TERN_ASSERT(BeginsWithItsOwn, start_i && !start_void_i |-> there &&
      held == {start_slot_i, start_k_i, start_cols_i});
  `TERN_ASSERT(PassesWhatIsThere, pass_i && !pass_void_i && !pass_load_i |-> there_pass);
  `TERN_ASSERT(PassesWhatIsWritten, pass_i && pass_load_i |-> !write_i && !wrote_q);
  `TERN_ASSERT(UsesWhatHasPassed, used_i |-> used_some);
  `TERN_ASSERT(FewWait, waiting_q <= 5'd12);

endmodule

bind tern_gemm tern_halves_sva #(
  .SlotBits(SlotBits), .TileBits(TileBits), .ColBits(ColBits)
) u_halves_sva (
  .clk_i,
  .rst_ni,
  .pass_i      (x_tile_read),
  .pass_void_i (x_void),
  .pass_load_i (x_load),
  .pass_half_i (x_half),
  .pass_slot_i (x_req_slot_o),
  .pass_k_i    (x_k),
  .pass_cols_i (x_cols),
  .write_i     (xw_valid),
  .write_half_i(xw_half),
  .start_i     (s_read),
  .start_void_i(s_void),
  .start_half_i(s_half),
  .start_slot_i(s_slot),
  .start_k_i   (s_k),
  .start_cols_i(s_cols),
  .take_i      (take),
  .take_void_i (tag[RowBits+3]),
  .take_half_i (half),
  .used_i      (used),
  .used_half_i (used_half)
);
