// SPDX-License-Identifier: Apache-2.0
  // tern_guard_rd with two units, between a mux that keeps AXI's rules and any memory that answers
  // only what was asked for, if at all.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  // ---------------------------------------------------------------- accounts
  // By unit: beats asked for and not answered; beats that the bus asked for and got no answer to.
  logic [Units*16-1:0] f_owed_q, f_bus_q, f_dut_owed;
  logic [Units-1:0]    f_ar, f_bus_ar, f_r;

  for (genvar u = 0; u < Units; u++) begin : gen_f
    assign f_dut_owed[u*16+:16] = {3'd0, gen_unit[u].owed_q};
    assign f_ar[u] = ar_valid_i && ar_ready_o && ar_id_i == Ids[u*4+:4];
    assign f_bus_ar[u] = arvalid_o && arready_i && arid_o == Ids[u*4+:4];
    assign f_r[u] = rvalid_i && rid_i == Ids[u*4+:4];
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        f_owed_q[u*16+:16] <= '0;
        f_bus_q[u*16+:16] <= '0;
      end else begin
        f_owed_q[u*16+:16] <= f_owed_q[u*16+:16] + (f_ar[u] ? {8'd0, ar_len_i} + 16'd1 : '0) -
            16'(r_valid_o[u]);
        f_bus_q[u*16+:16] <= f_bus_q[u*16+:16] + (f_bus_ar[u] ? {8'd0, arlen_o} + 16'd1 : '0) -
            16'(f_r[u]);
      end
    end
  end

  // ---------------------------------------------------------------- what was a cycle ago
  logic        f_asks_q, f_stands_q, f_dead_q;
  logic [75:0] f_ar_q, f_bus_ar_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_asks_q <= 1'b0;
      f_stands_q <= 1'b0;
      f_dead_q <= 1'b0;
    end else begin
      f_asks_q <= ar_valid_i && !ar_ready_o;
      f_stands_q <= arvalid_o && !arready_i;
      f_dead_q <= dead_o;
    end
  end
  always_ff @(posedge clk_i) begin
    f_ar_q <= {ar_id_i, ar_addr_i, ar_len_i};
    f_bus_ar_q <= {arid_o, araddr_o, arlen_o};
  end

  // ---------------------------------------------------------------- what is assumed
  (* anyconst *) logic [31:0] f_limit;
  always_comb begin
    assume (limit_i == f_limit);
    if (ar_valid_i) assume (ar_len_i < 8'd64 && (ar_id_i == Ids[3:0] || ar_id_i == Ids[7:4]));
    if (f_asks_q) assume (ar_valid_i && {ar_id_i, ar_addr_i, ar_len_i} == f_ar_q);
    if (rvalid_i) begin
      assume ((f_r[0] && f_bus_q[15:0] != '0) || (f_r[1] && f_bus_q[31:16] != '0));
    end
  end

  // ---------------------------------------------------------------- time
  // The units wait; cycles in which a clean port takes nothing; the guard tripped a cycle ago.
  logic        f_waits, f_trip_q;
  logic [15:0] f_closed_q;
  assign f_waits = f_owed_q != '0 || arvalid_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_closed_q <= '0;
      f_trip_q <= 1'b0;
    end else begin
      f_closed_q <= (dead_o && clean) ? f_closed_q + 16'd1 : '0;
      f_trip_q <= trip;
    end
  end

  always_comb begin
    if (rst_ni) begin
      // The guard's counters are the accounts, and none overflows.
      assert (f_dut_owed == f_owed_q);
      assert (f_owed_q[15:0] < 16'd4160 && f_owed_q[31:16] < 16'd4160);
      assert (f_bus_q[15:0] < 16'd4160 && f_bus_q[31:16] < 16'd4160);
      assert (17'(bus_owed_q) == {1'b0, f_bus_q[15:0]} + {1'b0, f_bus_q[31:16]});

      // Alive, units and bus have one account: what comes is the beat that its unit waits for.
      // (Both begin empty after the reset and after a comeback.)
      assert (dead_o || f_owed_q == f_bus_q);
      assert (dead_o || !held_q);
      assert (dead_o || r_valid_o == f_r);
      assert (dead_o || (!r_timeout_o && r_bad_o == (rresp_i != tern_pkg::RespOkay)));
      if (!dead_o && arvalid_o) begin
        assert (ar_valid_i && ar_ready_o == arready_i);
        assert ({arid_o, araddr_o, arlen_o} == {ar_id_i, ar_addr_i, ar_len_i});
      end

      // Nobody is answered who did not ask, and one at a time.
      assert (!r_valid_o[0] || f_owed_q[15:0] != '0);
      assert (!r_valid_o[1] || f_owed_q[31:16] != '0);
      assert (r_valid_o != 2'b11);

      // In bounded time: the timer runs while a unit waits, and an answer stops it; when it ends
      // the port is dead; a dead port answers a beat a cycle.
      assert (dead_o || f_waits == (bus_owed_q != '0 || arvalid_o));
      assert (dead_o || rvalid_i == (r_valid_o != '0));
      assert (dead_o == (f_trip_q || (f_dead_q && dead_o)));
      assert (!trip || !dead_o);
      if (dead_o && f_owed_q != '0) assert (r_valid_o != '0 && r_bad_o && r_timeout_o);
      // A dead port takes an address at once, but while it comes back; that is soon over.
      if (dead_o && !clean && f_dut_owed[12] == 1'b0 && f_dut_owed[28] == 1'b0) assert (ar_ready_o);
      assert (f_closed_q <= 16'd8321);
      if (dead_o && clean) begin
        assert (f_closed_q + f_owed_q[15:0] + f_owed_q[31:16] <= 16'd8320);
      end

      // AXI: what stands on the bus stays; a dead port puts nothing new there.
      if (f_stands_q) assert (arvalid_o && {arid_o, araddr_o, arlen_o} == f_bus_ar_q);
      if (f_dead_q && dead_o && !f_stands_q) assert (!arvalid_o);
      if (held_q) begin
        assert (len_q < 8'd64);
        assert (id_q == Ids[3:0] ? f_bus_q[15:0] < 16'd4096 :
            (id_q == Ids[7:4] && f_bus_q[31:16] < 16'd4096));
      end
      // The held address is still to be taken from the units in the first dead cycle.
      if (dead_o && !f_dead_q && held_q) assert (ar_valid_i && ar_ready_o);
    end
  end
