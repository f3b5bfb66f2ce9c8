/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exp, log, sin and cos with the same bits on every machine: only +, -, * and /
 * of IEEE doubles in a written order (this folder is compiled without contraction
 * to fused multiply-add). libm picks other code by the CPU, and other bits.
 *
 * Errors against the true value, tested in tests/unit/rt_math_test.c:
 *   fixed_exp   2 ulp        for -700 <= x <= 700; 0 below, infinity above
 *   fixed_log   2 ulp        for normal x > 0
 *   fixed_sin, fixed_cos     2.3e-16 absolute, for |x| <= 2^20
 */
#ifndef RUNTIME_FIXED_MATH_H
#define RUNTIME_FIXED_MATH_H

double fixed_exp(double x);
double fixed_log(double x);
double fixed_sin(double x);
double fixed_cos(double x);

#endif /* RUNTIME_FIXED_MATH_H */
