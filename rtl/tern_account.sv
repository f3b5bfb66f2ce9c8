// SPDX-License-Identifier: Apache-2.0

// The account of every job: where its cycles went, what was read, written and added. In one cycle
// the device works for one job only, or waits for one thing:
//
//   a tile is at the array       its job's: the array works, or what it waits for (tern_seq)
//   else a copy runs             the copy's: it waits for the link
//   else last answers are due    the job's that is done next: it waits for the link
//   else commands are inside     the job's that begins or is done next: it waits for commands
//
// So a job's cycles are the sum of its counters, and the cycles of all jobs that of the device.

module tern_account #(
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      open_i,           // a job takes a slot
  input  logic [$clog2(Queues)+1:0] open_slot_i,

  input  logic                      end_valid_i,      // what became of a tile, see tern_seq
  input  logic [$clog2(Queues)+1:0] end_slot_i,
  input  logic                      end_first_i,
  input  logic [31:0]               end_cycles_i,
  input  logic [31:0]               end_array_i,
  input  logic [31:0]               end_stall_weights_i,
  input  logic [31:0]               end_stall_activations_i,
  input  logic [31:0]               end_stall_results_i,
  input  logic [31:0]               end_nonzeros_i,
  input  logic [31:0]               end_trits_i,
  input  logic [$clog2(Cols):0]     end_cols_i,

  input  logic                      array_idle_i,     // there was no tile at the array
  input  logic                      copy_i,           // a copy runs
  input  logic [$clog2(Queues)+1:0] copy_slot_i,
  input  logic                      answers_due_i,
  input  logic                      commands_inside_i,
  input  logic                      completing_i,

  input  logic                      done0_i,          // a job's last answer is here
  input  logic [$clog2(Queues)+1:0] done0_slot_i,
  input  logic                      done1_i,
  input  logic [$clog2(Queues)+1:0] done1_slot_i,
  input  logic                      begin_i,          // a job that has no tile begins, or is done
  input  logic [$clog2(Queues)+1:0] begin_slot_i,

  input  logic [Streams-1:0]        w_read_i,         // a burst is asked for
  input  logic [Streams*($clog2(Queues)+2)-1:0] w_slot_i,
  input  logic [Streams*7-1:0]      w_beats_i,
  input  logic                      x_read_i,
  input  logic [$clog2(Queues)+1:0] x_slot_i,
  input  logic [6:0]                x_beats_i,
  input  logic                      c_read_i,
  input  logic [6:0]                c_beats_i,
  input  logic                      written_i,        // a beat of data
  input  logic [$clog2(Queues)+1:0] written_slot_i,

  input  logic [$clog2(Queues)+1:0] retire_slot_i,
  input  logic [15:0]               retire_id_i,
  input  logic [7:0]                retire_status_i,
  input  logic                      retire_src_host_i,
  input  logic                      retire_dst_host_i,
  output logic [511:0]              cpl_o,            // its completion, without its phase

  output logic                      idle_cycle_o      // a cycle that is in no tile's account
);

  localparam int unsigned Slots = Queues * tern_pkg::SlotsAQueue;
  localparam int unsigned SlotBits = $clog2(Slots);
  localparam int unsigned ColBits = $clog2(Cols);

  // ------------------------------------------------------------------ cycles without a tile
  logic        done, copy_cycle, link_cycle, command_cycle, link_add;
  logic [SlotBits-1:0] done_slot, link_slot, command_slot;
  logic [31:0] link_wait_q, command_wait_q, link_value;
  logic        command_add;

  // What the last cycle was is known in this one, from the array as from everybody else.
  logic                copy_q, answers_due_q, commands_inside_q, completing_q;
  logic [SlotBits-1:0] copy_slot_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      copy_q <= 1'b0;
      answers_due_q <= 1'b0;
      commands_inside_q <= 1'b0;
      completing_q <= 1'b0;
      copy_slot_q <= '0;
    end else begin
      copy_q <= copy_i;
      answers_due_q <= answers_due_i;
      commands_inside_q <= commands_inside_i;
      completing_q <= completing_i;
      copy_slot_q <= copy_slot_i;
    end
  end

  assign done = done0_i || done1_i;
  assign done_slot = done0_i ? done0_slot_i : done1_slot_i;
  // While a job is being paid what was waited, the cycle goes to the next one.
  assign copy_cycle = array_idle_i && copy_q && !done;
  assign link_cycle = array_idle_i && ((copy_q && done) || (!copy_q && answers_due_q));
  assign command_cycle = array_idle_i && !copy_q && !answers_due_q && commands_inside_q;
  assign idle_cycle_o = copy_cycle || link_cycle || command_cycle ||
      (array_idle_i && completing_q);

  assign link_add = done || copy_cycle;
  assign link_slot = done ? done_slot : copy_slot_q;
  assign link_value = done ? link_wait_q : 32'd1;
  assign command_add = (end_valid_i && end_first_i) || begin_i;
  assign command_slot = (end_valid_i && end_first_i) ? end_slot_i : begin_slot_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      link_wait_q <= '0;
      command_wait_q <= '0;
    end else begin
      if (done || link_cycle) link_wait_q <= (done ? '0 : link_wait_q) + 32'(link_cycle);
      if (command_add || command_cycle)
        command_wait_q <= (command_add ? '0 : command_wait_q) + 32'(command_cycle);
    end
  end

  // ------------------------------------------------------------------ adds
  function automatic logic [63:0] times_cols(logic [31:0] value, logic [ColBits:0] cols);
    times_cols = '0;
    for (int unsigned b = 0; b <= ColBits; b++) begin
      if (cols[b]) times_cols = times_cols + ({32'd0, value} << b);
    end
  endfunction

  // Padding that is not 0, against the rules, adds nothing and is not counted.
  logic [63:0] adds, adds_skipped;
  logic [31:0] nonzeros;
  always_comb begin
    adds = '0;
    adds_skipped = '0;
    nonzeros = '0;
    if (end_valid_i) begin
      nonzeros = end_nonzeros_i < end_trits_i ? end_nonzeros_i : end_trits_i;
      adds = times_cols(nonzeros, end_cols_i);
      adds_skipped = times_cols(end_trits_i - nonzeros, end_cols_i);
    end
  end

  // ------------------------------------------------------------------ counters
  localparam int unsigned Tile = 5;
  logic [Tile*32-1:0] end_values, tile;
  assign end_values = {end_stall_results_i, end_stall_activations_i, end_stall_weights_i,
                       end_array_i, end_cycles_i};
  for (genvar i = 0; i < Tile; i++) begin : gen_tile
    tern_tally #(
      .Slots(Slots)
    ) u_tally (
      .clk_i,
      .rst_ni,
      .clear_i     (open_i),
      .clear_slot_i(open_slot_i),
      .add_i       (end_valid_i),
      .slot_i      (end_slot_i),
      .value_i     (end_values[i*32+:32]),
      .read_slot_i (retire_slot_i),
      .count_o     (tile[i*32+:32])
    );
  end

  logic [63:0] adds_sum, skipped_sum;
  tern_tally #(.Slots(Slots), .Width(64), .In(64)) u_adds (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(end_valid_i),
    .slot_i(end_slot_i), .value_i(adds), .read_slot_i(retire_slot_i), .count_o(adds_sum)
  );
  tern_tally #(.Slots(Slots), .Width(64), .In(64)) u_skipped (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(end_valid_i),
    .slot_i(end_slot_i), .value_i(adds_skipped), .read_slot_i(retire_slot_i),
    .count_o(skipped_sum)
  );

  logic [31:0] link_sum, command_sum, x_sum, c_sum, written_sum;
  logic [Streams*32-1:0] w_sum;
  tern_tally #(.Slots(Slots)) u_link (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(link_add),
    .slot_i(link_slot), .value_i(link_value), .read_slot_i(retire_slot_i), .count_o(link_sum)
  );
  tern_tally #(.Slots(Slots)) u_command (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(command_add),
    .slot_i(command_slot), .value_i(command_wait_q), .read_slot_i(retire_slot_i),
    .count_o(command_sum)
  );
  for (genvar s = 0; s < Streams; s++) begin : gen_weights
    tern_tally #(.Slots(Slots), .In(7)) u_tally (
      .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(w_read_i[s]),
      .slot_i(w_slot_i[s*SlotBits+:SlotBits]), .value_i(w_beats_i[s*7+:7]),
      .read_slot_i(retire_slot_i), .count_o(w_sum[s*32+:32])
    );
  end
  tern_tally #(.Slots(Slots), .In(7)) u_x (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(x_read_i),
    .slot_i(x_slot_i), .value_i(x_beats_i), .read_slot_i(retire_slot_i), .count_o(x_sum)
  );
  tern_tally #(.Slots(Slots), .In(7)) u_c (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(c_read_i),
    .slot_i(copy_slot_i), .value_i(c_beats_i), .read_slot_i(retire_slot_i), .count_o(c_sum)
  );
  tern_tally #(.Slots(Slots), .In(1)) u_written (
    .clk_i, .rst_ni, .clear_i(open_i), .clear_slot_i(open_slot_i), .add_i(written_i),
    .slot_i(written_slot_i), .value_i(1'b1), .read_slot_i(retire_slot_i), .count_o(written_sum)
  );

  // ------------------------------------------------------------------ completion
  function automatic logic [31:0] sum(logic [31:0] a, logic [31:0] b);
    logic [32:0] full;
    full = {1'b0, a} + {1'b0, b};
    sum = full[32] ? '1 : full[31:0];
  endfunction

  logic [31:0] weights_read, data_read;
  assign weights_read = Streams == 1 ? w_sum[31:0] : sum(w_sum[31:0], w_sum[Streams*32-1-:32]);
  assign data_read = sum(x_sum, c_sum);

  always_comb begin
    cpl_o = '0;
    cpl_o[tern_abi_pkg::CompletionAddsLsb+:64] = adds_sum;
    cpl_o[tern_abi_pkg::CompletionAddsSkippedLsb+:64] = skipped_sum;
    cpl_o[tern_abi_pkg::CompletionCyclesLsb+:32] = sum(tile[31:0], sum(link_sum, command_sum));
    cpl_o[tern_abi_pkg::CompletionArrayLsb+:32] = tile[63:32];
    cpl_o[tern_abi_pkg::CompletionStallWeightsLsb+:32] = tile[95:64];
    cpl_o[tern_abi_pkg::CompletionStallActivationsLsb+:32] = tile[127:96];
    cpl_o[tern_abi_pkg::CompletionStallResultsLsb+:32] = tile[159:128];
    cpl_o[tern_abi_pkg::CompletionStallCommandsLsb+:32] = command_sum;
    cpl_o[tern_abi_pkg::CompletionStallLinkLsb+:32] = link_sum;
    cpl_o[tern_abi_pkg::CompletionMemReadLsb+:32] =
        retire_src_host_i ? weights_read : sum(weights_read, data_read);
    cpl_o[tern_abi_pkg::CompletionMemWrittenLsb+:32] = retire_dst_host_i ? '0 : written_sum;
    cpl_o[tern_abi_pkg::CompletionHostReadLsb+:32] = retire_src_host_i ? data_read : '0;
    cpl_o[tern_abi_pkg::CompletionHostWrittenLsb+:32] = retire_dst_host_i ? written_sum : '0;
    cpl_o[tern_abi_pkg::CompletionIdLsb+:16] = retire_id_i;
    cpl_o[tern_abi_pkg::CompletionStatusLsb+:8] = retire_status_i;
  end

endmodule
