// SPDX-License-Identifier: Apache-2.0

// The read side of a memory port, and its watchdog: whatever the memory does, every beat that a
// unit asked for is answered.
//
// It stands between tern_ar_mux and the bus. With a memory that answers, addresses pass in the same
// cycle, and data pass beside it: a unit takes R data when its bit of r_valid_o is up.
//
// When an address waits or beats are owed, and no beat came for limit_i cycles, the guard trips: it
// answers what is owed itself, a beat a cycle, bad and late, and the port is dead. A dead port
// takes addresses at once and answers in the same way; nothing new reaches the bus. An address
// that stands on the bus stays there until it is taken, as AXI wants, so it is copied here in the
// cycle of the trip. Beats that arrive on a dead port are dropped; when the last one owed is here
// (and the units have their answers) the port lives again. A memory that loses a beat for good has
// a dead port until the reset, in which the shell drops what is outstanding.
//
// There is no r_last: units count beats, and an answer of the guard knows no bursts.

module tern_guard_rd #(
  parameter int unsigned        Units = 2,
  parameter logic [Units*4-1:0] Ids = {tern_pkg::IdWeights, tern_pkg::IdData}  // a unit each
) (
  input  logic             clk_i,
  input  logic             rst_ni,        // also the soft reset
  input  logic [31:0]      limit_i,       // WATCHDOG: cycles without an answer, 0: wait for ever

  // Addresses, from tern_ar_mux: what is offered stays until it is taken.
  input  logic             ar_valid_i,
  output logic             ar_ready_o,
  input  logic [3:0]       ar_id_i,       // one of Ids
  input  logic [63:0]      ar_addr_i,
  input  logic [7:0]       ar_len_i,

  // Answers: a beat a cycle for one of the units, always taken.
  output logic [Units-1:0] r_valid_o,
  output logic             r_bad_o,       // of whichever: no data
  output logic             r_timeout_o,   // bad because the memory did not answer

  // The bus; rready is 1.
  output logic             arvalid_o,
  input  logic             arready_i,
  output logic [3:0]       arid_o,
  output logic [63:0]      araddr_o,
  output logic [7:0]       arlen_o,
  input  logic             rvalid_i,
  input  logic [3:0]       rid_i,
  input  logic [1:0]       rresp_i,

  output logic             dead_o         // a register; as long, the port is busy
);

  // No address leaves while a unit is owed this many beats.
  localparam int unsigned OwedBits = 12;
  localparam int unsigned BusBits = OwedBits + $clog2(Units) + 1;

  logic              dead_q;
  logic              held_q;       // an address from before the trip stands on the bus
  logic [3:0]        id_q;
  logic [63:0]       addr_q;
  logic [7:0]        len_q;
  logic [BusBits:0]  bus_owed_q;   // beats, by the memory
  logic [Units-1:0]  full, owed;
  logic              trip, ar, bus_ar, clean;

  // The bus has nothing left to do. Then no address is taken, so that the port comes back in
  // bounded time.
  assign clean = !held_q && bus_owed_q == '0;

  // ------------------------------------------------------------------ the bus
  assign arvalid_o = dead_q ? held_q : ar_valid_i && full == '0;
  assign arid_o = dead_q ? id_q : ar_id_i;
  assign araddr_o = dead_q ? addr_q : ar_addr_i;
  assign arlen_o = dead_q ? len_q : ar_len_i;
  assign bus_ar = arvalid_o && arready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bus_owed_q <= '0;
    end else if (bus_ar || rvalid_i) begin
      bus_owed_q <= bus_owed_q + (bus_ar ? (BusBits + 1)'(arlen_o) + 1'b1 : '0) -
          (BusBits + 1)'(rvalid_i);
    end
  end

  // ------------------------------------------------------------------ the units
  assign ar_ready_o = full == '0 && (dead_q ? !clean : arready_i);
  assign ar = ar_valid_i && ar_ready_o;

  for (genvar u = 0; u < Units; u++) begin : gen_unit
    logic [OwedBits:0] owed_q;
    logic              mine, earlier;

    assign mine = ar && ar_id_i == Ids[u*4+:4];
    assign full[u] = owed_q[OwedBits];
    assign owed[u] = owed_q != '0;
    // A dead port serves the units from the first to the last.
    if (u == 0) begin : gen_first
      assign earlier = 1'b0;
    end else begin : gen_other
      assign earlier = owed[u-1:0] != '0;
    end
    assign r_valid_o[u] = dead_q ? owed[u] && !earlier : rvalid_i && rid_i == Ids[u*4+:4];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        owed_q <= '0;
      end else if (mine || r_valid_o[u]) begin
        owed_q <= owed_q + (mine ? (OwedBits + 1)'(ar_len_i) + 1'b1 : '0) -
            (OwedBits + 1)'(r_valid_o[u]);
      end
    end
  end

  assign r_bad_o = dead_q || rresp_i != tern_pkg::RespOkay;
  assign r_timeout_o = dead_q;

  // ------------------------------------------------------------------ the watchdog
  tern_guard_timer u_timer (
    .clk_i,
    .rst_ni,
    .limit_i,
    .waiting_i(!dead_q && (bus_owed_q != '0 || arvalid_o)),
    .answer_i (rvalid_i),
    .expired_o(trip)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dead_q <= 1'b0;
      held_q <= 1'b0;
      id_q <= '0;
      addr_q <= '0;
      len_q <= '0;
    end else if (trip) begin
      dead_q <= 1'b1;
      held_q <= arvalid_o && !arready_i;
      id_q <= ar_id_i;
      addr_q <= ar_addr_i;
      len_q <= ar_len_i;
    end else if (dead_q) begin
      if (arready_i) held_q <= 1'b0;
      if (clean && owed == '0) dead_q <= 1'b0;
    end
  end

  assign dead_o = dead_q;

endmodule
