// SPDX-License-Identifier: Apache-2.0

// Reads stretches of memory, of either space, for one unit: bursts of up to 4 KiB, as many at once
// as the receiver has room for; the beats come out in order. A stretch of the other space begins
// when nothing is on its way any more.

module tern_dma_rd (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         req_valid_i,   // one stretch
  output logic         req_ready_o,
  input  logic         req_host_i,
  input  logic [63:0]  req_addr_i,
  input  logic [57:0]  req_beats_i,
  input  logic         room_i,        // the receiver can take another burst of 64
  output logic         issue_o,       // a burst was asked for
  output logic [6:0]   issue_beats_o,

  output logic         ar_host_valid_o,
  output logic         ar_mem_valid_o,
  output logic [63:0]  ar_addr_o,
  output logic [6:0]   ar_beats_o,
  input  logic         ar_host_grant_i,
  input  logic         ar_mem_grant_i,

  input  logic         r_host_valid_i,
  input  logic [511:0] r_host_data_i,
  input  logic [1:0]   r_host_error_i,
  input  logic         r_mem_valid_i,
  input  logic [511:0] r_mem_data_i,
  input  logic [1:0]   r_mem_error_i,

  output logic         beat_valid_o,
  output logic [511:0] beat_data_o,
  output logic [1:0]   beat_error_o,
  output logic         idle_o,        // nothing is asked for or on its way
  output logic         awake_o        // not only waiting for beats
);

  logic         active_q, host_q, beat_valid_q;
  logic [1:0]   error_q;
  logic [63:0]  addr_q;
  logic [57:0]  left_q;
  logic [31:0]  flying_q;  // beats on their way
  logic [511:0] beat_q;
  logic [6:0]   beats;
  logic         ask, granted, arrived;

  assign ask = active_q && room_i;
  assign beats = tern_pkg::burst_beats(addr_q[11:6], left_q);
  assign ar_host_valid_o = ask && host_q;
  assign ar_mem_valid_o = ask && !host_q;
  assign ar_addr_o = addr_q;
  assign ar_beats_o = beats;
  assign granted = ar_host_grant_i || ar_mem_grant_i;
  assign issue_o = granted;
  assign issue_beats_o = beats;
  assign arrived = r_host_valid_i || r_mem_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      host_q <= 1'b0;
      beat_valid_q <= 1'b0;
      error_q <= tern_pkg::Good;
      addr_q <= '0;
      left_q <= '0;
      flying_q <= '0;
    end else begin
      if (req_valid_i && req_ready_o) begin
        active_q <= 1'b1;
        host_q <= req_host_i;
        addr_q <= req_addr_i;
        left_q <= req_beats_i;
      end else if (granted) begin
        addr_q <= addr_q + {51'd0, beats, 6'd0};
        left_q <= left_q - {51'd0, beats};
        if (left_q == {51'd0, beats}) active_q <= 1'b0;
      end
      if (granted || arrived) begin
        flying_q <= flying_q + (granted ? {25'd0, beats} : '0) - {31'd0, arrived};
      end
      beat_valid_q <= arrived;
      if (arrived) error_q <= host_q ? r_host_error_i : r_mem_error_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (r_host_valid_i) beat_q <= r_host_data_i;
    else if (r_mem_valid_i) beat_q <= r_mem_data_i;
  end

  assign req_ready_o = !active_q && (flying_q == '0 || host_q == req_host_i);
  assign beat_valid_o = beat_valid_q;
  assign beat_data_o = beat_q;
  assign beat_error_o = error_q;
  assign awake_o = active_q || beat_valid_q;
  assign idle_o = !active_q && flying_q == '0 && !beat_valid_q;

endmodule
