/**
 * For JSON.stringify: leaves out what a filter compares with. That is content of items, and nothing is ever taken out of
 * the audit, so it is not let in.
 */
export const withoutValues = (name: string, value: unknown): unknown =>
  name === 'expressionAttributeValues' && value ? 'not recorded' : value;
