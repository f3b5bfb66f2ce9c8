// SPDX-License-Identifier: Apache-2.0

// Streams the weights of a GEMM in the order in which the array eats them, and runs ahead of it as
// far as the FIFO has room.
//
// A pass over up to COLS tokens reads all of W once. While a row of W fits the activation buffer W
// is read from end to end; else it is read in blocks of RowsTile rows, and in a block K tile by
// K tile, a row's share at a time.

module tern_weights #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64,
  parameter int unsigned Depth = 256   // beats of the FIFO: memory latency that it can hide
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         abort_i,
  input  logic         clear_i,        // forget what was read; only when idle

  input  logic         start_i,
  input  logic [63:0]  addr_i,
  input  logic [55:0]  beats_i,        // of all of W
  input  logic [31:0]  n_i,
  input  logic [31:0]  k_i,
  input  logic [31:0]  t_i,

  output logic         ar_valid_o,
  output logic [63:0]  ar_addr_o,
  output logic [6:0]   ar_beats_o,
  input  logic         ar_grant_i,
  input  logic         r_valid_i,
  input  logic [511:0] r_data_i,

  output logic         valid_o,
  output logic [511:0] data_o,
  input  logic         read_i,
  output logic         idle_o          // no burst is on its way
);

  localparam int unsigned CountBits = $clog2(Depth) + 1;
  localparam int unsigned TileBeats = KTile / 256;
  localparam int unsigned RowsBits = $clog2(RowsTile);

  typedef enum logic [2:0] {StIdle, StPass, StBlock, StTile, StRow, StStream} state_e;

  state_e      state_q;
  logic        tiled_q;
  logic [63:0] w_q;          // all of W
  logic [55:0] w_beats_q;
  logic [31:0] n_q, t_left_q, n_left_q;
  logic [24:0] row_beats_q, row_left_q;
  logic [63:0] block_q;      // row 0, tile 0 of the block
  logic [63:0] tile_q;       // row 0 of the tile
  logic [63:0] row_q;        // the row's share of the tile
  logic [RowsBits:0] rows_left_q;

  // The stretch that is being asked for.
  logic [63:0] addr_q;
  logic [57:0] left_q;
  logic [6:0]  beats;

  logic [CountBits-1:0] reserved_q, flying_q;  // beats in or on their way to the FIFO; on their way
  logic        ask;

  assign ask = state_q == StStream && left_q != '0 && !abort_i &&
      reserved_q <= CountBits'(Depth - tern_pkg::BurstBeats);
  assign beats = tern_pkg::burst_beats(addr_q[11:6], left_q);
  assign ar_valid_o = ask;
  assign ar_addr_o = addr_q;
  assign ar_beats_o = beats;

  logic stretch_end;
  assign stretch_end = ar_grant_i && left_q == {51'd0, beats};

  logic [24:0] tile_beats;
  assign tile_beats = row_left_q > 25'(TileBeats) ? 25'(TileBeats) : row_left_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      tiled_q <= 1'b0;
      w_q <= '0;
      w_beats_q <= '0;
      n_q <= '0;
      t_left_q <= '0;
      n_left_q <= '0;
      row_beats_q <= '0;
      row_left_q <= '0;
      block_q <= '0;
      tile_q <= '0;
      row_q <= '0;
      rows_left_q <= '0;
      addr_q <= '0;
      left_q <= '0;
    end else if (abort_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            tiled_q <= k_i > 32'(KTile);
            w_q <= addr_i;
            w_beats_q <= beats_i;
            n_q <= n_i;
            t_left_q <= t_i;
            row_beats_q <= 25'(({1'b0, k_i} + 33'd255) >> 8);
            state_q <= StPass;
          end
        end
        StPass: begin
          n_left_q <= n_q;
          block_q <= w_q;
          addr_q <= w_q;
          left_q <= {2'd0, w_beats_q};
          state_q <= tiled_q ? StBlock : StStream;
        end
        StBlock: begin
          tile_q <= block_q;
          row_left_q <= row_beats_q;
          state_q <= StTile;
        end
        StTile: begin
          row_q <= tile_q;
          rows_left_q <= n_left_q > 32'(RowsTile) ? (RowsBits + 1)'(RowsTile) :
              n_left_q[RowsBits:0];
          state_q <= StRow;
        end
        StRow: begin
          addr_q <= row_q;
          left_q <= {33'd0, tile_beats};
          row_q <= row_q + {33'd0, row_beats_q, 6'd0};
          rows_left_q <= rows_left_q - 1'b1;
          state_q <= StStream;
        end
        StStream: begin
          if (ar_grant_i) begin
            addr_q <= addr_q + {51'd0, beats, 6'd0};
            left_q <= left_q - {51'd0, beats};
          end
          if (stretch_end) begin
            if (tiled_q && rows_left_q != '0) begin
              state_q <= StRow;
            end else if (tiled_q && row_left_q > 25'(TileBeats)) begin
              row_left_q <= row_left_q - 25'(TileBeats);
              tile_q <= tile_q + (64'(KTile) >> 2);
              state_q <= StTile;
            end else if (tiled_q && n_left_q > 32'(RowsTile)) begin
              n_left_q <= n_left_q - 32'(RowsTile);
              block_q <= block_q + ({33'd0, row_beats_q, 6'd0} << RowsBits);
              state_q <= StBlock;
            end else if (t_left_q > 32'(Cols)) begin
              t_left_q <= t_left_q - 32'(Cols);
              state_q <= StPass;
            end else begin
              state_q <= StIdle;
            end
          end
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reserved_q <= '0;
      flying_q <= '0;
    end else begin
      if (clear_i) reserved_q <= '0;
      else if (ar_grant_i || read_i) begin
        reserved_q <= reserved_q + (ar_grant_i ? CountBits'(beats) : '0) - CountBits'(read_i);
      end
      if (ar_grant_i || r_valid_i) begin
        flying_q <= flying_q + (ar_grant_i ? CountBits'(beats) : '0) - CountBits'(r_valid_i);
      end
    end
  end

  tern_fifo #(
    .Width(512),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .write_i(r_valid_i),
    .data_i (r_data_i),
    .valid_o,
    .data_o,
    .read_i
  );

  assign idle_o = state_q == StIdle && flying_q == '0;

endmodule
