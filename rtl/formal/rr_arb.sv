// SPDX-License-Identifier: Apache-2.0
  // tern_rr_arb as its users wire it (tests/rtl/unit_rr_arb.sv). Any one of those who ask, and who
  // goes on asking until it is served.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  localparam int unsigned FBits = $clog2(Requests);

  (* anyconst *) logic [FBits-1:0] f_me;
  logic [FBits:0]   f_waited_q;   // grants to others since it asks
  logic             f_asked_q;    // it asked before and was not served
  logic             f_served;
  logic [FBits-1:0] f_distance;   // of the last one served from it

  assign f_served = valid_o && serve_i && index_o == f_me;
  assign f_distance = f_me - last_q - 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_waited_q <= '0;
      f_asked_q <= 1'b0;
    end else begin
      f_asked_q <= request_i[f_me] && !f_served;
      if (!request_i[f_me] || f_served) f_waited_q <= '0;
      else if (valid_o && serve_i) f_waited_q <= f_waited_q + 1'b1;
    end
  end

  always_comb begin
    assume (!f_asked_q || request_i[f_me]);
    assert (valid_o == (request_i != '0));
    assert (!valid_o || request_i[index_o]);
    // The last of Requests grants is its own, at the latest. Each grant comes nearer to it, which
    // is what makes this inductive.
    if (rst_ni) begin
      assert (f_waited_q < (FBits + 1)'(Requests));
      assert ({1'b0, f_distance} + f_waited_q < (FBits + 1)'(Requests));
    end
  end
