// SPDX-License-Identifier: Apache-2.0

// tern_fifo with its assertions, without the rest that rtl/sva/tern_bind.sv binds.
bind tern_fifo tern_fifo_sva #(.Depth(Depth)) u_sva (.*);
