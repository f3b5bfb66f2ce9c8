// SPDX-License-Identifier: Apache-2.0
/* tern_rr_arb: serves who asks, and everybody who asks within N grants. */
#include "Vunit_rr_arb.h"
#include "unit.h"

static const unsigned REQUESTS = 8;

int main()
{
	Unit<Vunit_rr_arb> arb;
	std::mt19937 rng(2);
	Finding found;
	Tap tap;

	arb->request_i = 0;
	arb->serve_i = 0;
	arb.reset();

	/* Every set of requests after every one served last, against the plain definition. */
	for (unsigned last = 0; last < REQUESTS; last++) {
		for (unsigned set = 0; set < 1u << REQUESTS; set++) {
			arb->request_i = 1u << last;
			arb->serve_i = 1;
			arb.step();
			arb->serve_i = 0;
			arb->request_i = set;
			arb.settle();
			unsigned want = 0;
			for (unsigned i = 1; set && i <= REQUESTS; i++) {
				want = (last + i) % REQUESTS;
				if (set >> want & 1)
					break;
			}
			found.expect(arb->valid_o == (set != 0), "valid %d for %02x", arb->valid_o, set);
			found.expect(!set || arb->index_o == want, "after %u, %02x: %u, not %u", last,
				     set, arb->index_o, want);
		}
	}
	found.report(tap, "the first request after the last one served, for all sets");

	/* A request once made stays; others come and go; service pauses at random. */
	unsigned waited[REQUESTS] = {};
	uint64_t grants[REQUESTS] = {};
	unsigned set = 0;
	for (unsigned i = 0; i < 50000; i++) {
		set |= rng() & rng() & 0xff;
		arb->request_i = set;
		arb->serve_i = rng() % 3 != 0;
		arb.settle();
		unsigned served = arb->valid_o && arb->serve_i ? arb->index_o : REQUESTS;
		found.expect(served == REQUESTS || (set >> served & 1), "served %u of %02x", served, set);
		arb.step();
		if (served == REQUESTS)
			continue;
		for (unsigned r = 0; r < REQUESTS; r++) {
			waited[r] = r == served || !(set >> r & 1) ? 0 : waited[r] + 1;
			found.expect(waited[r] < REQUESTS, "%u waited for %u grants", r, waited[r]);
		}
		grants[served]++;
		set &= ~(1u << served);
	}
	found.report(tap, "everybody is served within 8 grants");
	for (unsigned r = 0; r < REQUESTS; r++)
		found.expect(grants[r] > 1000, "%u was served %llu times", r,
			     (unsigned long long)grants[r]);
	found.report(tap, "and often");
	return tap.end();
}
