// SPDX-License-Identifier: Apache-2.0

// The read side of a memory port, and its watchdog: whatever the memory does, every beat that a
// unit asked for is answered.
//
// Two units share the address channel, A goes first, and what was granted waits in a register for
// the bus: with a memory that answers this is tern_ar_mux, not a cycle slower. Data pass beside
// it; a unit takes R data when its r_*_valid_o is up.
//
// When beats are owed and none came for limit_i cycles the guard trips: it answers what is owed
// itself, a beat a cycle, bad and late, and the port is dead. A dead port grants at once and
// answers in the same way; nothing new reaches the bus. An address that stands on the bus stays
// there until it is taken, as AXI wants. Beats that arrive on a dead port are dropped; when the
// last one owed is here (and the units have their answers) the port lives again. A memory that
// loses a beat for good has a dead port until the reset, in which the shell drops what is
// outstanding.
//
// There is no r_last: units count beats, and an answer of the guard knows no bursts.

module tern_guard_rd #(
  parameter logic [3:0] IdA = tern_pkg::IdData,
  parameter logic [3:0] IdB = tern_pkg::IdWeights
) (
  input  logic        clk_i,
  input  logic        rst_ni,        // also the soft reset
  input  logic [31:0] limit_i,       // WATCHDOG: cycles without an answer, 0: wait for ever

  // Units. beats: 1 to 64. Taken in a cycle with a grant; a unit alone ties b_valid_i to 0.
  input  logic        a_valid_i,
  input  logic [63:0] a_addr_i,
  input  logic [6:0]  a_beats_i,
  output logic        a_grant_o,
  input  logic        b_valid_i,
  input  logic [63:0] b_addr_i,
  input  logic [6:0]  b_beats_i,
  output logic        b_grant_o,

  // Their answers: a beat a cycle of one of them, always taken.
  output logic        r_a_valid_o,
  output logic        r_b_valid_o,
  output logic        r_bad_o,       // of either: no data
  output logic        r_timeout_o,   // bad because the memory did not answer

  // The bus; rready is 1.
  output logic        arvalid_o,
  input  logic        arready_i,
  output logic [3:0]  arid_o,
  output logic [63:0] araddr_o,
  output logic [7:0]  arlen_o,
  input  logic        rvalid_i,
  input  logic [3:0]  rid_i,
  input  logic [1:0]  rresp_i,

  output logic        dead_o         // a register; as long, the port is busy
);

  // A unit gets nothing more while it is owed this many beats.
  localparam int unsigned OwedBits = 12;

  logic              valid_q, dead_q;
  logic [3:0]        id_q;
  logic [63:0]       addr_q;
  logic [7:0]        len_q;
  logic [OwedBits:0] owed_a_q, owed_b_q;  // beats to the units
  logic [OwedBits+1:0] late_q;            // beats of a dead memory that are still to be dropped

  logic free, trip, owed, late;

  assign late = late_q != '0;
  assign owed = owed_a_q != '0 || owed_b_q != '0;

  // A port about to come back to life grants nothing, so that it does so in bounded time.
  assign free = dead_q ? late : (!valid_q || arready_i);
  assign a_grant_o = a_valid_i && free && !owed_a_q[OwedBits];
  assign b_grant_o = b_valid_i && free && !owed_b_q[OwedBits] && !a_grant_o;

  // ------------------------------------------------------------------ the bus
  // In the cycle of the trip a grant already belongs to the dead port.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      id_q <= '0;
      addr_q <= '0;
      len_q <= '0;
    end else if (!valid_q || arready_i) begin
      valid_q <= (a_grant_o || b_grant_o) && !dead_q && !trip;
      if (a_grant_o && !dead_q) begin
        id_q <= IdA;
        addr_q <= a_addr_i;
        len_q <= {1'b0, a_beats_i - 7'd1};
      end else if (b_grant_o && !dead_q) begin
        id_q <= IdB;
        addr_q <= b_addr_i;
        len_q <= {1'b0, b_beats_i - 7'd1};
      end
    end
  end

  assign arvalid_o = valid_q;
  assign arid_o = id_q;
  assign araddr_o = addr_q;
  assign arlen_o = len_q;

  // ------------------------------------------------------------------ answers
  assign r_a_valid_o = dead_q ? owed_a_q != '0 : rvalid_i && rid_i == IdA;
  assign r_b_valid_o = dead_q ? owed_a_q == '0 && owed_b_q != '0 : rvalid_i && rid_i == IdB;
  assign r_bad_o = dead_q || rresp_i != tern_pkg::RespOkay;
  assign r_timeout_o = dead_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      owed_a_q <= '0;
      owed_b_q <= '0;
    end else begin
      if (a_grant_o || r_a_valid_o) begin
        owed_a_q <= owed_a_q + (a_grant_o ? (OwedBits + 1)'(a_beats_i) : '0) -
            (OwedBits + 1)'(r_a_valid_o);
      end
      if (b_grant_o || r_b_valid_o) begin
        owed_b_q <= owed_b_q + (b_grant_o ? (OwedBits + 1)'(b_beats_i) : '0) -
            (OwedBits + 1)'(r_b_valid_o);
      end
    end
  end

  // ------------------------------------------------------------------ the watchdog
  tern_guard_timer u_timer (
    .clk_i,
    .rst_ni,
    .limit_i,
    .waiting_i(owed && !dead_q),
    .answer_i (rvalid_i),
    .expired_o(trip)
  );

  // What is owed at the trip contains the address that stands on the bus.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dead_q <= 1'b0;
      late_q <= '0;
    end else if (trip) begin
      dead_q <= 1'b1;
      late_q <= {1'b0, owed_a_q} + {1'b0, owed_b_q};
    end else if (dead_q) begin
      if (late && rvalid_i) late_q <= late_q - 1'b1;
      if (!late && !owed) dead_q <= 1'b0;
    end
  end

  assign dead_o = dead_q;

endmodule
