import { expect, it } from 'vitest';
import { asItIs, decoded } from './parts.ts';

it.each(['inv:2026:7', 'ref:C-1002', 'a/b', '100%', '%3A', '100%/?#', 'וו', 'plain'])('reads back %j', (id) => {
  const path = `/customers/${encodeURIComponent(id)}`;
  expect(decodeURI(asItIs(path))).toBe(path); // as the router decodes it
  expect(decoded(encodeURIComponent(id))).toBe(id);
});

it.each(['%', '%E0%A4%A', 'ref:100%'])('leaves %j, which no address holds, as it stands', (part) => {
  expect(decoded(part)).toBe(part);
});
