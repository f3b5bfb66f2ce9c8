// SPDX-License-Identifier: Apache-2.0

// Beats of weights -> groups of 256 trits, for one stream. A beat of P2 is a group and passes as it
// is. Beats of B5 hold 320 trits: what a group leaves over begins the next one, so four beats make
// five groups, one a cycle while beats come. A row begins with a beat of its own, and what its last
// group leaves over is dropped; trits past its last beat are 0. As a row of k trits has ceil(k / 320)
// beats and ceil(k / 256) groups, its last group takes its last beat, or what that left over.

module tern_unpack (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,       // as after reset: the next group begins a row

  // Of the tile, steady while its groups are taken.
  input  logic         b5_i,
  input  logic [6:0]   words_last_i,  // groups of a row, less one
  input  logic [6:0]   beats_last_i,  // beats of a row, less one (B5)

  input  logic         valid_i,
  input  logic [511:0] data_i,
  output logic         read_o,

  output logic         valid_o,
  output logic [255:0] neg_o,
  output logic [255:0] nz_o,
  input  logic         read_i
);

  localparam int unsigned NegLsb = tern_abi_pkg::P2NegativeOffset * 8;
  localparam int unsigned NzLsb = tern_abi_pkg::P2NonzeroOffset * 8;

  // Groups since the last that began with a beat: 64 trits more are left over from each.
  logic [2:0]   phase_q;
  logic [255:0] left_neg_q, left_nz_q;   // left-over trits, the rest 0
  logic [6:0]   word_q, beat_q;          // of the row
  logic         spent_q;                 // the row has no more beats
  logic         wants_beat, last_word;
  logic [319:0] beat_neg, beat_nz;

  assign wants_beat = !b5_i || (phase_q != 3'd4 && !spent_q);
  assign valid_o = valid_i || !wants_beat;
  assign read_o = read_i && wants_beat;
  assign last_word = word_q == words_last_i;

  tern_b5 u_b5 (
    .en_i  (b5_i && wants_beat && valid_i),
    .beat_i(data_i),
    .neg_o (beat_neg),
    .nz_o  (beat_nz)
  );

  always_comb begin
    if (b5_i) begin
      neg_o = left_neg_q;
      nz_o = left_nz_q;
      unique case (phase_q)
        3'd0: begin
          neg_o = beat_neg[255:0];
          nz_o = beat_nz[255:0];
        end
        3'd1: begin
          neg_o[255:64] = beat_neg[191:0];
          nz_o[255:64] = beat_nz[191:0];
        end
        3'd2: begin
          neg_o[255:128] = beat_neg[127:0];
          nz_o[255:128] = beat_nz[127:0];
        end
        3'd3: begin
          neg_o[255:192] = beat_neg[63:0];
          nz_o[255:192] = beat_nz[63:0];
        end
        default: ;
      endcase
    end else begin
      neg_o = data_i[NegLsb+:256];
      nz_o = data_i[NzLsb+:256];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      phase_q <= '0;
      word_q <= '0;
      beat_q <= '0;
      spent_q <= 1'b0;
    end else if (clear_i) begin
      phase_q <= '0;
      word_q <= '0;
      beat_q <= '0;
      spent_q <= 1'b0;
    end else if (read_i && b5_i) begin
      if (last_word) begin
        phase_q <= '0;
        word_q <= '0;
        beat_q <= '0;
        spent_q <= 1'b0;
      end else begin
        phase_q <= phase_q == 3'd4 ? '0 : phase_q + 3'd1;
        word_q <= word_q + 7'd1;
        if (wants_beat) begin
          beat_q <= beat_q + 7'd1;
          spent_q <= beat_q == beats_last_i;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (read_i && b5_i) begin
      unique case (phase_q)
        3'd0: begin
          left_neg_q <= {192'd0, beat_neg[319:256]};
          left_nz_q <= {192'd0, beat_nz[319:256]};
        end
        3'd1: begin
          left_neg_q <= {128'd0, beat_neg[319:192]};
          left_nz_q <= {128'd0, beat_nz[319:192]};
        end
        3'd2: begin
          left_neg_q <= {64'd0, beat_neg[319:128]};
          left_nz_q <= {64'd0, beat_nz[319:128]};
        end
        3'd3: begin
          left_neg_q <= beat_neg[319:64];
          left_nz_q <= beat_nz[319:64];
        end
        default: ;
      endcase
    end
  end

endmodule
