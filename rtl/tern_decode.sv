// SPDX-License-Identifier: Apache-2.0

// Checks everything that can be wrong with a command before any of it is done: opcode, fields,
// alignment, then for each operand that its last byte lies inside its space.

module tern_decode #(
  parameter int unsigned Queues = 8
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [63:0]               mem_size_i,

  input  logic                      cmd_valid_i,
  output logic                      cmd_ready_o,
  input  logic [511:0]              cmd_i,
  input  logic [$clog2(Queues)-1:0] queue_i,

  output logic                      job_valid_o,    // -> execution
  input  logic                      job_ready_i,
  output logic [511:0]              job_o,          // the command, as it was
  output logic [$clog2(Queues)-1:0] job_queue_o,
  output logic [7:0]                job_status_o,   // StatusOk: it may be done
  output logic [26:0]               job_row_beats_o,  // GEMM: beats of a row of W
  // One past the last byte of an operand that the command has, else 0. 2^64 is all ones.
  output logic [63:0]               job_src_end_o,
  output logic [63:0]               job_dst_end_o,
  output logic [63:0]               job_w_end_o,

  output logic                      busy_o
);

  // Operands in the order in which they are checked.
  localparam logic [1:0] OperandSrc = 2'd0;
  localparam logic [1:0] OperandDst = 2'd1;
  localparam logic [1:0] OperandWeights = 2'd2;

  typedef enum logic [2:0] {StIdle, StFields, StMultiply, StSum, StRange, StReady} state_e;

  state_e                    state_q;
  logic [511:0]              cmd_q;
  logic [$clog2(Queues)-1:0] queue_q;
  logic [7:0]                status_q;
  logic [1:0]                operand_q;
  logic [65:0]               sum_q;      // a byte past the operand's end; 66 bits never overflow
  logic [63:0]               src_end_q, dst_end_q, w_end_q;

  // ------------------------------------------------------------------ the command's fields
  logic [7:0]  opcode, src_space, dst_space, packing;
  logic [63:0] src, dst, weights, length;
  logic [31:0] n, k, t, src_stride, dst_stride;

  assign opcode = cmd_q[tern_abi_pkg::CommandOpcodeLsb+:8];
  assign src_space = cmd_q[tern_abi_pkg::CommandSrcSpaceLsb+:8];
  assign dst_space = cmd_q[tern_abi_pkg::CommandDstSpaceLsb+:8];
  assign packing = cmd_q[tern_abi_pkg::CommandPackingLsb+:8];
  assign src = cmd_q[tern_abi_pkg::CommandSrcLsb+:64];
  assign dst = cmd_q[tern_abi_pkg::CommandDstLsb+:64];
  assign weights = cmd_q[tern_abi_pkg::CommandWeightsLsb+:64];
  assign length = cmd_q[tern_abi_pkg::CommandLengthLsb+:64];
  assign n = cmd_q[tern_abi_pkg::CommandNLsb+:32];
  assign k = cmd_q[tern_abi_pkg::CommandKLsb+:32];
  assign t = cmd_q[tern_abi_pkg::CommandTLsb+:32];
  assign src_stride = cmd_q[tern_abi_pkg::CommandSrcStrideLsb+:32];
  assign dst_stride = cmd_q[tern_abi_pkg::CommandDstStrideLsb+:32];

  logic is_copy, is_fill, is_gemm;
  assign is_copy = opcode == tern_abi_pkg::OpCopy;
  assign is_fill = opcode == tern_abi_pkg::OpFill;
  assign is_gemm = opcode == tern_abi_pkg::OpGemm;

  logic is_b5;
  assign is_b5 = packing == tern_abi_pkg::PackingB5;

  // ------------------------------------------------------------------ fields and alignment
  logic [7:0] fields_status;
  logic       bad_field, misaligned;

  always_comb begin
    bad_field = 1'b0;
    misaligned = 1'b0;
    fields_status = tern_abi_pkg::StatusOk;
    if (state_q == StFields) begin
      unique case (opcode)
        tern_abi_pkg::OpNop: bad_field = (cmd_q & ~tern_abi_pkg::CommandMaskNop) != '0;
        tern_abi_pkg::OpBarrier: bad_field = (cmd_q & ~tern_abi_pkg::CommandMaskBarrier) != '0;
        tern_abi_pkg::OpCopy: begin
          bad_field = (cmd_q & ~tern_abi_pkg::CommandMaskCopy) != '0 || length == '0 ||
              src_space > tern_abi_pkg::SpaceHost || dst_space > tern_abi_pkg::SpaceHost;
          misaligned = src[5:0] != '0 || dst[5:0] != '0;
        end
        tern_abi_pkg::OpFill: begin
          bad_field = (cmd_q & ~tern_abi_pkg::CommandMaskFill) != '0 || length == '0 ||
              length[1:0] != '0 || dst_space > tern_abi_pkg::SpaceHost;
          misaligned = dst[5:0] != '0;
        end
        tern_abi_pkg::OpGemm: begin
          bad_field = (cmd_q & ~tern_abi_pkg::CommandMaskGemm) != '0 || n == '0 || k == '0 ||
              t == '0 || src_space > tern_abi_pkg::SpaceHost ||
              dst_space > tern_abi_pkg::SpaceHost || (packing != tern_abi_pkg::PackingP2 && !is_b5) ||
              src_stride < k || {2'b00, dst_stride} < {n, 2'b00};
          misaligned = src[5:0] != '0 || dst[5:0] != '0 || weights[5:0] != '0 ||
              src_stride[5:0] != '0 || dst_stride[5:0] != '0;
        end
        default: fields_status = tern_abi_pkg::StatusBadOpcode;
      endcase
      if (bad_field) fields_status = tern_abi_pkg::StatusBadField;
      else if (misaligned) fields_status = tern_abi_pkg::StatusMisaligned;
    end
  end

  // ------------------------------------------------------------------ beats of a row of W
  // k / 256, or k / 320 = k / 64 / 5, rounded up. The division goes on while X and Y are checked.
  logic [32:0] row_round;
  logic [26:0] chunks_round, fifth, row_beats;
  logic        div_start, div_done;
  assign row_round = {1'b0, k} + 33'd255;
  assign chunks_round = 27'(({1'b0, k} + 33'd63) >> 6) + 27'd4;
  assign row_beats = is_b5 ? fifth : {2'd0, row_round[32:8]};
  assign div_start = state_q == StFields && is_gemm && is_b5;

  tern_div5 u_div (
    .clk_i,
    .rst_ni,
    .start_i   (div_start),
    .x_i       (chunks_round),
    .done_o    (div_done),
    .quotient_o(fifth)
  );

  // ------------------------------------------------------------------ ranges
  // end of an operand = base + rows * stride + tail
  logic [63:0] base, product, rows_bytes;
  logic [31:0] mul_a, mul_b;
  logic [63:0] tail;
  logic [1:0]  next_operand;
  logic        in_mem, mul_start, mul_done, past_end, last_operand;

  always_comb begin
    base = '0;
    tail = '0;
    in_mem = 1'b1;
    if (state_q == StMultiply || state_q == StRange) begin
      unique case (operand_q)
        OperandSrc: begin
          base = src;
          in_mem = src_space == tern_abi_pkg::SpaceMem;
          // X is read in whole beats.
          tail = is_gemm ? {31'd0, {1'b0, k} + 33'd63} & ~64'd63 : length;
        end
        OperandDst: begin
          base = dst;
          in_mem = dst_space == tern_abi_pkg::SpaceMem;
          tail = is_gemm ? {30'd0, n, 2'b00} : length;
        end
        default: base = weights;
      endcase
    end
  end

  // An operand's multiplication begins while the one before it is compared.
  assign next_operand = state_q == StFields ? (is_fill ? OperandDst : OperandSrc) :
      operand_q + 2'd1;
  assign mul_start = state_q == StFields || state_q == StRange;

  always_comb begin
    mul_a = '0;
    mul_b = '0;
    if (mul_start && is_gemm) begin
      unique case (next_operand)
        OperandSrc: begin
          mul_a = src_stride;
          mul_b = t - 32'd1;
        end
        OperandDst: begin
          mul_a = dst_stride;
          mul_b = t - 32'd1;
        end
        default: begin
          mul_a = n;
          mul_b = {5'd0, row_beats};
        end
      endcase
    end
  end

  tern_serial_mul u_mul (
    .clk_i,
    .rst_ni,
    .start_i  (mul_start),
    .a_i      (mul_a),
    .b_i      (mul_b),
    .done_o   (mul_done),
    .product_o(product)
  );

  assign rows_bytes = operand_q == OperandWeights ? {product[57:0], 6'd0} : product;

  logic [65:0] limit;
  logic [63:0] operand_end;
  logic        waits;        // for the beats of a row
  assign limit = in_mem ? {2'b00, mem_size_i} : {2'b01, 64'd0};
  assign past_end = sum_q > limit;
  assign operand_end = sum_q[65:64] != '0 ? '1 : sum_q[63:0];
  assign last_operand = operand_q == OperandWeights || (operand_q == OperandDst && !is_gemm);
  assign waits = operand_q == OperandDst && is_gemm && is_b5 && !div_done;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      queue_q <= '0;
      status_q <= tern_abi_pkg::StatusOk;
      operand_q <= OperandSrc;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (cmd_valid_i) begin
            queue_q <= queue_i;
            state_q <= StFields;
          end
        end
        StFields: begin
          status_q <= fields_status;
          operand_q <= next_operand;
          state_q <= (fields_status == tern_abi_pkg::StatusOk && (is_copy || is_fill || is_gemm)) ?
              StMultiply : StReady;
        end
        StMultiply: if (mul_done) state_q <= StSum;
        StSum: state_q <= StRange;
        StRange: begin
          if (past_end) status_q <= tern_abi_pkg::StatusRange;
          if (past_end || last_operand) begin
            state_q <= StReady;
          end else if (!waits) begin
            operand_q <= next_operand;
            state_q <= StMultiply;
          end
        end
        StReady: if (job_ready_i) state_q <= StIdle;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle && cmd_valid_i) cmd_q <= cmd_i;
    if (state_q == StMultiply) sum_q <= {2'b00, base} + {2'b00, tail};
    if (state_q == StSum) begin
      sum_q <= sum_q + {2'b00, rows_bytes};
    end
    if (state_q == StIdle) begin
      src_end_q <= '0;
      dst_end_q <= '0;
      w_end_q <= '0;
    end else if (state_q == StRange) begin
      if (operand_q == OperandSrc) src_end_q <= operand_end;
      if (operand_q == OperandDst) dst_end_q <= operand_end;
      if (operand_q == OperandWeights) w_end_q <= operand_end;
    end
  end

  assign cmd_ready_o = state_q == StIdle;
  assign job_valid_o = state_q == StReady;
  assign job_o = cmd_q;
  assign job_queue_o = queue_q;
  assign job_status_o = status_q;
  assign job_row_beats_o = row_beats;
  assign job_src_end_o = src_end_q;
  assign job_dst_end_o = dst_end_q;
  assign job_w_end_o = w_end_q;
  assign busy_o = state_q != StIdle;

endmodule
