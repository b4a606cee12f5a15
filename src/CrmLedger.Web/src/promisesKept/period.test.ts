import { expect, test } from 'vitest';
import { periodOf } from './period.ts';

test('a period ends with today and begins so many days before', () => {
  expect(periodOf('30d', '', '', '2026-03-01')).toEqual({ from: '2026-01-31', to: '2026-03-02' });
  expect(periodOf('90d', '', '', '2026-11-28')).toEqual({ from: '2026-08-31', to: '2026-11-29' });
  expect(periodOf('12m', '', '', '2026-11-28')).toEqual({ from: '2025-11-29', to: '2026-11-29' });
});

test('a quarter begins with its first month', () => {
  for (const [today, from] of [
    ['2026-01-01', '2026-01-01'],
    ['2026-06-30', '2026-04-01'],
    ['2026-12-31', '2026-10-01'],
  ]) {
    expect(periodOf('quarter', '', '', today!).from).toBe(from);
  }
});

test('a period of one’s own is taken where it is one, and passed over where not', () => {
  expect(periodOf('custom', '2026-01-01', '2026-02-01', '2026-11-28')).toEqual({
    from: '2026-01-01',
    to: '2026-02-01',
  });
  for (const [from, to] of [
    ['2026-02-01', '2026-01-01'],
    ['x', '2026-01-01'],
    ['2026-13-40', '2026-12-31'],
    ['', ''],
  ]) {
    expect(periodOf('custom', from!, to!, '2026-11-28')).toEqual(periodOf('90d', '', '', '2026-11-28'));
  }
});
