// SPDX-License-Identifier: Apache-2.0

// The write side of a memory port, and its watchdog: whatever the memory does, every burst that
// the writer sends is taken and answered.
//
// The writer sends one burst after another: an address, then its beats, then the next address.
// With a memory that answers, everything passes through in the same cycle. The memory owes an
// answer while an address or a beat waits for ready, and while the answer to a burst is missing;
// the latter ends only with an answer, so a memory that takes data for ever without one is caught
// too. When none came for limit_i cycles the guard trips and the port is dead: the writer's bursts
// are swallowed and answered, bad and late.
//
// What AXI still wants of the port is kept: an address or a beat that stands on the bus stays
// there, unchanged, so it is copied here in the cycle of the trip (which is the only time these
// registers move); the rest of a burst that began is sent without strobes. Answers of the memory
// are dropped; after the last one (and when the writer has its own) the port lives again.

module tern_guard_wr #(
  parameter logic [3:0] IdA = tern_pkg::IdData,
  parameter logic [3:0] IdB = tern_pkg::IdCompletion
) (
  input  logic         clk_i,
  input  logic         rst_ni,       // also the soft reset
  input  logic [31:0]  limit_i,      // WATCHDOG: cycles without an answer, 0: wait for ever

  // The writer.
  input  logic         aw_valid_i,
  output logic         aw_ready_o,
  input  logic [3:0]   aw_id_i,      // IdA or IdB
  input  logic [63:0]  aw_addr_i,
  input  logic [7:0]   aw_len_i,     // up to 63
  input  logic         w_valid_i,    // never before its address was taken
  output logic         w_ready_o,
  input  logic [511:0] w_data_i,
  input  logic [63:0]  w_strb_i,
  input  logic         w_last_i,
  output logic         b_a_valid_o,  // an answer a cycle, always taken
  output logic         b_b_valid_o,
  output logic         b_bad_o,      // of either
  output logic         b_timeout_o,  // bad because the memory did not answer

  // The bus; bready is 1.
  output logic         awvalid_o,
  input  logic         awready_i,
  output logic [3:0]   awid_o,
  output logic [63:0]  awaddr_o,
  output logic [7:0]   awlen_o,
  output logic         wvalid_o,
  input  logic         wready_i,
  output logic [511:0] wdata_o,
  output logic [63:0]  wstrb_o,
  output logic         wlast_o,
  input  logic         bvalid_i,
  input  logic [3:0]   bid_i,
  input  logic [1:0]   bresp_i,

  output logic         dead_o        // a register; as long, the port is busy
);

  // No address leaves while the writer is owed this many answers.
  localparam int unsigned OwedBits = 12;

  logic         dead_q;
  logic         aw_held_q;               // an address from before the trip stands on the bus
  logic [3:0]   aw_id_q;
  logic [63:0]  aw_addr_q;
  logic [7:0]   aw_len_q;
  logic [511:0] w_data_q;
  logic [63:0]  w_strb_q;

  logic         open_q, open_b_q;        // the writer's burst has beats to come; it has id B
  logic [6:0]   left_q;                  // beats of the bus's burst
  logic [OwedBits:0]   owed_a_q, owed_b_q;  // answers to the writer
  logic [OwedBits+1:0] bus_owed_q;       // answers of the memory

  logic full, trip, aw, w, bus_aw, bus_w, ended, owed, clean;

  assign full = owed_a_q[OwedBits] || owed_b_q[OwedBits];
  assign owed = owed_a_q != '0 || owed_b_q != '0;
  // The bus has nothing left to do. Then the writer begins nothing more, so that the port comes
  // back in bounded time.
  assign clean = !aw_held_q && left_q == '0 && bus_owed_q == '0;

  // ------------------------------------------------------------------ the bus
  assign awvalid_o = dead_q ? aw_held_q : aw_valid_i && !full;
  assign awid_o = dead_q ? aw_id_q : aw_id_i;
  assign awaddr_o = dead_q ? aw_addr_q : aw_addr_i;
  assign awlen_o = dead_q ? aw_len_q : aw_len_i;
  assign wvalid_o = dead_q ? left_q != '0 : w_valid_i;
  assign wstrb_o = dead_q ? w_strb_q : w_strb_i;
  assign wlast_o = dead_q ? left_q == 7'd1 : w_last_i;

  // An `if` and not a choice: most simulated cycles don't touch these bits.
  always_comb begin
    wdata_o = w_data_i;
    if (dead_q) wdata_o = w_data_q;
  end

  assign bus_aw = awvalid_o && awready_i;
  assign bus_w = wvalid_o && wready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q <= '0;
      bus_owed_q <= '0;
    end else begin
      if (bus_aw) left_q <= awlen_o[6:0] + 7'd1;
      else if (bus_w) left_q <= left_q - 7'd1;
      if (bus_aw || bvalid_i) begin
        bus_owed_q <= bus_owed_q + (OwedBits + 2)'(bus_aw) - (OwedBits + 2)'(bvalid_i);
      end
    end
  end

  // ------------------------------------------------------------------ the writer
  assign aw_ready_o = !full && (dead_q ? !clean : awready_i);
  assign w_ready_o = dead_q || wready_i;
  assign aw = aw_valid_i && aw_ready_o;
  assign w = w_valid_i && w_ready_o;
  assign ended = w && w_last_i;

  assign b_a_valid_o = dead_q ? owed_a_q != '0 : bvalid_i && bid_i == IdA;
  assign b_b_valid_o = dead_q ? owed_a_q == '0 && owed_b_q != '0 : bvalid_i && bid_i == IdB;
  assign b_bad_o = dead_q || bresp_i != tern_pkg::RespOkay;
  assign b_timeout_o = dead_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
      open_b_q <= 1'b0;
      owed_a_q <= '0;
      owed_b_q <= '0;
    end else begin
      if (aw) begin
        open_q <= 1'b1;
        open_b_q <= aw_id_i == IdB;
      end else if (ended) begin
        open_q <= 1'b0;
      end
      if ((ended && !open_b_q) || b_a_valid_o) begin
        owed_a_q <= owed_a_q + (OwedBits + 1)'(ended && !open_b_q) - (OwedBits + 1)'(b_a_valid_o);
      end
      if ((ended && open_b_q) || b_b_valid_o) begin
        owed_b_q <= owed_b_q + (OwedBits + 1)'(ended && open_b_q) - (OwedBits + 1)'(b_b_valid_o);
      end
    end
  end

  // ------------------------------------------------------------------ the watchdog
  tern_guard_timer u_timer (
    .clk_i,
    .rst_ni,
    .limit_i,
    .waiting_i(!dead_q && (owed || awvalid_o || wvalid_o)),
    .answer_i (bvalid_i || (!owed && (bus_aw || bus_w))),
    .expired_o(trip)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dead_q <= 1'b0;
      aw_held_q <= 1'b0;
    end else if (trip) begin
      dead_q <= 1'b1;
      aw_held_q <= awvalid_o && !awready_i;
    end else if (dead_q) begin
      if (awready_i) aw_held_q <= 1'b0;
      if (clean && !open_q && !owed) dead_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_id_q <= '0;
      aw_addr_q <= '0;
      aw_len_q <= '0;
      w_strb_q <= '0;
    end else if (trip) begin
      aw_id_q <= aw_id_i;
      aw_addr_q <= aw_addr_i;
      aw_len_q <= aw_len_i;
      w_strb_q <= (wvalid_o && !wready_i) ? w_strb_i : '0;
    end else if (bus_w && dead_q) begin
      w_strb_q <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (trip) w_data_q <= w_data_i;
  end

  assign dead_o = dead_q;

endmodule
