// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "fixed_math.h"

/* ln 2 and pi/2 in parts: the high ones end in zeros, so that n * part is exact. */
#define LN2_HIGH	0x1.62e42fee00000p-1
#define LN2_LOW		0x1.a39ef35793c76p-33
#define PIO2_1		0x1.921fb54400000p+0
#define PIO2_2		0x1.0b4611a600000p-34
#define PIO2_3		0x1.3198a2e037073p-69

static uint64_t bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static double of_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* The nearest integer, half to even, for |x| < 2^51. */
static double nearest(double x)
{
	const double shift = 0x1.8p52;

	return (x + shift) - shift;
}

double fixed_exp(double x)
{
	double n;
	double r;
	double sum = 1.0;
	int i;

	if (!(x > -700.0))
		return x < 0.0 ? 0.0 : x;	/* a NaN stays one */
	if (x > 700.0)
		return HUGE_VAL;
	n = nearest(x * 0x1.71547652b82fep+0);
	r = (x - n * LN2_HIGH) - n * LN2_LOW;
	/* Horner's scheme of the series; |r| < 0.35, so r^15 / 15! < 2e-19. */
	for (i = 14; i > 0; i--)
		sum = 1.0 + sum * r / i;
	return sum * of_bits((uint64_t)(1023 + (int64_t)n) << 52);
}

double fixed_log(double x)
{
	uint64_t bits = bits_of(x);
	int64_t exponent = (int64_t)(bits >> 52) - 1023;
	double m = of_bits((bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull);
	double s;
	double s2;
	double sum = 0.0;
	int i;

	if (m > 0x1.6a09e667f3bcdp+0) {		/* m in [sqrt(1/2), sqrt(2)] */
		m *= 0.5;
		exponent++;
	}
	/* log m = 2 atanh((m - 1) / (m + 1)); |s| < 0.172, so s^24 < 5e-19. */
	s = (m - 1.0) / (m + 1.0);
	s2 = s * s;
	for (i = 23; i >= 3; i -= 2)
		sum = sum * s2 + 1.0 / i;
	return exponent * LN2_HIGH + (2.0 * s + (2.0 * s * (s2 * sum) + exponent * LN2_LOW));
}

/* sin (odd series) and cos (even series) of |r| <= pi/4; next terms < 1e-19. */
static double series(double r, int first)
{
	double r2 = r * r;
	double sum = 1.0;
	int i;

	for (i = first + 18; i > first; i -= 2)
		sum = 1.0 - sum * r2 / ((double)i * (i - 1));
	return first ? r * sum : sum;
}

static double quarter(double x, int turn)
{
	double n = nearest(x * 0x1.45f306dc9c883p-1);
	double r = ((x - n * PIO2_1) - n * PIO2_2) - n * PIO2_3;
	int quadrant = (int)((int64_t)n + turn) & 3;
	double y = series(r, quadrant & 1 ? 0 : 1);

	return quadrant & 2 ? -y : y;
}

double fixed_sin(double x)
{
	return quarter(x, 0);
}

double fixed_cos(double x)
{
	return quarter(x, 1);
}
