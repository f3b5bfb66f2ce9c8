// SPDX-License-Identifier: Apache-2.0

// The device's counters, 64 bits: at a gigahertz they would run for 585 years. A tile's share is
// added when the tile ends.

module tern_totals (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        end_valid_i,
  input  logic [31:0] end_cycles_i,
  input  logic [31:0] end_array_i,
  input  logic [31:0] end_stall_weights_i,
  input  logic [31:0] end_stall_activations_i,
  input  logic [31:0] end_stall_results_i,
  input  logic        idle_cycle_i,     // a cycle without a tile
  input  logic [9:0]  mem_read_i,       // beats that are asked for now
  input  logic        mem_written_i,
  input  logic [9:0]  host_read_i,
  input  logic        host_written_i,
  input  logic        job_i,

  output logic [63:0] cycles_o,
  output logic [63:0] array_o,
  output logic [63:0] stall_weights_o,
  output logic [63:0] stall_activations_o,
  output logic [63:0] stall_results_o,
  output logic [63:0] mem_read_o,
  output logic [63:0] mem_written_o,
  output logic [63:0] host_read_o,
  output logic [63:0] host_written_o,
  output logic [63:0] jobs_o
);

  logic [63:0] cycles_q, array_q, stall_weights_q, stall_activations_q, stall_results_q;
  logic [63:0] mem_read_q, mem_written_q, host_read_q, host_written_q, jobs_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycles_q <= '0;
      array_q <= '0;
      stall_weights_q <= '0;
      stall_activations_q <= '0;
      stall_results_q <= '0;
      mem_read_q <= '0;
      mem_written_q <= '0;
      host_read_q <= '0;
      host_written_q <= '0;
      jobs_q <= '0;
    end else begin
      if (end_valid_i || idle_cycle_i) begin
        cycles_q <= cycles_q + (end_valid_i ? {32'd0, end_cycles_i} : '0) + 64'(idle_cycle_i);
      end
      if (end_valid_i) begin
        array_q <= array_q + {32'd0, end_array_i};
        stall_weights_q <= stall_weights_q + {32'd0, end_stall_weights_i};
        stall_activations_q <= stall_activations_q + {32'd0, end_stall_activations_i};
        stall_results_q <= stall_results_q + {32'd0, end_stall_results_i};
      end
      if (mem_read_i != '0) mem_read_q <= mem_read_q + {54'd0, mem_read_i};
      if (mem_written_i) mem_written_q <= mem_written_q + 64'd1;
      if (host_read_i != '0) host_read_q <= host_read_q + {54'd0, host_read_i};
      if (host_written_i) host_written_q <= host_written_q + 64'd1;
      if (job_i) jobs_q <= jobs_q + 64'd1;
    end
  end

  assign cycles_o = cycles_q;
  assign array_o = array_q;
  assign stall_weights_o = stall_weights_q;
  assign stall_activations_o = stall_activations_q;
  assign stall_results_o = stall_results_q;
  assign mem_read_o = mem_read_q;
  assign mem_written_o = mem_written_q;
  assign host_read_o = host_read_q;
  assign host_written_o = host_written_q;
  assign jobs_o = jobs_q;

endmodule
