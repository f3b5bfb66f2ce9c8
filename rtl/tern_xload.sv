// SPDX-License-Identifier: Apache-2.0

// Loads the activations of up to COLS tokens, one K tile of them, and turns them from one byte an
// activation into one plane a bit, as the array wants them: 64 bytes become 64 bits of 8 planes.

module tern_xload #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           abort_i,

  input  logic                           start_i,
  input  logic [63:0]                    addr_i,     // of the first token's tile
  input  logic [31:0]                    stride_i,   // to the next token's
  input  logic [$clog2(KTile):0]         k_i,        // activations of the tile
  input  logic [$clog2(Cols):0]          cols_i,     // tokens
  output logic                           done_o,     // one cycle: everything is in the buffer

  output logic                           req_valid_o,
  input  logic                           req_ready_i,
  output logic [63:0]                    req_addr_o,
  output logic [57:0]                    req_beats_o,
  input  logic                           beat_valid_i,
  input  logic [511:0]                   beat_data_i,

  output logic                           write_o,    // a word of a column is complete
  output logic [$clog2(Cols)-1:0]        write_col_o,
  output logic [$clog2(KTile/256)-1:0]   write_word_o,
  output logic [511:0]                   quarter0_o,    // each 8 planes x 64 activations
  output logic [511:0]                   quarter1_o,
  output logic [511:0]                   quarter2_o,
  output logic [511:0]                   quarter3_o,
  output logic                           idle_o
);

  localparam int unsigned BeatsBits = $clog2(KTile / 64) + 1;
  localparam int unsigned WordBits = $clog2(KTile / 256);
  localparam int unsigned ColBits = $clog2(Cols);

  logic                 asking_q, loading_q, write_q, done_q;
  logic [63:0]          addr_q;
  logic [ColBits:0]     ask_left_q;
  logic [ColBits-1:0]   col_q, write_col_q, last_col_q;
  logic [BeatsBits-1:0] beats_q, beat_q;
  logic [5:0]           tail_q;
  logic [WordBits-1:0]  write_word_q;
  logic [511:0]         quarter0_q, quarter1_q, quarter2_q, quarter3_q;
  logic                 column_end;

  assign column_end = beat_q == beats_q - 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      asking_q <= 1'b0;
      loading_q <= 1'b0;
      write_q <= 1'b0;
      done_q <= 1'b0;
      addr_q <= '0;
      ask_left_q <= '0;
      col_q <= '0;
      last_col_q <= '0;
      beats_q <= '0;
      beat_q <= '0;
      tail_q <= '0;
      write_col_q <= '0;
      write_word_q <= '0;
    end else if (abort_i) begin
      asking_q <= 1'b0;
      loading_q <= 1'b0;
      write_q <= 1'b0;
      done_q <= 1'b0;
    end else if (start_i) begin
      asking_q <= 1'b1;
      loading_q <= 1'b1;
      write_q <= 1'b0;
      addr_q <= addr_i;
      ask_left_q <= cols_i;
      col_q <= '0;
      last_col_q <= ColBits'(cols_i - 1'b1);
      beats_q <= BeatsBits'((k_i + ($clog2(KTile) + 1)'(63)) >> 6);
      beat_q <= '0;
      tail_q <= k_i[5:0];
    end else if (loading_q || write_q || done_q) begin
      if (asking_q && req_ready_i) begin
        addr_q <= addr_q + {32'd0, stride_i};
        ask_left_q <= ask_left_q - 1'b1;
        asking_q <= ask_left_q != (ColBits + 1)'(1);
      end
      write_q <= 1'b0;
      done_q <= write_q && !loading_q;
      if (loading_q && beat_valid_i) begin
        beat_q <= column_end ? '0 : beat_q + 1'b1;
        if (column_end) begin
          col_q <= col_q + 1'b1;
          loading_q <= col_q != last_col_q;
        end
        if (column_end || beat_q[1:0] == 2'd3) begin
          write_q <= 1'b1;
          write_col_q <= col_q;
          write_word_q <= beat_q[WordBits+1:2];
        end
      end
    end
  end

  // Activations past K become 0, so that the padding of weights could hold anything.
  logic [63:0]  keep;
  logic [511:0] planes;

  always_comb begin
    keep = '1;
    planes = '0;
    if (loading_q && beat_valid_i) begin
      if (column_end) keep = tern_pkg::tail_mask(tail_q);
      planes = tern_pkg::to_planes(beat_data_i, keep);
    end
  end

  always_ff @(posedge clk_i) begin
    if (loading_q && beat_valid_i) begin
      unique case (beat_q[1:0])
        2'd0: begin
          quarter0_q <= planes;
          quarter1_q <= '0;
          quarter2_q <= '0;
          quarter3_q <= '0;
        end
        2'd1: quarter1_q <= planes;
        2'd2: quarter2_q <= planes;
        default: quarter3_q <= planes;
      endcase
    end
  end

  assign done_o = done_q;
  assign req_valid_o = asking_q;
  assign req_addr_o = addr_q;
  assign req_beats_o = 58'(beats_q);
  assign write_o = write_q;
  assign write_col_o = write_col_q;
  assign write_word_o = write_word_q;
  assign quarter0_o = quarter0_q;
  assign quarter1_o = quarter1_q;
  assign quarter2_o = quarter2_q;
  assign quarter3_o = quarter3_q;
  assign idle_o = !asking_q && !loading_q && !write_q && !done_q;

endmodule
