// SPDX-License-Identifier: Apache-2.0

// tern_unpack with its assertions, without the rest that rtl/sva/tern_bind.sv binds.
bind tern_unpack tern_unpack_sva u_sva (.*);
