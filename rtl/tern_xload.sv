// SPDX-License-Identifier: Apache-2.0

// Loads activations into the halves of the array's buffer, tile after tile and ahead of the array.
// A tile whose activations are there already only passes. passed_o counts the tiles that may begin.

module tern_xload #(
  parameter int unsigned Cols = 8,
  parameter int unsigned KTile = 16384
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,

  input  logic                         tile_valid_i,
  output logic                         tile_read_o,
  input  logic                         tile_void_i,
  input  logic                         tile_load_i,
  input  logic                         tile_half_i,
  input  logic                         tile_host_i,
  input  logic [63:0]                  tile_addr_i,    // of the first token's K tile
  input  logic [31:0]                  tile_stride_i,  // to the next token's
  input  logic [$clog2(KTile):0]       tile_k_i,
  input  logic [$clog2(Cols):0]        tile_cols_i,
  output logic [3:0]                   passed_o,
  output logic [15:0]                  half_status_o,  // of half h in bits 8 h + 7 .. 8 h
  input  logic                         used_i,         // the array is through with a tile
  input  logic                         used_half_i,

  output logic                         req_valid_o,    // -> reader
  input  logic                         req_ready_i,
  output logic [63:0]                  req_addr_o,
  output logic [57:0]                  req_beats_o,
  input  logic                         beat_valid_i,
  input  logic [511:0]                 beat_data_i,
  input  logic [1:0]                   beat_error_i,

  output logic                         x_valid_o,      // -> array
  output logic                         x_half_o,
  output logic [$clog2(Cols)-1:0]      x_col_o,
  output logic [$clog2(KTile/64)-1:0]  x_chunk_o,
  output logic                         x_last_o,
  output logic [511:0]                 x_data_o,

  output logic                         busy_o          // at work; not while it waits for used_i
);

  localparam int unsigned BeatsBits = $clog2(KTile / 64) + 1;
  localparam int unsigned ColBits = $clog2(Cols);

  typedef enum logic [1:0] {StIdle, StLoad, StSettle, StPass} state_e;

  state_e               state_q;
  logic                 asking_q, host_q, half_q;
  logic [63:0]          addr_q;
  logic [31:0]          stride_q;
  logic [ColBits:0]     ask_left_q;
  logic [ColBits-1:0]   col_q, last_col_q;
  logic [BeatsBits-1:0] beats_q, beat_q;
  logic [5:0]           tail_q;
  logic [3:0]           passed_q;
  logic [7:0]           status0_q, status1_q;
  logic [3:0]           uses0_q, uses1_q;     // tiles passed and not yet through
  logic                 free, start, pass, column_end;

  assign free = tile_half_i ? uses1_q == '0 : uses0_q == '0;
  assign start = state_q == StIdle && tile_valid_i && tile_load_i && free;
  assign pass = (state_q == StIdle && tile_valid_i && !tile_load_i) || state_q == StPass;
  assign column_end = beat_q == beats_q - 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      asking_q <= 1'b0;
      host_q <= 1'b0;
      half_q <= 1'b0;
      addr_q <= '0;
      stride_q <= '0;
      ask_left_q <= '0;
      col_q <= '0;
      last_col_q <= '0;
      beats_q <= '0;
      beat_q <= '0;
      tail_q <= '0;
      passed_q <= '0;
      status0_q <= tern_abi_pkg::StatusOk;
      status1_q <= tern_abi_pkg::StatusOk;
      uses0_q <= '0;
      uses1_q <= '0;
    end else begin
      if (pass) passed_q <= passed_q + 4'd1;
      uses0_q <= uses0_q + 4'(pass && !tile_void_i && !tile_half_i) - 4'(used_i && !used_half_i);
      uses1_q <= uses1_q + 4'(pass && !tile_void_i && tile_half_i) - 4'(used_i && used_half_i);
      unique case (state_q)
        StIdle: begin
          if (start) begin
            asking_q <= 1'b1;
            host_q <= tile_host_i;
            half_q <= tile_half_i;
            addr_q <= tile_addr_i;
            stride_q <= tile_stride_i;
            ask_left_q <= tile_cols_i;
            col_q <= '0;
            last_col_q <= ColBits'(tile_cols_i - 1'b1);
            beats_q <= BeatsBits'((tile_k_i + ($clog2(KTile) + 1)'(63)) >> 6);
            beat_q <= '0;
            tail_q <= tile_k_i[5:0];
            if (tile_half_i) status1_q <= tern_abi_pkg::StatusOk;
            else status0_q <= tern_abi_pkg::StatusOk;
            state_q <= StLoad;
          end
        end
        StLoad: begin
          if (asking_q && req_ready_i) begin
            addr_q <= addr_q + {32'd0, stride_q};
            ask_left_q <= ask_left_q - 1'b1;
            asking_q <= ask_left_q != (ColBits + 1)'(1);
          end
          if (beat_valid_i) begin
            beat_q <= column_end ? '0 : beat_q + 1'b1;
            if (column_end) begin
              col_q <= col_q + 1'b1;
              if (col_q == last_col_q) state_q <= StSettle;
            end
            if (beat_error_i != tern_pkg::Good) begin
              if (half_q) status1_q <= tern_pkg::status_of(beat_error_i, host_q);
              else status0_q <= tern_pkg::status_of(beat_error_i, host_q);
            end
          end
        end
        // The array writes the last word.
        StSettle: state_q <= StPass;
        StPass: state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  // Activations past K become 0, so that the padding of weights could hold anything.
  always_comb begin
    x_data_o = beat_data_i;
    if (column_end && tail_q != '0) begin
      for (int unsigned i = 0; i < 64; i++) begin
        if (6'(i) >= tail_q) x_data_o[i*8+:8] = '0;
      end
    end
  end

  assign tile_read_o = pass;
  assign passed_o = passed_q;
  assign half_status_o = {status1_q, status0_q};
  assign req_valid_o = asking_q;
  assign req_addr_o = addr_q;
  assign req_beats_o = 58'(beats_q);
  assign x_valid_o = state_q == StLoad && beat_valid_i;
  assign x_half_o = half_q;
  assign x_col_o = col_q;
  assign x_chunk_o = beat_q[$clog2(KTile/64)-1:0];
  assign x_last_o = column_end;
  assign busy_o = (state_q != StIdle && state_q != StLoad) || start || pass || asking_q || beat_valid_i;

endmodule
