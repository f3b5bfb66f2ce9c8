// SPDX-License-Identifier: Apache-2.0
  // tern_guard_timer with a limit that stays as it is.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  (* anyconst *) logic [31:0] f_limit;
  logic [31:0] f_silent_q;  // cycles without an answer that is owed, since the last one or the end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) f_silent_q <= '0;
    else if (!waiting_i || answer_i || expired_o) f_silent_q <= '0;
    else f_silent_q <= f_silent_q + 32'd1;
  end

  always_comb begin
    assume (limit_i == f_limit);
    if (rst_ni) begin
      if (f_limit == '0) begin
        assert (!expired_o);
      end else begin
        assert (f_silent_q < f_limit);
        assert (waited_q == f_silent_q);
        assert (expired_o == (waiting_i && !answer_i && f_silent_q + 32'd1 == f_limit));
      end
    end
  end
