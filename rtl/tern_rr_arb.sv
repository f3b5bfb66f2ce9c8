// SPDX-License-Identifier: Apache-2.0

// Round robin: the first request after the last one served, wrapping around.

module tern_rr_arb #(
  parameter int unsigned Requests = 8  // a power of two, at least 2
) (
  input  logic [Requests-1:0]         request_i,
  input  logic [$clog2(Requests)-1:0] last_i,
  output logic                        valid_o,
  output logic [$clog2(Requests)-1:0] index_o
);

  localparam int unsigned Bits = $clog2(Requests);

  logic [Bits-1:0] candidate;

  always_comb begin
    index_o = '0;
    candidate = '0;
    valid_o = request_i != '0;
    if (valid_o) begin
      // From the farthest to the nearest, so that the nearest one stays.
      for (int unsigned i = Requests; i >= 1; i--) begin
        candidate = last_i + Bits'(i);
        if (request_i[candidate]) index_o = candidate;
      end
    end
  end

endmodule
