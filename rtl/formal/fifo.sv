// SPDX-License-Identifier: Apache-2.0
  // tern_fifo under its contract: who writes has reserved room, who reads was offered a word.

  logic f_started = 1'b0;
  always_ff @(posedge clk_i) f_started <= 1'b1;
  always_comb if (!f_started) assume (!rst_ni);

  logic [PtrBits:0] f_fill_q, f_shown_q;  // words inside; of them, those that may be seen
  always_comb begin
    assume (!write_i || f_fill_q < (PtrBits + 1)'(Depth));
    assume (!read_i || valid_o);
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_fill_q <= '0;
      f_shown_q <= '0;
    end else if (clear_i) begin
      f_fill_q <= '0;
      f_shown_q <= '0;
    end else begin
      f_fill_q <= f_fill_q + (PtrBits + 1)'(write_i) - (PtrBits + 1)'(read_i);
      f_shown_q <= f_fill_q - (PtrBits + 1)'(read_i);
    end
  end

  // Any one word: what it is, and how many are before it.
  (* anyseq *) logic f_mark;
  logic             f_marked_q;
  logic [PtrBits:0] f_before_q;
  logic [Width-1:0] f_word_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_marked_q <= 1'b0;
    end else if (clear_i) begin
      f_marked_q <= 1'b0;
    end else if (write_i && f_mark && !f_marked_q) begin
      f_marked_q <= 1'b1;
      f_before_q <= f_fill_q - (PtrBits + 1)'(read_i);
      f_word_q <= data_i;
    end else if (f_marked_q && read_i) begin
      if (f_before_q == '0) f_marked_q <= 1'b0;
      f_before_q <= f_before_q - 1'b1;
    end
  end

  always_comb begin
    if (rst_ni) begin
      assert (f_fill_q <= (PtrBits + 1)'(Depth));
      assert ((PtrBits + 1)'(write_q - read_q) == f_fill_q);
      assert ((PtrBits + 1)'(visible_q - read_q) == f_shown_q);
      assert (f_shown_q <= f_fill_q);
      assert (valid_o == (f_shown_q != '0));
      // It comes out when all before it are out, and as it went in.
      if (f_marked_q) begin
        assert (f_before_q < f_fill_q);
        assert (ram_q[PtrBits'(read_q[PtrBits-1:0] + f_before_q[PtrBits-1:0])] == f_word_q);
        if (f_before_q == '0 && valid_o) assert (data_o == f_word_q);
      end
    end
  end
