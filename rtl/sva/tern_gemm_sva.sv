// SPDX-License-Identifier: Apache-2.0

// Between the sequencer, the array and the result banks, and the account of a job's cycles.

`include "tern_assert.svh"

module tern_gemm_sva #(
  parameter int unsigned Cols = 8
) (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            take_o,
  input logic            weights_valid,
  input logic            array_busy,
  input logic [Cols-1:0] cols_on,
  input logic            x_write,
  input logic            block_valid,
  input logic            freed,
  input logic            drain_idle,
  input logic            stall_weights_o,
  input logic            stall_activations_o,
  input logic            stall_results_o,
  input logic            stall_link_o,
  input logic            abort_i,
  input logic            start_i,
  input logic            done_o,
  input logic            seq_idle
);

  `TERN_ASSERT(TakesWhatIsThere, take_o |-> weights_valid);
  `TERN_ASSERT(ColumnsStayWhileBusy, array_busy |=> $stable(cols_on) || abort_i);
  `TERN_ASSERT(NoLoadUnderTheArray, x_write |-> !take_o);
  `TERN_ASSERT(OneReason, $onehot0({take_o, stall_weights_o, stall_activations_o, stall_results_o,
      stall_link_o}));
  // Every cycle of the sequencer has a reason, but the one in which it says that it is done.
  `TERN_ASSERT(AReason, !seq_idle && !done_o |-> take_o || stall_weights_o || stall_activations_o ||
      stall_results_o || stall_link_o);
  `TERN_ASSERT(StartsAtRest, start_i |-> seq_idle && drain_idle);

  // Blocks handed to the drain and not yet written: never more than there are banks.
  logic [1:0] blocks_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) blocks_q <= '0;
    else if (abort_i) blocks_q <= '0;
    else blocks_q <= blocks_q + {1'b0, block_valid} - {1'b0, freed};
  end
  `TERN_ASSERT(TwoBanks, block_valid && !abort_i |-> blocks_q < 2'd2);

endmodule
