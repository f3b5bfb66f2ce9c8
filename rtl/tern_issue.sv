// SPDX-License-Identifier: Apache-2.0

// Cuts jobs into tiles and deals them out, a block of each queue in turn.
//
// A GEMM's tile is up to RowsTile rows, one K tile and up to COLS tokens; its four parts go to the
// units that work on it: activations, weights, sequence and results. A COPY's or FILL's tile is a
// chunk. Where a job stands between two of its tiles is kept a queue, so any queue's block may be next.
//
//   for t0 in 0, COLS, … T             a pass: W is read once
//     for n0 in 0, RowsTile, … N       a block: fills one result bank
//       for k0 in 0, K tile, … K       a tile
//
// Before its first tile a job waits until no earlier one of its queue still writes what it reads.

module tern_issue #(
  parameter int unsigned Cols = 8,
  parameter int unsigned Queues = 8,
  parameter int unsigned KTile = 16384,
  parameter int unsigned RowsTile = 64
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic [Queues-1:0]             next_valid_i,
  input  logic [Queues*2-1:0]           next_kind_i,
  input  logic [Queues-1:0]             next_cancel_i,
  input  logic [Queues-1:0]             quiet_i,
  output logic [$clog2(Queues)-1:0]     queue_o,
  input  logic [$clog2(Queues)+1:0]     slot_i,
  input  logic [511:0]                  job_i,
  input  logic [26:0]                   row_beats_i,
  input  logic [63:0]                   src_end_i,
  input  logic [63:0]                   w_end_i,
  output logic                          advance_o,
  output logic                          done_o,
  output logic [1:0]                    earlier_o,
  input  logic                          earlier_valid_i,
  input  logic                          earlier_host_i,
  input  logic [63:0]                   earlier_dst_i,
  input  logic [63:0]                   earlier_dst_end_i,
  input  logic                          any_done_i,       // an answer that a hazard may wait for

  output logic [$clog2(Queues)+1:0]     slot_o,           // of the tile, for all four parts
  input  logic                          room_i,           // all four have room
  output logic                          tile_o,           // activations, weights, sequence
  output logic                          block_o,          // results: with the block's last tile
  output logic                          void_o,           // the job has failed: the tile only ends it
  output logic                          first_o,          // tile of the job
  output logic                          block_end_o,
  output logic                          job_end_o,
  output logic                          half_o,           // of the activations' buffer
  output logic                          load_o,           // they must be loaded
  output logic                          x_host_o,
  output logic [63:0]                   x_addr_o,
  output logic [31:0]                   x_stride_o,
  output logic [$clog2(KTile):0]        k_o,
  output logic [$clog2(Cols):0]         cols_o,
  output logic [$clog2(RowsTile):0]     rows_o,
  output logic                          add_o,            // to the sums of the tiles before
  output logic                          b5_o,
  output logic [63:0]                   w_addr_o,
  output logic [26:0]                   w_row_beats_o,    // from one row to the next
  output logic [$clog2(KTile/256)+1:0]  w_tile_beats_o,   // of a row
  output logic                          y_host_o,
  output logic [63:0]                   y_addr_o,
  output logic [31:0]                   y_stride_o,

  input  logic                          copy_ready_i,
  output logic                          copy_o,           // a chunk
  output logic                          copy_fill_o,
  output logic                          copy_src_host_o,
  output logic                          copy_dst_host_o,
  output logic [63:0]                   copy_src_o,
  output logic [63:0]                   copy_dst_o,
  output logic [63:0]                   copy_bytes_o,
  output logic [31:0]                   copy_pattern_o,
  output logic                          copy_last_o,      // of the job
  output logic                          copy_void_o,      // nothing to do but to end it

  output logic                          busy_o            // something can be issued
);

  localparam int unsigned QueueBits = $clog2(Queues);
  localparam int unsigned SlotBits = QueueBits + 2;
  localparam int unsigned ColBits = $clog2(Cols);
  localparam int unsigned TileBits = $clog2(KTile);
  localparam int unsigned RowBits = $clog2(RowsTile);
  localparam int unsigned BeatBits = $clog2(KTile / 256) + 2;
  // A K tile of B5 is whole beats of 320 and whole groups of 256 trits.
  localparam int unsigned KTileB5 = KTile / 1280 * 1280;
  localparam logic [63:0] ChunkBytes = 64'd262144;

  typedef enum logic [2:0] {StPick, StRead, StHazard, StTile, StPush} state_e;

  state_e               state_q;
  logic [QueueBits-1:0] queue_q;

  // ------------------------------------------------------------------ the job
  logic        is_gemm, is_copy, is_fill, b5, src_host, dst_host;
  logic [63:0] src, dst, weights, length;
  logic [31:0] n, k, t, src_stride, dst_stride;
  assign is_gemm = job_i[tern_abi_pkg::CommandOpcodeLsb+:8] == tern_abi_pkg::OpGemm;
  assign is_fill = job_i[tern_abi_pkg::CommandOpcodeLsb+:8] == tern_abi_pkg::OpFill;
  assign b5 = job_i[tern_abi_pkg::CommandPackingLsb+:8] == tern_abi_pkg::PackingB5;
  assign src_host = job_i[tern_abi_pkg::CommandSrcSpaceLsb+:8] == tern_abi_pkg::SpaceHost;
  assign dst_host = job_i[tern_abi_pkg::CommandDstSpaceLsb+:8] == tern_abi_pkg::SpaceHost;
  assign src = job_i[tern_abi_pkg::CommandSrcLsb+:64];
  assign dst = job_i[tern_abi_pkg::CommandDstLsb+:64];
  assign weights = job_i[tern_abi_pkg::CommandWeightsLsb+:64];
  assign length = job_i[tern_abi_pkg::CommandLengthLsb+:64];
  assign n = job_i[tern_abi_pkg::CommandNLsb+:32];
  assign k = job_i[tern_abi_pkg::CommandKLsb+:32];
  assign t = job_i[tern_abi_pkg::CommandTLsb+:32];
  assign src_stride = job_i[tern_abi_pkg::CommandSrcStrideLsb+:32];
  assign dst_stride = job_i[tern_abi_pkg::CommandDstStrideLsb+:32];

  // ------------------------------------------------------------------ where the queues' jobs stand
  // GEMM: x_tile, y_block, w_tile are the next tile's, x_pass and y_pass its pass's, w_block its
  // block's. COPY: x_tile and y_block are the next chunk's, w_block counts the bytes left.
  logic [Queues-1:0] begun_q, blocked_q, copying_q;
  logic              open_q;           // a block of queue_q has tiles to come
  logic [63:0] x_pass_ram[Queues];
  logic [63:0] x_tile_ram[Queues];
  logic [63:0] y_pass_ram[Queues];
  logic [63:0] y_block_ram[Queues];
  logic [63:0] w_block_ram[Queues];
  logic [63:0] w_tile_ram[Queues];
  logic [31:0] t_left_ram[Queues];
  logic [31:0] n_left_ram[Queues];
  logic [31:0] k_left_ram[Queues];
  logic [26:0] beats_left_ram[Queues];
  logic [1:0]  flags_ram[Queues];      // {add, x_new}

  logic [63:0] x_pass_q, x_tile_q, y_pass_q, y_block_q, w_block_q, w_tile_q;
  logic [31:0] t_left_q, n_left_q, k_left_q;
  logic [26:0] beats_left_q;
  logic        add_q, x_new_q, void_q, first_q, gemm_q;

  // ------------------------------------------------------------------ who is next
  logic [Queues-1:0]    can;
  logic                 pick_valid;
  logic [QueueBits-1:0] pick;
  for (genvar q = 0; q < Queues; q++) begin : gen_can
    logic [1:0] kind;
    assign kind = next_kind_i[q*2+:2];
    always_comb begin
      can[q] = 1'b0;
      // A block's sums stay in one bank, so its tiles stay together.
      if (next_valid_i[q] && !blocked_q[q] && !(open_q && queue_q != QueueBits'(q))) begin
        if (begun_q[q]) begin
          can[q] = kind == tern_pkg::KindGemm ? room_i : copy_ready_i;
        end else if (next_cancel_i[q]) begin
          can[q] = 1'b1;
        end else begin
          unique case (kind)
            tern_pkg::KindInstant: can[q] = 1'b1;
            tern_pkg::KindBarrier: can[q] = quiet_i[q];
            tern_pkg::KindGemm: can[q] = room_i && !(copying_q[q] && !quiet_i[q]);
            default: can[q] = copy_ready_i && quiet_i[q];
          endcase
        end
      end
    end
  end

  tern_rr_arb #(
    .Requests(Queues)
  ) u_arb (
    .request_i(can),
    .last_i   (queue_q),
    .valid_o  (pick_valid),
    .index_o  (pick)
  );

  // ------------------------------------------------------------------ hazards
  logic [1:0]  earlier_q;
  logic        hazard;
  assign hazard = earlier_valid_i &&
      ((earlier_host_i == src_host && earlier_dst_i < src_end_i && src < earlier_dst_end_i) ||
       (!earlier_host_i && earlier_dst_i < w_end_i && weights < earlier_dst_end_i));
  assign earlier_o = earlier_q;

  // ------------------------------------------------------------------ the tile
  logic [TileBits:0]   k_tile, k_now;
  logic [BeatBits-1:0] tile_beats, beats_now;
  logic                last_k, last_n, last_t, tiled;
  assign k_tile = b5 ? (TileBits + 1)'(KTileB5) : (TileBits + 1)'(KTile);
  assign tile_beats = b5 ? BeatBits'(KTileB5 / 320) : BeatBits'(KTile / 256);
  assign last_k = k_left_q <= 32'(k_tile);
  assign last_n = n_left_q <= 32'(RowsTile);
  assign last_t = t_left_q <= 32'(Cols);
  assign tiled = k > 32'(k_tile);
  assign k_now = last_k ? k_left_q[TileBits:0] : k_tile;
  assign beats_now = last_k ? beats_left_q[BeatBits-1:0] : tile_beats;

  // The halves of the activations' buffer: whose they hold, and which was dealt out last.
  logic [1:0]          held_q;
  logic [SlotBits-1:0] held0_q, held1_q;
  logic                half_q, load_q, hit0, hit1;
  assign hit0 = held_q[0] && held0_q == slot_i;
  assign hit1 = held_q[1] && held1_q == slot_i;

  // The state after this tile.
  logic [63:0] x_pass_d, x_tile_d, y_pass_d, y_block_d, w_block_d, w_tile_d;
  logic [31:0] t_left_d, n_left_d, k_left_d;
  logic [26:0] beats_left_d;
  logic        add_d, x_new_d;
  always_comb begin
    x_pass_d = x_pass_q;
    x_tile_d = x_tile_q;
    y_pass_d = y_pass_q;
    y_block_d = y_block_q;
    w_block_d = w_block_q;
    w_tile_d = w_tile_q;
    t_left_d = t_left_q;
    n_left_d = n_left_q;
    k_left_d = k_left_q;
    beats_left_d = beats_left_q;
    add_d = add_q;
    x_new_d = 1'b0;
    if (state_q == StPush) begin
      if (!gemm_q) begin
        x_tile_d = x_tile_q + ChunkBytes;
        y_block_d = y_block_q + ChunkBytes;
        w_block_d = w_block_q - ChunkBytes;
      end else if (!last_k) begin
        k_left_d = k_left_q - 32'(k_tile);
        beats_left_d = beats_left_q - 27'(tile_beats);
        x_tile_d = x_tile_q + 64'(k_tile);
        w_tile_d = w_tile_q + {{(58 - BeatBits) {1'b0}}, tile_beats, 6'd0};
        add_d = 1'b1;
        x_new_d = 1'b1;
      end else begin
        k_left_d = k;
        beats_left_d = row_beats_i;
        x_tile_d = x_pass_q;
        add_d = 1'b0;
        x_new_d = tiled;
        if (!last_n) begin
          n_left_d = n_left_q - 32'(RowsTile);
          y_block_d = y_block_q + (64'(RowsTile) << 2);
          w_block_d = w_block_q + ({31'd0, row_beats_i, 6'd0} << RowBits);
        end else begin
          n_left_d = n;
          t_left_d = t_left_q - 32'(Cols);
          x_pass_d = x_pass_q + ({32'd0, src_stride} << ColBits);
          y_pass_d = y_pass_q + ({32'd0, dst_stride} << ColBits);
          x_tile_d = x_pass_d;
          y_block_d = y_pass_d;
          w_block_d = weights;
          x_new_d = 1'b1;
        end
        w_tile_d = w_block_d;
      end
    end
  end

  // ------------------------------------------------------------------ control
  logic push, push_tile, push_copy, job_end, instant;
  assign push = state_q == StPush;
  assign push_tile = push && gemm_q;
  assign push_copy = push && !gemm_q;
  assign job_end = void_q || (gemm_q ? last_k && last_n && last_t : w_block_q <= ChunkBytes);
  // Nothing was begun, and nothing will be.
  assign instant = state_q == StRead && !begun_q[queue_q] &&
      (next_cancel_i[queue_q] || !(is_gemm || is_copy || is_fill));
  assign is_copy = job_i[tern_abi_pkg::CommandOpcodeLsb+:8] == tern_abi_pkg::OpCopy;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StPick;
      queue_q <= '0;
      begun_q <= '0;
      blocked_q <= '0;
      copying_q <= '0;
      earlier_q <= '0;
      held_q <= '0;
      half_q <= 1'b0;
      open_q <= 1'b0;
    end else begin
      if (any_done_i) blocked_q <= '0;
      unique case (state_q)
        StPick: begin
          earlier_q <= 2'd1;
          if (pick_valid) begin
            queue_q <= pick;
            state_q <= StRead;
          end
        end
        StRead: begin
          if (instant) state_q <= StPick;
          else if (begun_q[queue_q] || !is_gemm) state_q <= StTile;
          else state_q <= StHazard;
        end
        StHazard: begin
          earlier_q <= earlier_q + 2'd1;
          if (hazard) begin
            // A done in this cycle might be the one that it waits for.
            blocked_q[queue_q] <= !any_done_i;
            state_q <= StPick;
          end else if (earlier_q == 2'd3) begin
            state_q <= StTile;
          end
        end
        StTile: begin
          if (gemm_q && !void_q) begin
            // A new pass or K tile replaces what the job has. The half that was not dealt out last
            // is free first.
            if (x_new_q || !(hit0 || hit1)) begin
              held_q[0] <= half_q || (held_q[0] && !hit0);
              held_q[1] <= !half_q || (held_q[1] && !hit1);
              half_q <= !half_q;
            end else begin
              half_q <= hit1;
            end
          end
          state_q <= StPush;
        end
        StPush: begin
          open_q <= gemm_q && !block_end_o;
          begun_q[queue_q] <= !job_end;
          copying_q[queue_q] <= !gemm_q;
          state_q <= StPick;
        end
        default: state_q <= StPick;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StRead) begin
      gemm_q <= is_gemm;
      void_q <= next_cancel_i[queue_q];
      first_q <= !begun_q[queue_q];
      if (begun_q[queue_q]) begin
        x_pass_q <= x_pass_ram[queue_q];
        x_tile_q <= x_tile_ram[queue_q];
        y_pass_q <= y_pass_ram[queue_q];
        y_block_q <= y_block_ram[queue_q];
        w_block_q <= w_block_ram[queue_q];
        w_tile_q <= w_tile_ram[queue_q];
        t_left_q <= t_left_ram[queue_q];
        n_left_q <= n_left_ram[queue_q];
        k_left_q <= k_left_ram[queue_q];
        beats_left_q <= beats_left_ram[queue_q];
        {add_q, x_new_q} <= flags_ram[queue_q];
      end else begin
        x_pass_q <= src;
        x_tile_q <= src;
        y_pass_q <= dst;
        y_block_q <= dst;
        w_block_q <= is_gemm ? weights : length;
        w_tile_q <= weights;
        t_left_q <= t;
        n_left_q <= n;
        k_left_q <= k;
        beats_left_q <= row_beats_i;
        add_q <= 1'b0;
        x_new_q <= 1'b1;
      end
    end
    if (state_q == StTile) begin
      load_q <= x_new_q || !(hit0 || hit1);
      if (gemm_q && !void_q && (x_new_q || !(hit0 || hit1))) begin
        if (half_q) held0_q <= slot_i;
        else held1_q <= slot_i;
      end
    end
    if (push) begin
      x_pass_ram[queue_q] <= x_pass_d;
      x_tile_ram[queue_q] <= x_tile_d;
      y_pass_ram[queue_q] <= y_pass_d;
      y_block_ram[queue_q] <= y_block_d;
      w_block_ram[queue_q] <= w_block_d;
      w_tile_ram[queue_q] <= w_tile_d;
      t_left_ram[queue_q] <= t_left_d;
      n_left_ram[queue_q] <= n_left_d;
      k_left_ram[queue_q] <= k_left_d;
      beats_left_ram[queue_q] <= beats_left_d;
      flags_ram[queue_q] <= {add_d, x_new_d};
    end
  end

  assign queue_o = queue_q;
  assign advance_o = instant || (push && job_end);
  assign done_o = instant;

  assign slot_o = slot_i;
  assign tile_o = push_tile;
  assign block_o = push_tile && block_end_o;
  assign void_o = void_q;
  assign first_o = first_q;
  assign block_end_o = last_k || void_q;
  assign job_end_o = job_end;
  assign half_o = half_q;
  assign load_o = load_q && !void_q;
  assign x_host_o = src_host;
  assign x_addr_o = x_tile_q;
  assign x_stride_o = src_stride;
  assign k_o = k_now;
  assign cols_o = last_t ? t_left_q[ColBits:0] : (ColBits + 1)'(Cols);
  assign rows_o = last_n ? n_left_q[RowBits:0] : (RowBits + 1)'(RowsTile);
  assign add_o = add_q;
  assign b5_o = b5;
  assign w_addr_o = w_tile_q;
  assign w_row_beats_o = row_beats_i;
  assign w_tile_beats_o = beats_now;
  assign y_host_o = dst_host;
  assign y_addr_o = y_block_q;
  assign y_stride_o = dst_stride;

  assign copy_o = push_copy;
  assign copy_fill_o = is_fill;
  assign copy_src_host_o = src_host;
  assign copy_dst_host_o = dst_host;
  assign copy_src_o = x_tile_q;
  assign copy_dst_o = y_block_q;
  assign copy_bytes_o = job_end ? w_block_q : ChunkBytes;
  assign copy_pattern_o = job_i[tern_abi_pkg::CommandPatternLsb+:32];
  assign copy_last_o = job_end;
  assign copy_void_o = void_q;

  assign busy_o = state_q != StPick || pick_valid;

endmodule
