// SPDX-License-Identifier: Apache-2.0

// Facts that the units of the device share and that software never sees.

package tern_pkg;

  // AXI ids: a response finds its unit by them.
  localparam logic [3:0] IdFetch = 4'd0;       // commands, host link
  localparam logic [3:0] IdData = 4'd1;        // activations; every write of data
  localparam logic [3:0] IdWeights = 4'd2;     // weights, device memory
  localparam logic [3:0] IdCompletion = 4'd3;  // completions, host link
  localparam logic [3:0] IdCopy = 4'd4;        // reads of COPY

  localparam logic [2:0] BeatSize = 3'd6;   // 64 bytes
  localparam logic [1:0] BurstIncr = 2'b01;
  localparam logic [1:0] RespOkay = 2'b00;

  localparam int unsigned BurstBeats = 64;  // 4 KiB, the most that AXI lets a burst span

  // What can be wrong with data that arrives.
  localparam logic [1:0] Good = 2'd0;
  localparam logic [1:0] Refused = 2'd1;   // the memory answered with an error
  localparam logic [1:0] Overdue = 2'd2;   // it did not answer: the watchdog did
  localparam logic [1:0] Flipped = 2'd3;   // parity

  // Commands of a queue that are inside at once: one runs, one waits for its last answers, one is
  // decoded, one is being completed.
  localparam int unsigned SlotsAQueue = 4;

  // What a command wants.
  localparam logic [1:0] KindInstant = 2'd0;  // nothing: NOP, or refused
  localparam logic [1:0] KindGemm = 2'd1;
  localparam logic [1:0] KindCopy = 2'd2;     // COPY, FILL
  localparam logic [1:0] KindBarrier = 2'd3;

  // Arrays to choose from: docs/bring-your-own-array.md.
  localparam int unsigned ArrayPlanes = 0;  // popcounts of bit planes
  localparam int unsigned ArrayTree = 1;    // a case a lane and a tree of adders

  // What happens to a queue.
  localparam logic [1:0] FetchBegins = 2'd0;
  localparam logic [1:0] FetchGood = 2'd1;  // the command is here: the head moves on
  localparam logic [1:0] FetchBad = 2'd2;
  localparam logic [1:0] CplTakes = 2'd0;   // a completion takes its slot: the tail moves on
  localparam logic [1:0] CplGood = 2'd1;    // ... and is written, or there was none to write
  localparam logic [1:0] CplBad = 2'd2;

`ifdef YOSYS
  function automatic logic [8:0] popcount256(logic [255:0] bits);
    popcount256 = 9'($countones(bits));
  endfunction
`endif

  // Beats of the next burst: all that is left, but not past the end of the 4 KiB page.
  function automatic logic [6:0] burst_beats(logic [5:0] beat_in_page, logic [57:0] left);
    logic [6:0] room;
    room = 7'd64 - {1'b0, beat_in_page};
    burst_beats = (left < {51'd0, room}) ? left[6:0] : room;
  endfunction

  // What a watchdog says of an answer.
  function automatic logic [1:0] error_of(logic bad, logic late);
    error_of = !bad ? Good : late ? Overdue : Refused;
  endfunction

  // The status of a job whose data had this error.
  function automatic logic [7:0] status_of(logic [1:0] error, logic host);
    unique case (error)
      Refused: status_of = host ? tern_abi_pkg::StatusHostError : tern_abi_pkg::StatusMemError;
      Overdue: status_of = tern_abi_pkg::StatusWatchdog;
      Flipped: status_of = tern_abi_pkg::StatusParity;
      default: status_of = tern_abi_pkg::StatusOk;
    endcase
  endfunction

  // Two streams share a tile's rows: the first gets so many, whole words of 16 results.
  function automatic logic [15:0] first_rows(logic [15:0] rows);
    logic [15:0] half;
    half = (((rows + 16'd1) >> 1) + 16'd15) & ~16'd15;
    first_rows = half < rows ? half : rows;
  endfunction

  // Byte strobes of a job's last beat; 0 stands for a full one.
  function automatic logic [63:0] tail_mask(logic [5:0] bytes);
    tail_mask = (bytes == 6'd0) ? '1 : ~(64'hffff_ffff_ffff_ffff << bytes);
  endfunction

  // Bit j of byte i goes to bit i of byte j. Wires only; written in three steps of masks and
  // shifts because a simulator does these on whole words.
  function automatic logic [63:0] transpose8(logic [63:0] in);
    logic [63:0] a;
    logic [63:0] b;
    a = (in & 64'hAA55_AA55_AA55_AA55) | ((in & 64'h00AA_00AA_00AA_00AA) << 7) |
        ((in >> 7) & 64'h00AA_00AA_00AA_00AA);
    b = (a & 64'hCCCC_3333_CCCC_3333) | ((a & 64'h0000_CCCC_0000_CCCC) << 14) |
        ((a >> 14) & 64'h0000_CCCC_0000_CCCC);
    transpose8 = (b & 64'hF0F0_F0F0_0F0F_0F0F) | ((b & 64'h0000_0000_F0F0_F0F0) << 28) |
        ((b >> 28) & 64'h0000_0000_F0F0_F0F0);
  endfunction

  // 64 bytes as 8 planes of 64 bits: bit p of byte i goes to bit i of plane p.
  function automatic logic [511:0] to_planes(logic [511:0] bytes);
    logic [63:0]  group;
    logic [511:0] planes;
    planes = '0;
    for (int unsigned g = 0; g < 8; g++) begin
      group = transpose8(bytes[g*64+:64]);
      for (int unsigned p = 0; p < 8; p++) planes[p*64+g*8+:8] = group[p*8+:8];
    end
    to_planes = planes;
  endfunction

endpackage
