// SPDX-License-Identifier: Apache-2.0

// Asks for one stream's share of the weights, tile after tile, and runs ahead of the array as far as
// the FIFO has room. While a row of W fits a K tile the rows of a tile lie end to end; else only the
// tile's part of each row is read.

module tern_wfetch #(
  parameter int unsigned Streams = 1,
  parameter bit Second = 1'b0,              // of two streams
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64,
  parameter int unsigned Depth = 512        // beats of the FIFO: memory latency that it can hide
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,

  input  logic                         tile_valid_i,
  output logic                         tile_read_o,
  input  logic [63:0]                  tile_addr_i,       // of the tile's first row
  input  logic [$clog2(RowsTile):0]    tile_rows_i,
  input  logic [26:0]                  tile_row_beats_i,  // from one row to the next
  input  logic [$clog2(KTile/256)+1:0] tile_beats_i,      // of a row

  output logic                         ar_valid_o,
  output logic [63:0]                  ar_addr_o,
  output logic [6:0]                   ar_beats_o,
  input  logic                         ar_grant_i,
  input  logic [$clog2(Depth):0]       taken_i,           // beats read from the FIFO

  output logic                         busy_o,            // at work; not while the FIFO is full
  output logic                         wake_o             // it is full no more
);

  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned BeatBits = $clog2(KTile / 256) + 2;
  localparam int unsigned LeftBits = RowBits + BeatBits;
  localparam int unsigned PtrBits = $clog2(Depth);

  typedef enum logic [1:0] {StIdle, StFirst, StRow, StStream} state_e;

  state_e              state_q;
  logic [63:0]         row_q, addr_q;
  logic [RowBits:0]    rows_q;         // stretches to come
  logic [LeftBits-1:0] left_q;         // beats of this one
  logic [PtrBits:0]    asked_q, taken_q;
  logic [6:0]          beats;
  logic                whole, ask, stretch_end, filling_q;
  logic [RowBits:0]    rows_first, rows_before, rows_mine;

  assign whole = tile_row_beats_i == 27'(tile_beats_i);
  assign rows_first = (RowBits + 1)'(tern_pkg::first_rows(16'(tile_rows_i)));
  assign rows_before = Second ? rows_first : '0;
  assign rows_mine = Streams == 1 ? tile_rows_i : Second ? tile_rows_i - rows_first : rows_first;

  function automatic logic [57:0] times_rows(logic [57:0] a_row, logic [RowBits:0] rows);
    times_rows = '0;
    for (int unsigned b = 0; b <= RowBits; b++) begin
      if (rows[b]) times_rows = times_rows + (a_row << b);
    end
  endfunction

  logic [57:0] skipped;
  logic [LeftBits-1:0] mine;
  always_comb begin
    skipped = '0;
    mine = '0;
    if (state_q == StIdle && tile_valid_i) begin
      skipped = times_rows({31'd0, tile_row_beats_i}, rows_before);
      mine = LeftBits'(times_rows({{(58 - BeatBits) {1'b0}}, tile_beats_i}, rows_mine));
    end
  end

  // taken_i moves with the stream; here it is sampled. Once the FIFO was full, half of it is taken
  // before it is filled again: so this side sleeps for long, and works for a while.
  assign ask = state_q == StStream && filling_q &&
      (PtrBits + 1)'(asked_q - taken_q) <= (PtrBits + 1)'(Depth - tern_pkg::BurstBeats);
  assign wake_o = state_q == StStream && !filling_q &&
      (PtrBits + 1)'(asked_q - taken_i) <= (PtrBits + 1)'(Depth / 2);
  assign beats = tern_pkg::burst_beats(addr_q[11:6], {{(58 - LeftBits) {1'b0}}, left_q});
  assign stretch_end = left_q == {{(LeftBits - 7) {1'b0}}, beats};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      row_q <= '0;
      addr_q <= '0;
      rows_q <= '0;
      left_q <= '0;
      asked_q <= '0;
      taken_q <= '0;
      filling_q <= 1'b1;
    end else begin
      taken_q <= taken_i;
      if ((PtrBits + 1)'(asked_q - taken_q) <= (PtrBits + 1)'(Depth / 2)) filling_q <= 1'b1;
      else if (!ask) filling_q <= 1'b0;
      unique case (state_q)
        StIdle: begin
          if (tile_valid_i) begin
            row_q <= tile_addr_i + {skipped, 6'd0};
            rows_q <= whole ? (RowBits + 1)'(rows_mine != '0) : rows_mine;
            left_q <= mine;
            state_q <= StFirst;
          end
        end
        StFirst: state_q <= rows_q == '0 ? StIdle : StRow;
        StRow: begin
          addr_q <= row_q;
          if (!whole) left_q <= {{(LeftBits - BeatBits) {1'b0}}, tile_beats_i};
          row_q <= row_q + {31'd0, tile_row_beats_i, 6'd0};
          rows_q <= rows_q - 1'b1;
          state_q <= StStream;
        end
        StStream: begin
          if (ar_grant_i) begin
            addr_q <= addr_q + {51'd0, beats, 6'd0};
            left_q <= left_q - {{(LeftBits - 7) {1'b0}}, beats};
            asked_q <= asked_q + {{(PtrBits - 6) {1'b0}}, beats};
            if (stretch_end) state_q <= rows_q == '0 ? StIdle : StRow;
          end
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  // The tile stays at the ring's end while it is being read.
  assign tile_read_o = (state_q == StFirst && rows_q == '0) ||
      (state_q == StStream && ar_grant_i && stretch_end && rows_q == '0);
  assign ar_valid_o = ask;
  assign ar_addr_o = addr_q;
  assign ar_beats_o = beats;
  assign busy_o = state_q == StStream ? filling_q : (state_q != StIdle || tile_valid_i);

endmodule
