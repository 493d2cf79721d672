import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameTerms, parcelName, type ShipTerms } from './shipment.ts';

test('a parcel is named after what it is for, its campaign and its round', () => {
  expect(parcelName('Dates to ISO', 'c-7f3a21', null)).toBe('dates-to-iso-c-7f3a21');
  expect(parcelName('Čísla & Größen!', 'c-7f3a21', 8)).toBe('c-i-sla-gro-en-c-7f3a21-r8');
  expect(parcelName('日本語', 'c-7f3a21', null)).toBe('model-c-7f3a21');
});

test('whatever people call it, every target takes the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.option(fc.nat(9999)), (title, round) => {
      expect(parcelName(title, 'c-7f3a21', round)).toMatch(/^[a-z0-9](?:-?[a-z0-9])*$/);
      expect(parcelName(title, 'c-7f3a21', round).length).toBeLessThanOrEqual(90);
    }),
  );
});

test('a yes is one to nothing that differs in any way', () => {
  const terms: ShipTerms = { kind: 'hub', place: 'hub/acme/x', visibility: 'private', license: null };
  expect(isSameTerms(terms, { ...terms })).toBe(true);
  const others: Partial<ShipTerms>[] = [
    ...[
      { kind: 'folder' } as const,
      { place: 'hub/acme/y' },
      { visibility: 'public' } as const,
      { license: 'mit' },
    ],
  ];
  for (const other of others)
    expect(isSameTerms(terms, { ...terms, ...other }), JSON.stringify(other)).toBe(false);
});
