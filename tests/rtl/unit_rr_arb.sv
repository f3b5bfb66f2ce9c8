// SPDX-License-Identifier: Apache-2.0

// The arbiter as its users wire it: what was served last is remembered when it is served.
module unit_rr_arb #(
  parameter int unsigned Requests = 8
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic [Requests-1:0]         request_i,
  input  logic                        serve_i,
  output logic                        valid_o,
  output logic [$clog2(Requests)-1:0] index_o
);

  logic [$clog2(Requests)-1:0] last_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) last_q <= '0;
    else if (valid_o && serve_i) last_q <= index_o;
  end

  tern_rr_arb #(
    .Requests(Requests)
  ) u_arb (
    .request_i,
    .last_i(last_q),
    .valid_o,
    .index_o
  );

endmodule
