// SPDX-License-Identifier: Apache-2.0

// Two units share a read address channel; A goes first. What was granted waits in a register for
// the bus.

module tern_ar_mux (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        a_valid_i,
  input  logic [63:0] a_addr_i,
  input  logic [6:0]  a_beats_i,
  input  logic [3:0]  a_id_i,
  output logic        a_grant_o,

  input  logic        b_valid_i,
  input  logic [63:0] b_addr_i,
  input  logic [6:0]  b_beats_i,
  input  logic [3:0]  b_id_i,
  output logic        b_grant_o,

  output logic        arvalid_o,
  input  logic        arready_i,
  output logic [3:0]  arid_o,
  output logic [63:0] araddr_o,
  output logic [7:0]  arlen_o
);

  logic        valid_q;
  logic [3:0]  id_q;
  logic [63:0] addr_q;
  logic [7:0]  len_q;
  logic        free;

  assign free = !valid_q || arready_i;
  assign a_grant_o = a_valid_i && free;
  assign b_grant_o = b_valid_i && free && !a_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      id_q <= '0;
      addr_q <= '0;
      len_q <= '0;
    end else if (free) begin
      valid_q <= a_valid_i || b_valid_i;
      if (a_valid_i) begin
        id_q <= a_id_i;
        addr_q <= a_addr_i;
        len_q <= {1'b0, a_beats_i - 7'd1};
      end else if (b_valid_i) begin
        id_q <= b_id_i;
        addr_q <= b_addr_i;
        len_q <= {1'b0, b_beats_i - 7'd1};
      end
    end
  end

  assign arvalid_o = valid_q;
  assign arid_o = id_q;
  assign araddr_o = addr_q;
  assign arlen_o = len_q;

endmodule
