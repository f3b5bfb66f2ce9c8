// SPDX-License-Identifier: Apache-2.0

// GEMM: Y[t][n] = X[t][k] * W[n][k]^T, int8 by ternary, tile by tile. Each tile goes four ways at once
// and comes together in the sequencer; every unit works as far ahead as its buffer lets it.
//
//   tile ─┬─ ring ─► tern_wfetch ──► memory ──► tern_weights ─► tern_unpack ─┐
//         ├─ ring ─► tern_xload ───► memory or host ──► array's X buffer ────┤
//         ├─ ring ─────────────────────────────────────────────► tern_seq ◄──┘
//         └─ ring ─► tern_drain ◄─── tern_results ◄── tern_array ◄───┘
//                        └─────────► memory or host
//
// What runs every cycle while weights stream is on clk_i; the rest is at work now and then, and its
// clock clk_ctl_i may stand still when busy_o was 0 in its last cycle and wake_o is 0.

module tern_gemm #(
  parameter int unsigned ArrayKind = tern_pkg::ArrayPlanes,
  parameter int unsigned Lanes = 256,
  parameter int unsigned Streams = 1,
  parameter int unsigned Cols = 8,
  parameter int unsigned Queues = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic                         clk_i,
  input  logic                         clk_ctl_i,
  input  logic                         rst_ni,

  input  logic                         tile_i,           // from tern_issue
  input  logic                         block_i,
  output logic                         room_o,
  input  logic [$clog2(Queues)+1:0]    slot_i,
  input  logic                         void_i,
  input  logic                         first_i,
  input  logic                         block_end_i,
  input  logic                         job_end_i,
  input  logic                         half_i,
  input  logic                         load_i,
  input  logic                         x_host_i,
  input  logic [63:0]                  x_addr_i,
  input  logic [31:0]                  x_stride_i,
  input  logic [$clog2(KTile):0]       k_i,
  input  logic [$clog2(Cols):0]        cols_i,
  input  logic [$clog2(RowsTile):0]    rows_i,
  input  logic                         add_i,
  input  logic                         b5_i,
  input  logic [63:0]                  w_addr_i,
  input  logic [26:0]                  w_row_beats_i,
  input  logic [$clog2(KTile/256)+1:0] w_tile_beats_i,
  input  logic                         y_host_i,
  input  logic [63:0]                  y_addr_i,
  input  logic [31:0]                  y_stride_i,

  output logic [Streams-1:0]           w_ar_valid_o,     // weights, from device memory
  output logic [Streams*64-1:0]        w_ar_addr_o,
  output logic [Streams*7-1:0]         w_ar_beats_o,
  output logic [Streams*($clog2(Queues)+2)-1:0] w_ar_slot_o,
  input  logic [Streams-1:0]           w_ar_grant_i,
  input  logic [Streams-1:0]           w_valid_i,
  input  logic [Streams*512-1:0]       w_data_i,
  input  logic [Streams*2-1:0]         w_error_i,

  output logic                         x_req_valid_o,    // activations -> reader
  input  logic                         x_req_ready_i,
  output logic                         x_req_host_o,
  output logic [63:0]                  x_req_addr_o,
  output logic [57:0]                  x_req_beats_o,
  output logic [$clog2(Queues)+1:0]    x_req_slot_o,
  input  logic                         x_beat_valid_i,
  input  logic [511:0]                 x_beat_data_i,
  input  logic [1:0]                   x_beat_error_i,

  output logic                         y_req_valid_o,    // sums -> writer
  input  logic                         y_req_ready_i,
  output logic                         y_req_host_o,
  output logic                         y_req_none_o,
  output logic                         y_req_last_o,
  output logic [$clog2(Queues)+1:0]    y_req_slot_o,
  output logic [63:0]                  y_req_addr_o,
  output logic [63:0]                  y_req_bytes_o,
  output logic                         y_valid_o,
  output logic [511:0]                 y_data_o,
  input  logic                         y_read_i,
  input  logic                         y_failed_i,       // the job of y_req_slot_o has failed
  output logic                         y_bad_o,          // parity of its sums

  output logic                         end_valid_o,      // what became of a tile, see tern_seq
  output logic [$clog2(Queues)+1:0]    end_slot_o,
  output logic                         end_first_o,
  output logic [7:0]                   end_status_o,
  output logic [31:0]                  end_cycles_o,
  output logic [31:0]                  end_array_o,
  output logic [31:0]                  end_stall_weights_o,
  output logic [31:0]                  end_stall_activations_o,
  output logic [31:0]                  end_stall_results_o,
  output logic [31:0]                  end_nonzeros_o,
  output logic [31:0]                  end_trits_o,
  output logic [$clog2(Cols):0]        end_cols_o,

  output logic                         idle_o,           // no tile at the array
  output logic                         settling_o,       // but one in it
  output logic                         busy_o,           // clk_ctl_i is needed
  output logic                         wake_o            // now
);

  localparam int unsigned SlotBits = $clog2(Queues) + 2;
  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned TileBits = $clog2(KTile);
  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned BeatBits = $clog2(KTile / 256) + 2;
  localparam int unsigned Depth = 512;   // beats of a stream's FIFO
  localparam int unsigned Tiles = 4;     // of a ring

  logic x_room, seq_room, y_room, xload_busy, drain_busy, seq_idle, take;
  logic seq_room_q, complete_q, used_q, used_half_q;
  logic [Streams-1:0] w_room, wfetch_busy, wfetch_wake;

  // ------------------------------------------------------------------ weights
  logic [Streams-1:0]     beat_valid, beat_read, w_valid, w_read;
  logic [Streams*512-1:0] beat_data;
  logic [Streams*2-1:0]   beat_error;
  logic [Streams-1:0]     beat_flip;
  logic [Streams*256-1:0] w_neg, w_nz;
  logic                   b5;
  logic [6:0]             words_last;
  logic [6:0]             beats_last;

  for (genvar s = 0; s < Streams; s++) begin : gen_stream
    localparam int unsigned Width = SlotBits + 64 + RowBits + 1 + 27 + BeatBits;
    logic                  tile_valid, tile_read;
    logic [Width-1:0]      tile;
    logic [$clog2(Depth):0] taken;

    tern_ring #(
      .Width(Width),
      .Depth(Tiles)
    ) u_ring (
      .clk_write_i(clk_ctl_i),
      .clk_read_i (clk_ctl_i),
      .rst_ni,
      .write_i    (tile_i && !void_i),
      .data_i     ({slot_i, w_addr_i, rows_i, w_row_beats_i, w_tile_beats_i}),
      .room_o     (w_room[s]),
      .valid_o    (tile_valid),
      .data_o     (tile),
      .read_i     (tile_read)
    );

    tern_wfetch #(
      .Streams (Streams),
      .Second  (s == 1),
      .KTile   (KTile),
      .RowsTile(RowsTile),
      .Depth   (Depth)
    ) u_fetch (
      .clk_i           (clk_ctl_i),
      .rst_ni,
      .tile_valid_i    (tile_valid),
      .tile_read_o     (tile_read),
      .tile_addr_i     (tile[BeatBits+27+RowBits+1+:64]),
      .tile_rows_i     (tile[BeatBits+27+:RowBits+1]),
      .tile_row_beats_i(tile[BeatBits+:27]),
      .tile_beats_i    (tile[0+:BeatBits]),
      .ar_valid_o      (w_ar_valid_o[s]),
      .ar_addr_o       (w_ar_addr_o[s*64+:64]),
      .ar_beats_o      (w_ar_beats_o[s*7+:7]),
      .ar_grant_i      (w_ar_grant_i[s]),
      .taken_i         (taken),
      .busy_o          (wfetch_busy[s]),
      .wake_o          (wfetch_wake[s])
    );
    assign w_ar_slot_o[s*SlotBits+:SlotBits] = tile[Width-1-:SlotBits];

    tern_weights #(
      .Depth(Depth)
    ) u_weights (
      .clk_i,
      .rst_ni,
      .r_valid_i(w_valid_i[s]),
      .r_data_i (w_data_i[s*512+:512]),
      .r_error_i(w_error_i[s*2+:2]),
      .valid_o  (beat_valid[s]),
      .data_o   (beat_data[s*512+:512]),
      .error_o  (beat_error[s*2+:2]),
      .flip_o   (beat_flip[s]),
      .read_i   (beat_read[s]),
      .taken_o  (taken)
    );

    tern_unpack u_unpack (
      .clk_i,
      .rst_ni,
      .clear_i     (1'b0),
      .b5_i        (b5),
      .words_last_i(words_last),
      .beats_last_i(beats_last),
      .valid_i     (beat_valid[s]),
      .data_i      (beat_data[s*512+:512]),
      .read_o      (beat_read[s]),
      .valid_o     (w_valid[s]),
      .neg_o       (w_neg[s*256+:256]),
      .nz_o        (w_nz[s*256+:256]),
      .read_i      (w_read[s])
    );
  end

  // ------------------------------------------------------------------ activations
  localparam int unsigned XWidth = SlotBits + 4 + 64 + 32 + TileBits + 1 + ColBits + 1;
  logic              x_tile_valid, x_tile_read, x_void, x_load, x_half, x_host;
  logic [63:0]       x_addr;
  logic [31:0]       x_stride;
  logic [TileBits:0] x_k;
  logic [ColBits:0]  x_cols;
  logic [3:0]        passed;
  logic [15:0]       half_status;
  logic              used, used_half;
  logic              xw_valid, xw_half, xw_last;
  logic [ColBits-1:0] xw_col;
  logic [$clog2(KTile/64)-1:0] xw_chunk;
  logic [511:0]      xw_data;

  tern_ring #(
    .Width(XWidth),
    .Depth(Tiles)
  ) u_x_ring (
    .clk_write_i(clk_ctl_i),
    .clk_read_i (clk_ctl_i),
    .rst_ni,
    .write_i    (tile_i),
    .data_i     ({slot_i, void_i, load_i, half_i, x_host_i, x_addr_i, x_stride_i, k_i, cols_i}),
    .room_o     (x_room),
    .valid_o    (x_tile_valid),
    .data_o     ({x_req_slot_o, x_void, x_load, x_half, x_host, x_addr, x_stride, x_k, x_cols}),
    .read_i     (x_tile_read)
  );

  tern_xload #(
    .Cols (Cols),
    .KTile(KTile)
  ) u_xload (
    .clk_i        (clk_ctl_i),
    .rst_ni,
    .tile_valid_i (x_tile_valid),
    .tile_read_o  (x_tile_read),
    .tile_void_i  (x_void),
    .tile_load_i  (x_load),
    .tile_half_i  (x_half),
    .tile_host_i  (x_host),
    .tile_addr_i  (x_addr),
    .tile_stride_i(x_stride),
    .tile_k_i     (x_k),
    .tile_cols_i  (x_cols),
    .passed_o     (passed),
    .half_status_o(half_status),
    .used_i       (used_q),
    .used_half_i  (used_half_q),
    .req_valid_o  (x_req_valid_o),
    .req_ready_i  (x_req_ready_i),
    .req_addr_o   (x_req_addr_o),
    .req_beats_o  (x_req_beats_o),
    .beat_valid_i (x_beat_valid_i),
    .beat_data_i  (x_beat_data_i),
    .beat_error_i (x_beat_error_i),
    .x_valid_o    (xw_valid),
    .x_half_o     (xw_half),
    .x_col_o      (xw_col),
    .x_chunk_o    (xw_chunk),
    .x_last_o     (xw_last),
    .x_data_o     (xw_data),
    .busy_o       (xload_busy)
  );
  // The tile stays at the ring's end while its activations are loaded.
  assign x_req_host_o = x_host;

  // ------------------------------------------------------------------ sequence
  localparam int unsigned SeqWidth = SlotBits + 6 + TileBits + 1 + ColBits + 1 + RowBits + 1 +
      BeatBits;
  logic                 s_valid, s_read, s_void, s_first, s_block_end, s_half, s_add, s_b5;
  logic [SlotBits-1:0]  s_slot;
  logic [TileBits:0]    s_k;
  logic [ColBits:0]     s_cols;
  logic [RowBits:0]     s_rows;
  logic [BeatBits-1:0]  s_beats;

  tern_ring #(
    .Width(SeqWidth),
    .Depth(2 * Tiles),
    .Spare(1)
  ) u_seq_ring (
    .clk_write_i(clk_ctl_i),
    .clk_read_i (clk_i),
    .rst_ni,
    .write_i    (tile_i),
    .data_i     ({slot_i, void_i, first_i, block_end_i, half_i, add_i, b5_i, k_i, cols_i, rows_i,
                  w_tile_beats_i}),
    .room_o     (seq_room),
    .valid_o    (s_valid),
    .data_o     ({s_slot, s_void, s_first, s_block_end, s_half, s_add, s_b5, s_k, s_cols, s_rows,
                  s_beats}),
    .read_i     (s_read)
  );

  // {tile_end, block_end, void, second, add, bank, row}
  localparam int unsigned TagBits = 6 + RowBits;
  logic [TagBits-1:0]           tag, row_tag;
  logic [Streams*Lanes-1:0]     neg, nz;
  logic                         half, check, first, last, row_valid, row_bad, freed, freed_bank;
  logic                         results_bad;
  logic [$clog2(KTile/Lanes)-1:0] word;
  logic [Cols-1:0]              on, row_on;
  logic [Streams*Cols*32-1:0]   row_acc;

  tern_seq #(
    .Lanes   (Lanes),
    .Streams (Streams),
    .Cols    (Cols),
    .Queues  (Queues),
    .KTile   (KTile),
    .RowsTile(RowsTile)
  ) u_seq (
    .clk_i,
    .rst_ni,
    .tile_valid_i    (s_valid),
    .tile_read_o     (s_read),
    .tile_slot_i     (s_slot),
    .tile_void_i     (s_void),
    .tile_first_i    (s_first),
    .tile_block_end_i(s_block_end),
    .tile_half_i     (s_half),
    .tile_k_i        (s_k),
    .tile_cols_i     (s_cols),
    .tile_rows_i     (s_rows),
    .tile_add_i      (s_add),
    .tile_b5_i       (s_b5),
    .tile_beats_i    (s_beats),
    .passed_i        (passed),
    .half_status_i   (half_status),
    .b5_o            (b5),
    .words_last_o    (words_last),
    .beats_last_o    (beats_last),
    .w_valid_i       (w_valid),
    .w_neg_i         (w_neg),
    .w_nz_i          (w_nz),
    .w_read_o        (w_read),
    .w_pop_i         (beat_read),
    .w_error_i       (beat_error),
    .w_flip_i        (beat_flip),
    .take_o          (take),
    .neg_o           (neg),
    .nz_o            (nz),
    .half_o          (half),
    .word_o          (word),
    .on_o            (on),
    .check_o         (check),
    .first_o         (first),
    .last_o          (last),
    .tag_tile_end_o  (tag[RowBits+5]),
    .tag_block_end_o (tag[RowBits+4]),
    .tag_void_o      (tag[RowBits+3]),
    .tag_second_o    (tag[RowBits+2]),
    .tag_add_o       (tag[RowBits+1]),
    .tag_bank_o      (tag[RowBits]),
    .tag_row_o       (tag[RowBits-1:0]),
    .row_valid_i     (row_valid),
    .row_tile_end_i  (row_tag[RowBits+5]),
    .row_void_i      (row_tag[RowBits+3]),
    .row_bad_i       (row_bad || results_bad),
    .freed_i         (freed),
    .freed_bank_i    (freed_bank),
    .used_o          (used),
    .used_half_o     (used_half),
    .end_valid_o,
    .end_slot_o,
    .end_first_o,
    .end_status_o,
    .end_cycles_o,
    .end_array_o,
    .end_stall_weights_o,
    .end_stall_activations_o,
    .end_stall_results_o,
    .end_nonzeros_o,
    .end_trits_o,
    .end_cols_o,
    .idle_o          (seq_idle),
    .settling_o
  );

  // ------------------------------------------------------------------ array and results
  tern_array_any #(
    .ArrayKind(ArrayKind),
    .Lanes    (Lanes),
    .Streams  (Streams),
    .Cols     (Cols),
    .KTile    (KTile),
    .TagBits  (TagBits)
  ) u_array (
    .clk_i,
    .clk_ctl_i,
    .rst_ni,
    .x_valid_i  (xw_valid),
    .x_half_i   (xw_half),
    .x_col_i    (xw_col),
    .x_chunk_i  (xw_chunk),
    .x_last_i   (xw_last),
    .x_data_i   (xw_data),
    .valid_i    (take),
    .neg_i      (neg),
    .nz_i       (nz),
    .half_i     (half),
    .word_i     (word),
    .on_i       (on),
    .check_i    (check),
    .first_i    (first),
    .last_i     (last),
    .tag_i      (tag),
    .row_valid_o(row_valid),
    .row_on_o   (row_on),
    .row_acc_o  (row_acc),
    .row_bad_o  (row_bad),
    .row_tag_o  (row_tag)
  );

  logic [Streams-1:0] row_stream;
  assign row_stream[0] = 1'b1;
  if (Streams == 2) begin : gen_second
    assign row_stream[1] = row_tag[RowBits+2];
  end

  logic               read_stream, read_bank;
  logic [ColBits-1:0] read_col;
  logic [RowBits-5:0] read_word;
  logic [15:0]        read_bad;

  tern_results #(
    .Streams (Streams),
    .Cols    (Cols),
    .RowsTile(RowsTile)
  ) u_results (
    .clk_i,
    .write_i      (row_valid && !row_tag[RowBits+3]),
    .on_i         (row_on),
    .stream_i     (row_stream),
    .add_i        (row_tag[RowBits+1]),
    .bank_i       (row_tag[RowBits]),
    .row_i        (row_tag[RowBits-1:0]),
    .acc_i        (row_acc),
    .bad_o        (results_bad),
    .read_i       (y_valid_o),
    .read_stream_i(read_stream),
    .read_col_i   (read_col),
    .read_bank_i  (read_bank),
    .read_word_i  (read_word),
    .read_data_o  (y_data_o),
    .read_bad_o   (read_bad)
  );

  localparam int unsigned YWidth = SlotBits + 3 + 64 + 32 + RowBits + 1 + ColBits + 1;
  logic                b_valid, b_read, b_void, b_end, b_host;
  logic [SlotBits-1:0] b_slot;
  logic [63:0]         b_addr;
  logic [31:0]         b_stride;
  logic [RowBits:0]    b_rows;
  logic [ColBits:0]    b_cols;

  tern_ring #(
    .Width(YWidth),
    .Depth(Tiles)
  ) u_y_ring (
    .clk_write_i(clk_ctl_i),
    .clk_read_i (clk_ctl_i),
    .rst_ni,
    .write_i    (block_i),
    .data_i     ({slot_i, void_i, job_end_i, y_host_i, y_addr_i, y_stride_i, rows_i, cols_i}),
    .room_o     (y_room),
    .valid_o    (b_valid),
    .data_o     ({b_slot, b_void, b_end, b_host, b_addr, b_stride, b_rows, b_cols}),
    .read_i     (b_read)
  );

  tern_drain #(
    .Streams (Streams),
    .Cols    (Cols),
    .Queues  (Queues),
    .RowsTile(RowsTile)
  ) u_drain (
    .clk_i         (clk_ctl_i),
    .rst_ni,
    .complete_i    (complete_q),
    .block_valid_i (b_valid),
    .block_read_o  (b_read),
    .block_slot_i  (b_slot),
    .block_void_i  (b_void),
    .block_failed_i(y_failed_i),
    .block_end_i   (b_end),
    .block_host_i  (b_host),
    .block_addr_i  (b_addr),
    .block_stride_i(b_stride),
    .block_rows_i  (b_rows),
    .block_cols_i  (b_cols),
    .freed_o       (freed),
    .freed_bank_o  (freed_bank),
    .read_stream_o (read_stream),
    .read_col_o    (read_col),
    .read_bank_o   (read_bank),
    .read_word_o   (read_word),
    .read_bad_i    (read_bad),
    .req_valid_o   (y_req_valid_o),
    .req_ready_i   (y_req_ready_i),
    .req_host_o    (y_req_host_o),
    .req_none_o    (y_req_none_o),
    .req_last_o    (y_req_last_o),
    .req_slot_o    (y_req_slot_o),
    .req_addr_o    (y_req_addr_o),
    .req_bytes_o   (y_req_bytes_o),
    .data_valid_o  (y_valid_o),
    .data_read_i   (y_read_i),
    .bad_o         (y_bad_o),
    .busy_o        (drain_busy)
  );

  // What the streaming side says is sampled by the control side's clock. The ring's spare place
  // makes up for the cycle.
  always_ff @(posedge clk_ctl_i or negedge rst_ni) begin
    if (!rst_ni) begin
      seq_room_q <= 1'b1;
      complete_q <= 1'b0;
      used_q <= 1'b0;
      used_half_q <= 1'b0;
    end else begin
      seq_room_q <= seq_room;
      complete_q <= row_valid && row_tag[RowBits+4];
      used_q <= used;
      used_half_q <= used_half;
    end
  end

  assign room_o = x_room && seq_room_q && y_room && w_room == '1;
  assign idle_o = seq_idle;
  assign busy_o = xload_busy || drain_busy || wfetch_busy != '0 || complete_q || used_q;
  // What the streaming side tells the other must find it awake.
  assign wake_o = wfetch_wake != '0 || s_read || used || (row_valid && row_tag[RowBits+5]);

endmodule
