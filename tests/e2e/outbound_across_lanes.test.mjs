// Outbound Workers in one lane, the user Workers that they take requests from in another.
process.env.ATOLL_TEST_TRUST_GROUP = '1';
await import('./outbound.test.mjs');
