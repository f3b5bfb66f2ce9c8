// SPDX-License-Identifier: Apache-2.0

// Units share a read address channel, a burst of each in turn. What was granted waits in a register
// for the bus.

module tern_ar_mux #(
  parameter int unsigned Requests = 4  // a power of two, at least 2
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [Requests-1:0]    valid_i,
  input  logic [Requests*64-1:0] addr_i,
  input  logic [Requests*7-1:0]  beats_i,
  input  logic [Requests*4-1:0]  id_i,
  output logic [Requests-1:0]    grant_o,

  output logic                   arvalid_o,
  input  logic                   arready_i,
  output logic [3:0]             arid_o,
  output logic [63:0]            araddr_o,
  output logic [7:0]             arlen_o
);

  localparam int unsigned Bits = $clog2(Requests);

  logic            valid_q;
  logic [3:0]      id_q;
  logic [63:0]     addr_q;
  logic [7:0]      len_q;
  logic            free, pick_valid;
  logic [Bits-1:0] pick, last_q;

  tern_rr_arb #(
    .Requests(Requests)
  ) u_arb (
    .request_i(valid_i),
    .last_i   (last_q),
    .valid_o  (pick_valid),
    .index_o  (pick)
  );

  assign free = !valid_q || arready_i;

  always_comb begin
    grant_o = '0;
    grant_o[pick] = pick_valid && free;
  end

  logic [6:0] beats;
  logic [63:0] addr;
  logic [3:0] id;
  always_comb begin
    beats = '0;
    addr = '0;
    id = '0;
    for (int unsigned i = 0; i < Requests; i++) begin
      if (pick == Bits'(i)) begin
        beats = beats_i[i*7+:7];
        addr = addr_i[i*64+:64];
        id = id_i[i*4+:4];
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      id_q <= '0;
      addr_q <= '0;
      len_q <= '0;
      last_q <= '0;
    end else if (free) begin
      valid_q <= pick_valid;
      if (pick_valid) begin
        id_q <= id;
        addr_q <= addr;
        len_q <= {1'b0, beats - 7'd1};
        last_q <= pick;
      end
    end
  end

  assign arvalid_o = valid_q;
  assign arid_o = id_q;
  assign araddr_o = addr_q;
  assign arlen_o = len_q;

endmodule
