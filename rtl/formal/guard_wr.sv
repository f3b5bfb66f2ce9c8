// SPDX-License-Identifier: Apache-2.0
  // tern_guard_wr between a writer that sends one burst after another and any memory that answers
  // only what it got, if at all.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  // ---------------------------------------------------------------- accounts
  // Beats to come of the burst, on either side, and whose it is; answers owed to the writer, and by
  // the memory, by id.
  logic [6:0]  f_core_left_q, f_bus_left_q;
  logic        f_core_b_q, f_bus_b_q;
  logic [15:0] f_owed_a_q, f_owed_b_q, f_bus_a_owed_q, f_bus_b_owed_q;
  logic        f_ended, f_bus_ended, f_b_a, f_b_b;

  assign f_ended = w && f_core_left_q == 7'd1;
  assign f_bus_ended = bus_w && f_bus_left_q == 7'd1;
  assign f_b_a = bvalid_i && bid_i == IdA;
  assign f_b_b = bvalid_i && bid_i == IdB;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_core_left_q <= '0;
      f_bus_left_q <= '0;
      f_core_b_q <= 1'b0;
      f_bus_b_q <= 1'b0;
      f_owed_a_q <= '0;
      f_owed_b_q <= '0;
      f_bus_a_owed_q <= '0;
      f_bus_b_owed_q <= '0;
    end else begin
      if (aw) begin
        f_core_left_q <= 7'(aw_len_i) + 7'd1;
        f_core_b_q <= aw_id_i == IdB;
      end else if (w) begin
        f_core_left_q <= f_core_left_q - 7'd1;
      end
      if (bus_aw) begin
        f_bus_left_q <= 7'(awlen_o) + 7'd1;
        f_bus_b_q <= awid_o == IdB;
      end else if (bus_w) begin
        f_bus_left_q <= f_bus_left_q - 7'd1;
      end
      f_owed_a_q <= f_owed_a_q + 16'(f_ended && !f_core_b_q) - 16'(b_a_valid_o);
      f_owed_b_q <= f_owed_b_q + 16'(f_ended && f_core_b_q) - 16'(b_b_valid_o);
      f_bus_a_owed_q <= f_bus_a_owed_q + 16'(f_bus_ended && !f_bus_b_q) - 16'(f_b_a);
      f_bus_b_owed_q <= f_bus_b_owed_q + 16'(f_bus_ended && f_bus_b_q) - 16'(f_b_b);
    end
  end

  // ---------------------------------------------------------------- what was a cycle ago
  logic         f_asks_q, f_offers_q, f_aw_stands_q, f_w_stands_q, f_dead_q, f_trip_q;
  logic [75:0]  f_aw_q, f_bus_aw_q;
  logic [576:0] f_w_q, f_bus_w_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_asks_q <= 1'b0;
      f_offers_q <= 1'b0;
      f_aw_stands_q <= 1'b0;
      f_w_stands_q <= 1'b0;
      f_dead_q <= 1'b0;
      f_trip_q <= 1'b0;
    end else begin
      f_asks_q <= aw_valid_i && !aw_ready_o;
      f_offers_q <= w_valid_i && !w_ready_o;
      f_aw_stands_q <= awvalid_o && !awready_i;
      f_w_stands_q <= wvalid_o && !wready_i;
      f_dead_q <= dead_o;
      f_trip_q <= trip;
    end
  end
  always_ff @(posedge clk_i) begin
    f_aw_q <= {aw_id_i, aw_addr_i, aw_len_i};
    f_w_q <= {w_data_i, w_strb_i, w_last_i};
    f_bus_aw_q <= {awid_o, awaddr_o, awlen_o};
    f_bus_w_q <= {wdata_o, wstrb_o, wlast_o};
  end

  // ---------------------------------------------------------------- what is assumed
  (* anyconst *) logic [31:0] f_limit;
  always_comb begin
    assume (limit_i == f_limit);
    if (aw_valid_i) begin
      assume (f_core_left_q == '0 && aw_len_i < 8'd64 && (aw_id_i == IdA || aw_id_i == IdB));
    end
    if (w_valid_i) assume (f_core_left_q != '0 && w_last_i == (f_core_left_q == 7'd1));
    if (f_asks_q) assume (aw_valid_i && {aw_id_i, aw_addr_i, aw_len_i} == f_aw_q);
    if (f_offers_q) assume (w_valid_i && {w_data_i, w_strb_i, w_last_i} == f_w_q);
    if (bvalid_i) assume ((f_b_a && f_bus_a_owed_q != '0) || (f_b_b && f_bus_b_owed_q != '0));
  end

  // ---------------------------------------------------------------- time
  logic        f_waits;
  logic [15:0] f_closed_q;   // cycles in which a clean port takes nothing from a writer at rest
  assign f_waits = f_owed_a_q != '0 || f_owed_b_q != '0 || awvalid_o || wvalid_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) f_closed_q <= '0;
    else f_closed_q <= (dead_o && clean && f_core_left_q == '0) ? f_closed_q + 16'd1 : '0;
  end

  always_comb begin
    if (rst_ni) begin
      // The guard's registers are the accounts, and none overflows.
      assert (16'(owed_a_q) == f_owed_a_q && 16'(owed_b_q) == f_owed_b_q);
      assert (f_owed_a_q <= 16'd4096 && f_owed_b_q <= 16'd4096);
      assert (f_bus_a_owed_q <= 16'd4096 && f_bus_b_owed_q <= 16'd4096);
      assert (open_q == (f_core_left_q != '0) && (!open_q || open_b_q == f_core_b_q));
      assert (left_q == f_bus_left_q && left_q <= 7'd64 && f_core_left_q <= 7'd64);
      assert (16'(bus_owed_q) == f_bus_a_owed_q + f_bus_b_owed_q + 16'(left_q != '0));

      // Room for the answer of the burst that is open, on either side.
      if (f_core_left_q != '0) begin
        assert (f_core_b_q ? f_owed_b_q < 16'd4096 : f_owed_a_q < 16'd4096);
      end
      if (left_q != '0) assert (f_bus_b_q ? f_bus_b_owed_q < 16'd4096 : f_bus_a_owed_q < 16'd4096);
      if (aw_held_q) begin
        assert (aw_id_q == IdB ? f_bus_b_owed_q < 16'd4096 : f_bus_a_owed_q < 16'd4096);
      end

      // Alive, writer and bus have one account, and everything passes.
      if (!dead_o) begin
        assert (!aw_held_q);
        assert (f_core_left_q == f_bus_left_q);
        assert (left_q == '0 || f_core_b_q == f_bus_b_q);
        assert (f_owed_a_q == f_bus_a_owed_q && f_owed_b_q == f_bus_b_owed_q);
        assert (b_a_valid_o == f_b_a && b_b_valid_o == f_b_b);
        assert (!b_timeout_o && b_bad_o == (bresp_i != tern_pkg::RespOkay));
        assert (wvalid_o == w_valid_i && w_ready_o == wready_i);
        if (awvalid_o) begin
          assert (aw_valid_i && aw_ready_o == awready_i);
          assert ({awid_o, awaddr_o, awlen_o} == {aw_id_i, aw_addr_i, aw_len_i});
        end
        if (wvalid_o) assert ({wdata_o, wstrb_o, wlast_o} == {w_data_i, w_strb_i, w_last_i});
      end

      // Nobody is answered who did not ask, and one at a time.
      assert (!b_a_valid_o || f_owed_a_q != '0);
      assert (!b_b_valid_o || f_owed_b_q != '0);
      assert (!(b_a_valid_o && b_b_valid_o));

      // In bounded time: the timer runs while the writer waits; when it ends the port is dead; a
      // dead port takes beats and gives answers every cycle.
      assert (dead_o || f_waits == (owed || awvalid_o || wvalid_o));
      assert (dead_o == (f_trip_q || (f_dead_q && dead_o)));
      assert (!trip || !dead_o);
      if (dead_o) assert (w_ready_o);
      if (dead_o && (f_owed_a_q != '0 || f_owed_b_q != '0)) begin
        assert ((b_a_valid_o || b_b_valid_o) && b_bad_o && b_timeout_o);
      end
      if (dead_o && !clean && f_owed_a_q != 16'd4096 && f_owed_b_q != 16'd4096) assert (aw_ready_o);
      assert (f_closed_q <= 16'd8193);
      if (dead_o && clean && f_core_left_q == '0) begin
        assert (f_closed_q + f_owed_a_q + f_owed_b_q <= 16'd8192);
      end

      // AXI: what stands on the bus stays, bursts are whole, data follow their address.
      if (f_aw_stands_q) assert (awvalid_o && {awid_o, awaddr_o, awlen_o} == f_bus_aw_q);
      if (f_w_stands_q) assert (wvalid_o && {wdata_o, wstrb_o, wlast_o} == f_bus_w_q);
      if (awvalid_o) assert (f_bus_left_q == '0);
      if (wvalid_o) assert (f_bus_left_q != '0 && wlast_o == (f_bus_left_q == 7'd1));
      // A dead port begins nothing, and writes nothing but what stood there when it died.
      if (f_dead_q && dead_o && !f_aw_stands_q) assert (!awvalid_o);
      if (f_dead_q && dead_o && wvalid_o && !f_w_stands_q) assert (wstrb_o == '0);
      assert (!dead_o || w_strb_q == '0 || f_w_stands_q);
      if (aw_held_q) assert (aw_len_q < 8'd64 && (aw_id_q == IdA || aw_id_q == IdB));
      if (aw_held_q) assert (left_q == '0);
      // What stands there is still to be taken from the writer in the first dead cycle.
      if (dead_o && f_trip_q && aw_held_q) assert (aw_valid_i && aw_ready_o);
      if (dead_o && f_trip_q && f_w_stands_q) assert (w_valid_i && w_ready_o);
    end
  end
