import { expect, test } from 'vitest';
import { parseIonLine } from '../../src/services/samples/ion-line.ts';

/** As DynamoDB writes numbers into Ion, and as it writes them elsewhere. */
test.each([
  ['0.', '0'],
  ['103.', '103'],
  ['6d2', '600'],
  ['179d10', '1790000000000'],
  ['179000000007d1', '1790000000070'],
  ['1.5', '1.5'],
  ['-2d3', '-2000'],
  ['1d-7', '0.0000001'],
  ['-1.25d-3', '-0.00125'],
  ['12345678901234567890123456789012345678.', '12345678901234567890123456789012345678'],
  ['1d40', `1${'0'.repeat(40)}`],
])('reads the number %s of a file in Ion as %s', async (ion, number) => {
  expect(await parseIonLine(`$ion_1_0 {Item:{n:${ion}}}`)).toEqual({ Item: { n: { N: number } } });
});
